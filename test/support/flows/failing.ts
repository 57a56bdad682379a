import { defineFlow, type Implementation, implementFlow } from "../../../mod.ts";

/** A flow whose first job fails. */
const failing: Implementation = implementFlow(defineFlow("order", ["charge", "ship"]), {
  charge: () => Promise.reject(new Error("the card was declined")),
  ship: async () => {},
});
export default failing;
