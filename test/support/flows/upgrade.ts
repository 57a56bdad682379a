import {
  defineFlow,
  type Flow,
  type Handlers,
  type Implementation,
  implementFlow,
  type Job,
  RetryAfterError,
} from "../../../mod.ts";

/** What holds an order up, as its input says: its job takes long, or is to be tried again later. */
export interface Held {
  readonly by?: "work" | "failure" | "poll";
  /** How long, in milliseconds. */
  readonly ms?: number;
}

/** How long what is held up takes where nothing is said, in milliseconds. */
const LONG = 2_000;

/** Only the first attempt is held up. */
const heldBy = ({ input, attempt }: Job): Held => attempt === 1 && input ? input as Held : {};
const job = async () => {};
const charge = async (told: Job) => {
  const { by, ms = LONG } = heldBy(told);
  const { signal } = told;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, by === "work" ? ms : 0);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
};
const ship = async (told: Job) => {
  const { by } = heldBy(told);
  if (by === "failure") throw new Error("no van");
  if (by === "poll") throw new RetryAfterError(LONG);
};

const first = { charge: { next: "cool" }, cool: { after: 1_000, next: "approve" } } as const;
const last = { ship: { next: "notify", retry: { initial: 2 * LONG } }, notify: {} } as const;
const handlers: Handlers = { charge, ship, notify: job };

const before: Flow = defineFlow("order", {
  start: "charge",
  jobs: { ...first, approve: { waitFor: "signal", on: { yes: "ship" } }, ...last },
});
const after: Flow = defineFlow("order", {
  start: "charge",
  jobs: { ...first, approve: { waitFor: "signal", on: { yes: "pack" } }, pack: { next: "ship" }, ...last },
});

/** As it was. */
export const old: Implementation = implementFlow(before, handlers);

/** Something is packed now, before it is shipped. */
export const now: Implementation = implementFlow(after, { ...handlers, pack: job });
