import type { Implementation } from "../../../mod.ts";
import { now, old } from "./upgrade.ts";

/** What runs after it: the old graph stays until its last flow is over. */
const implementations: readonly Implementation[] = [now, old];
export default implementations;
