/** The flows of the soak on a genuine server: a module for --flow. A minute of theirs is six seconds. */
import type { PartialImplementation } from "crd-watcher";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { createTrade, type Trade } from "./trade.ts";

/** Their trade. */
export const trade: Trade = createTrade(systemClock, 6_000);
const implementations: readonly PartialImplementation[] = trade.implementations;
export default implementations;
