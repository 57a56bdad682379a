import { defineFlow, type Implementation, implementFlow } from "../../../mod.ts";

/** What a terminal would take for orders, and what would forge a line. */
export const NASTY = "declined \u001b[2J\u009b31m\nSucceeded, 6 transitions\r\u202e";

/** A flow whose job fails with words that mean harm. */
const nasty: Implementation = implementFlow(defineFlow("order", ["charge"]), {
  charge: () => Promise.reject(new Error(NASTY)),
});
export default nasty;
