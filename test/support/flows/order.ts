import { type Implementation, implementFlow } from "../../../mod.ts";
import { good, order } from "../orders.ts";

/** An order that somebody must approve, as a module for --flow. */
const implementation: Implementation<typeof order> = implementFlow(order, good);
export default implementation;
