import type { FlowResult, RequestOf } from "../../flow/flow-result.ts";
import type { InputMember, JobName, OutcomeOf, OutputGiven, SignalledJob } from "../../flow/handler.ts";
import type { Flow } from "../../flow/plan.ts";
import type { TestedFlow } from "../flow-test.ts";
import type { CheckWorld } from "./world.ts";

/** What people say when a job waits for them. */
export interface Answers<F extends Flow = Flow, J extends JobName<F> = JobName<F>> {
  /** The outcomes that they give. @default {All that the job's `on` names} */
  readonly outcomes?: readonly OutcomeOf<F, J>[];
  /** What comes with it. @default {Nothing} */
  readonly data?: OutputGiven<F, J>;
  /** Somebody always answers, and in time: a wait without a timeout is no finding then. @default {false} */
  readonly always?: boolean;
}

/** What is known of the people around a flow, whatever its types. */
export interface People {
  /** What they say, by job. */
  readonly signals?: { readonly [job: string]: Pick<Answers, "outcomes" | "always"> & { readonly data?: unknown } };
  /** Whether somebody looks after parked flows. */
  readonly operator?: boolean;
}

/** How a flow has ended, and its request. */
export interface Finished<F extends Flow = Flow> extends FlowResult<F> {
  /** As it is at its end. */
  readonly request: RequestOf<F>;
}

/** What a check is about, in one world. */
export type CheckedFlow<F extends Flow = Flow> = {
  /** What is checked, as `implementFlow` gives it; what its handlers call must be mocks. */
  readonly implementation: TestedFlow<F>;
  /** What people say, by job that waits for a signal. @default {Any outcome, with no data} */
  readonly signals?: { readonly [J in SignalledJob<F> & JobName<F>]?: Answers<F, J> };
  /**
   * Somebody looks after parked flows: that one can be parked is no finding then. A check retries what is parked once, and cancels it the
   * second time, in either case. @default {false}
   */
  readonly operator?: boolean;
  /** CustomResourceDefinitions that handlers need, parsed, beside the one of RequestStates. @default {None} */
  readonly crds?: readonly object[];
  /**
   * Is asked once the flow is over and all its handlers have ended: what must be so then, whatever went wrong. It may throw, too.
   *
   * @returns What is wrong, as a sentence; undefined where nothing is.
   */
  readonly check?: (finished: Finished<F>) => string | undefined | void | Promise<string | undefined | void>;
} & InputMember<F>;

/** Makes what is checked, and its mocks. Is called anew for each flow that is run: nothing of it may be left from the one before. */
export type CheckSetup<F extends Flow = Flow> = (world: CheckWorld) => CheckedFlow<F> | Promise<CheckedFlow<F>>;
