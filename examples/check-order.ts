/**
 * A check of an order whose bank is given no key, so that it may charge twice; then the same with a key:
 * `npx tsx examples/check-order.ts`, `npx deno run -P examples/check-order.ts`.
 */
import { defineFlow, implementFlow } from "crd-watcher";
import { checkFlow, type CheckWorld } from "crd-watcher/testing";

const order = defineFlow("order", {
  start: "charge",
  jobs: { charge: { on: { paid: "ship", declined: "notify" } }, ship: { next: "notify" }, notify: {} },
});

/** The bank and the post as they are mocked: anew for each flow that is run. */
const setup = (withKey: boolean) => (world: CheckWorld) => {
  const bank = (key?: string) => world.effect("charge", key);
  const post = (what: string, key: string) => world.effect(what, key);
  return {
    implementation: implementFlow(order, {
      async charge({ idempotencyKey }) {
        await bank(withKey ? idempotencyKey : undefined);
        return { outcome: world.pick(["paid", "declined"]) };
      },
      ship: async ({ idempotencyKey }) => void await post("parcel", idempotencyKey),
      notify: async ({ idempotencyKey }) => void await post("mail", idempotencyKey),
    }),
  };
};

const broken = await checkFlow(setup(false), { seeds: 10, report: true });
for (const { kind, job, seed, acts, schedule } of broken.findings) {
  console.log(`${kind}: job ${job} is not idempotent, as seed ${seed} with acts ${JSON.stringify(acts)} shows`);
  for (const line of schedule) console.log(line);
}
const mended = await checkFlow(setup(true), { seeds: 20 }); // throws where something is found
console.log(mended.text());
