import type { Implementation } from "../../../mod.ts";
import { old } from "./upgrade.ts";

/** What runs before the upgrade. */
const implementation: Implementation = old;
export default implementation;
