import { defineFlow, type Implementation, implementFlow } from "../../../mod.ts";

const job = async () => {};
const pack = async () => ({ output: "packed" });

/** An upgrade: the new graph, the one before it, and another flow. */
const several: readonly Implementation[] = [
  implementFlow(defineFlow("order", ["charge", "pack", "ship"]), { charge: job, pack, ship: job }),
  implementFlow(defineFlow("order", ["charge", "ship"]), { charge: job, ship: job }),
  implementFlow(defineFlow("refund", ["pay"]), { pay: job }),
];
export default several;
