import { createOrders } from "../support/orders.ts";
import { runKeySuite } from "../support/key-suite.ts";

runKeySuite("scenario: one key, one flow", async () => ({ options: createOrders().options, close: async () => {} }));
