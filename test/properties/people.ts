import {
  cancelFlow,
  isOver,
  REQUEST_STATES,
  type RequestState,
  resumeFlow,
  retryFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { isParked } from "../../src/request-state.ts";
import type { Dice } from "../../src/testing/dice.ts";
import { REQUESTS } from "../support/scenario.ts";
import { flowOf, type Setting } from "./setting.ts";

/** Those who start flows, and change their minds. */
export class People {
  readonly #setting: Setting;
  /** What they have deleted, by uid. */
  readonly deleted: Set<string> = new Set();
  #begun = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Does something as a person, who may come too late. */
  #ask(what: string, asked: Promise<unknown>): void {
    const { say, blame } = this.#setting;
    say(what);
    asked.catch((error: Error) => {
      if (error.name !== "RequestStateError") blame(`people: ${what}: ${error.stack}`);
      say(`${what}: refused: ${error.message}`);
    });
  }

  begin(dice: Dice): void {
    const { size, flows, epoch, now, options } = this.#setting;
    if (this.#begun === size.requests[1]) return;
    const flow = dice.pick(flows);
    const story = `r${this.#begun++}`;
    this.#ask(
      `start of ${story}, ${flow.name}`,
      startFlow(flow, {
        labels: { story },
        annotations: { "example.com/kept": "as it is" },
        ...dice.chance(0.2) && { notBefore: epoch + now() + dice.between(-5_000, 30_000 * size.pace) },
        ...dice.chance(0.3) && { input: { nothing: null } },
      }, options),
    );
  }

  /** The storage was put back: what was begun since then never was, and is begun again. */
  forget(dice: Dice): void {
    this.#begun = this.#setting.witness.present().length;
    if (this.#begun === 0) this.begin(dice);
  }

  #one(dice: Dice, fits: (request: RequestState) => boolean = () => true): RequestState | undefined {
    const fitting = this.#setting.witness.present().filter((request) => !isOver(request) && fits(request));
    return fitting.length > 0 ? dice.pick(fitting) : undefined;
  }

  wish(dice: Dice): void {
    const request = this.#one(dice);
    if (!request) return;
    const { name } = request.metadata;
    if (isParked(request) && dice.chance(0.7)) return this.#ask(`retry of ${name}`, this.#retry(request));
    const suspended = request.spec.desiredState === "Suspended";
    const [what, act] = dice.chance(0.15)
      ? ["cancel", cancelFlow] as const
      : suspended
      ? ["resume", resumeFlow] as const
      : ["suspend", suspendFlow] as const;
    this.#ask(`${what} of ${name}`, act(request, this.#setting.options));
  }

  /** Where it was over meanwhile, a retry is another flow. */
  #retry(request: RequestState): Promise<unknown> {
    return retryFlow(request, { ...this.#setting.options, flow: flowOf(this.#setting, request) });
  }

  /** As kubectl does it: nobody checks the outcome. @param only The one that is meant, for the job at which it stands. */
  signal(dice: Dice, only?: RequestState): void {
    const { server, say, blame } = this.#setting;
    const plansOf = (request: RequestState) => flowOf(this.#setting, request).plans;
    const waits = (request: RequestState) => Object.values(plansOf(request)).some((plan) => plan.waits?.signal);
    const request = only ?? this.#one(dice, waits);
    if (!request) return;
    const plans = plansOf(request);
    const { name } = request.metadata;
    const job = only ? request.spec.job : dice.pick(Object.keys(plans).filter((job) => plans[job]!.waits?.signal));
    const outcomes = plans[job]!.outcomes;
    const isWrong = !only && dice.chance(0.1) && plans[job]!.timeout !== undefined;
    const outcome = isWrong ? "unheard-of" : outcomes.length > 0 ? dice.pick(outcomes) : undefined;
    const signal = { ...outcome !== undefined && { outcome }, data: { said: null }, by: "somebody" };
    say(`signal for ${job} of ${name}: ${JSON.stringify(signal)}`);
    const patch = { spec: { signals: { [job]: signal } } };
    server.merge(`${REQUESTS}/${name}`, patch).then(({ code, text }) => {
      if (![200, 404, 422].includes(code)) blame(`people: signal: ${text}`);
    });
  }

  delete(dice: Dice): void {
    const request = this.#one(dice);
    if (!request || dice.chance(0.5)) return;
    const { name, namespace, uid } = request.metadata;
    this.deleted.add(uid!);
    this.#ask(`deletion of ${name}`, this.#setting.options.cluster.delete(REQUEST_STATES, { name, namespace }));
  }

  /** What people do who want flows to end: resume, decide, retry or cancel. */
  help(dice: Dice): void {
    const { witness, options } = this.#setting;
    for (const request of witness.present()) {
      if (isOver(request)) continue;
      const { spec, metadata } = request;
      const plan = flowOf(this.#setting, request).plans[spec.job]!;
      if (spec.desiredState === "Suspended") this.#ask(`resume of ${metadata.name}`, resumeFlow(request, options));
      if (isParked(request) && spec.desiredState !== "Cancelled") this.#ask(`retry of ${metadata.name}`, this.#retry(request));
      if (spec.state === "REQUESTED" && plan.waits?.signal && !spec.signals?.[spec.job]) this.signal(dice, request);
    }
  }
}
