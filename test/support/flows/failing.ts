import { defineFlow, type Implementation, implementFlow, NeverRetryError } from "../../../mod.ts";

/** A flow whose first job fails. */
const failing: Implementation = implementFlow(defineFlow("order", ["charge", "ship"]), {
  charge: () => Promise.reject(new NeverRetryError("the card was declined")),
  ship: async () => {},
});
export default failing;
