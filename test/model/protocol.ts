/**
 * What can happen next: the rules of protocol.md, each as one small step of one process, of the network, or of what goes wrong.
 *
 * @module
 */
import { attemptOf, isOver } from "../../src/request-state.ts";
import { isHeldBy } from "../../src/flow/report.ts";
import { type Content, createContents, type MessageId, type Sender } from "./contents.ts";
import { ALL_GUARDS, type Guards } from "./guards.ts";
import { edgeFaults } from "./invariants.ts";
import { type Budget, type Call, type Director, last, type State, type Worker } from "./state.ts";

/** One thing that can happen. */
export interface Step {
  readonly name: string;
  readonly next: State;
  /** Invariants that it breaks, by their names in protocol.md. */
  readonly faults: readonly string[];
}

/** A world that can be explored. */
export interface Model {
  readonly first: State;
  steps(state: State): Step[];
  isOver(state: State): boolean;
  /** The last version, for people. */
  describe(state: State): string;
}

/** @param directors How many lead at once: election is economy, not safety. */
export function createModel(
  { guards = ALL_GUARDS, budget, workers = 2, directors = 1 }: {
    readonly guards?: Guards;
    readonly budget: Budget;
    readonly workers?: number;
    readonly directors?: number;
  },
): Model {
  const contents = createContents({ sameAttempt: !guards.attemptBump, anyClaim: !guards.claimId });
  const nameOf = (worker: number) => guards.ownIdentity ? `worker-${worker + 1}` : "worker";
  const senderOf = (worker: number): Sender => ({ by: nameOf(worker), sender: `${worker + 1}` });
  const idOf = (worker: number, count: number) => `${worker + 1}.${count}`;
  const isMine = (worker: number, { id, holderIdentity }: { id: string; holderIdentity: string }) =>
    guards.ownIdentity ? id.startsWith(`${worker + 1}.`) : holderIdentity === nameOf(worker);
  const current = (state: State): Content => state.versions[last(state)]!;
  const spent = (state: State, what: keyof Budget): Budget => ({ ...state.budget, [what]: state.budget[what] - 1 });

  const withWorker = (state: State, index: number, change: Partial<Worker>): State => ({
    ...state,
    workers: state.workers.map((worker, at) => at === index ? { ...worker, ...change } : worker),
  });
  const withDirector = (state: State, index: number, change: Partial<Director>): State => ({
    ...state,
    directors: state.directors.map((director, at) => at === index ? { ...director, ...change } : director),
  });
  const sent = (message: MessageId, again = false): Call => ({ message, phase: "sent", again });

  /** The server carries a write out, or refuses it. */
  function land(
    state: State,
    id: MessageId,
  ): { readonly next: State; readonly landed: boolean; readonly faults: readonly string[] } {
    const message = contents.message(id);
    const before = current(state);
    if (guards.version && message.base !== last(state)) return { next: state, landed: false, faults: [] };
    const after = contents.after(before, id);
    const faults = [...edgeFaults(contents.of(before), contents.of(after))];
    const claim = contents.of(before).status?.claim;
    if (message.kind === "report" || message.kind === "release") {
      const held = contents.of(before);
      if (held.spec.state === "STARTED" && claim?.id !== message.claim) {
        faults.push("I12: a result of a claim that does not stand");
      }
      if (held.spec.state === "STARTED" && claim?.id.split(".")[0] !== message.sender) faults.push("I6: ended by another worker");
      if (message.kind === "release" && state.budget.givenUp === budget.givenUp) {
        faults.push("I25: an attempt was lost to an answer");
      }
    }
    let next: State = { ...state, versions: [...state.versions, after] };
    if (message.kind === "verdict" && claim) {
      const holder = Number(claim.id.split(".")[0]) - 1;
      if (!state.workers[holder]!.lapsed) faults.push("I14: taken over although the lease of its holder never ran out");
    }
    if (message.kind === "claim") {
      const holder = Number(message.claim!.split(".")[0]) - 1;
      next = withWorker(next, holder, { lapsed: !state.workers[holder]!.fresh });
    }
    return { next, landed: true, faults };
  }

  /** The handler of a claim is begun. */
  function begin(
    state: State,
    index: number,
    claim: string,
    place: number,
  ): { readonly next: State; readonly faults: readonly string[] } {
    const faults: string[] = [];
    const version = state.versions.map((content) => contents.of(content)).find(({ status, spec }) =>
      spec.state === "STARTED" && status?.claim?.id === claim
    );
    if (!version) faults.push("I11: a handler without a durable claim");
    const request = version ?? contents.of(state.versions[place]!);
    const attempt = `${request.spec.job}/${attemptOf(request)}`;
    if (state.begun.includes(attempt)) faults.push(`I3: ${attempt} was begun twice`);
    const next = withWorker({ ...state, begun: [...state.begun, attempt].sort() }, index, {
      call: undefined,
      held: { claim, place },
      seen: Math.max(state.workers[index]!.seen, place),
    });
    return { next, faults };
  }

  /** What a worker does once it knows that its write took effect. */
  function won(
    state: State,
    index: number,
    id: MessageId,
    place: number,
  ): { readonly next: State; readonly faults: readonly string[] } {
    const { kind, claim } = contents.message(id);
    if (kind === "claim") {
      if (!guards.durable) return { next: withWorker(state, index, { call: undefined, seen: place }), faults: [] };
      return begin(state, index, claim!, place);
    }
    return { next: withWorker(state, index, { call: undefined, held: undefined, seen: place }), faults: [] };
  }

  function* stepsOfWorker(state: State, index: number): Generator<Step> {
    const worker = state.workers[index]!;
    const name = `worker ${index + 1}`;
    if (!worker.alive) {
      if (worker.fresh) {
        yield {
          name: `${name}: its lease runs out`,
          next: withWorker(state, index, { fresh: false, lapsed: true, everLapsed: true }),
          faults: [],
        };
      }
      return;
    }
    const { call, held } = worker;
    if (worker.fresh && state.budget.lapses > 0) {
      const next = {
        ...withWorker(state, index, { fresh: false, lapsed: true, everLapsed: true }),
        budget: spent(state, "lapses"),
      };
      yield { name: `${name}: it stands still until its lease has run out`, next, faults: [] };
    }
    if (!worker.fresh) {
      yield { name: `${name}: it renews its lease`, next: withWorker(state, index, { fresh: true }), faults: [] };
    }
    if (state.budget.crashes > 0) {
      const dead = withWorker(state, index, { alive: false, call: undefined, held: undefined });
      const next = { ...dead, budget: spent(state, "crashes") };
      yield { name: `${name}: it dies`, next, faults: [] };
      if (call?.phase === "sent") {
        yield {
          name: `${name}: it dies, its write may land`,
          next: { ...next, floating: [...next.floating, call.message].sort() },
          faults: [],
        };
      }
    }
    if (call) return yield* stepsOfCall(state, index, call, name);
    if (held) return yield* stepsOfHandler(state, index, name);
    for (let place = worker.seen; place <= last(state); place++) {
      const content = state.versions[place]!;
      const { spec, status } = contents.of(content);
      if (worker.fresh) {
        const count = worker.claims + 1;
        const message = contents.claim(content, place, senderOf(index), idOf(index, count));
        if (message !== undefined) {
          const asked = withWorker(state, index, { call: sent(message), claims: count, seen: place });
          const { next, faults } = guards.durable
            ? { next: asked, faults: [] }
            : { ...begin(asked, index, idOf(index, count), place) };
          yield {
            name: `${name}: it claims ${spec.job} at version ${place + 1}`,
            next: guards.durable ? next : withWorker(next, index, { call: sent(message) }),
            faults,
          };
        }
      }
      if (guards.recover && spec.state === "STARTED" && status?.claim && isMine(index, status.claim)) {
        const result = { state: "REQUESTED", reason: "Released" } as const;
        const message = contents.report(content, place, senderOf(index), status.claim.id, result, "release");
        if (message !== undefined) {
          const next = withWorker(state, index, { call: sent(message), seen: place });
          yield { name: `${name}: it gives ${spec.job} back, by which it runs nothing`, next, faults: [] };
        }
      }
    }
  }

  function* stepsOfHandler(state: State, index: number, name: string): Generator<Step> {
    const { held, seen } = state.workers[index]!;
    const from = Math.max(held!.place, seen);
    for (let place = from; place <= last(state); place++) {
      const content = state.versions[place]!;
      if (guards.claimId && !isHeldBy(contents.of(content), held!.claim)) {
        const next = withWorker(state, index, { held: undefined, seen: place });
        yield { name: `${name}: it sees that it has lost its job`, next, faults: [] };
        continue;
      }
      const results = [
        { what: "has done", result: { state: "COMPLETED" } as const, budget: state.budget },
        ...state.budget.failures > 0
          ? [{
            what: "has failed",
            result: { state: "FAILED", error: { type: "Error", message: "no", retryable: true } } as const,
            budget: spent(state, "failures"),
          }]
          : [],
      ];
      for (const { what, result, budget } of results) {
        const message = contents.report(content, place, senderOf(index), held!.claim, result, "report");
        if (message === undefined) continue;
        const next = { ...withWorker(state, index, { call: sent(message), seen: place }), budget };
        yield { name: `${name}: it ${what} its job, at version ${place + 1}`, next, faults: [] };
      }
    }
  }

  function* stepsOfCall(state: State, index: number, call: Call, name: string): Generator<Step> {
    const change = (state: State, call: Call | undefined) => withWorker(state, index, { call });
    yield* stepsOfNetwork(state, call, name, change);
    const { kind, claim } = contents.message(call.message);
    const { claims } = state.workers[index]!;
    const again = (content: Content, place: number): Pick<Worker, "call" | "claims"> => {
      const { result } = contents.message(call.message);
      // A verdict about the claim before is none about this one.
      const id = guards.newId ? idOf(index, claims + 1) : claim!;
      const message = kind === "claim"
        ? contents.claim(content, place, senderOf(index), id)
        : contents.report(content, place, senderOf(index), claim!, result!, kind as "report");
      const isNew = kind === "claim" && message !== undefined && guards.newId;
      return { call: message === undefined ? undefined : sent(message), claims: isNew ? claims + 1 : claims };
    };
    if (call.phase === "landed") {
      const place = placeOf(state, call.message);
      yield { name: `${name}: it hears that its ${kind} took effect`, ...won(state, index, call.message, place) };
    }
    if (call.phase === "refused" && kind === "claim" && !call.again) {
      // The watch will show who has won it: it waits for that.
      const seen = contents.message(call.message).base + 1;
      yield {
        name: `${name}: it hears that its claim was refused`,
        next: withWorker(state, index, { call: undefined, seen }),
        faults: [],
      };
    } else if (call.phase === "refused" || call.phase === "unsure") {
      yield* settle(state, index, call, name, again);
      if (call.phase === "unsure" && kind === "claim" && state.budget.givenUp > 0) {
        const next = { ...change(state, undefined), budget: spent(state, "givenUp") };
        yield { name: `${name}: it waits no longer for its claim`, next, faults: [] };
      }
    }
  }

  /** Rule 3: what became of the write is read. */
  function* settle(
    state: State,
    index: number,
    call: Call,
    name: string,
    again: (content: Content, place: number) => Pick<Worker, "call" | "claims">,
  ): Generator<Step> {
    const place = last(state);
    const content = state.versions[place]!;
    const { base, kind, claim } = contents.message(call.message);
    const reads = `${name}: it reads version ${place + 1}`;
    if (place === base) {
      const next = withWorker(state, index, { call: sent(call.message, call.phase === "unsure" || call.again), seen: place });
      return yield { name: `${reads} and sends the same once more`, next, faults: [] };
    }
    if (!guards.reread && call.phase === "refused") {
      const next = withWorker(state, index, { call: sent(contents.moved(call.message, place)), seen: place });
      return yield { name: `${reads} and sends the same for it`, next, faults: [] };
    }
    if (guards.recognise && contents.shows(content, call.message)) {
      if (kind !== "claim" || isHeldBy(contents.of(content), claim!)) {
        return yield { name: `${reads}, which shows its ${kind}`, ...won(state, index, call.message, place) };
      }
      return yield {
        name: `${reads}, which shows its ${kind}`,
        next: withWorker(state, index, { call: undefined, seen: place }),
        faults: [],
      };
    }
    const next = again(content, place);
    yield {
      name: `${reads} and ${next.call ? "decides anew" : "leaves it"}`,
      next: withWorker(state, index, { ...next, seen: place, ...!next.call && { held: undefined } }),
      faults: [],
    };
  }

  /** What the network does with a call, whoever made it. */
  function* stepsOfNetwork(state: State, call: Call, name: string, change: (state: State, call: Call) => State): Generator<Step> {
    if (call.phase === "sent") {
      const { next, landed, faults } = land(state, call.message);
      yield {
        name: `server: the write of ${name} is ${landed ? "carried out" : "refused"}`,
        next: change(next, { ...call, phase: landed ? "landed" : "refused" }),
        faults,
      };
      if (state.budget.losses > 0) {
        const lost = { ...change(state, { ...call, phase: "unsure" }), budget: spent(state, "losses") };
        yield { name: `network: the write of ${name} is lost`, next: lost, faults: [] };
        if (state.budget.late > 0) {
          const next = { ...lost, floating: [...state.floating, call.message].sort(), budget: spent(lost, "late") };
          yield { name: `network: the write of ${name} is late`, next, faults: [] };
        }
      }
    }
    if ((call.phase === "landed" || call.phase === "refused") && state.budget.losses > 0) {
      const next = { ...change(state, { ...call, phase: "unsure" }), budget: spent(state, "losses") };
      yield { name: `network: the answer to ${name} is lost`, next, faults: [] };
    }
  }

  function* stepsOfDirector(state: State, index: number): Generator<Step> {
    const director = state.directors[index]!;
    const { call } = director;
    const from = { by: `director-${index + 1}`, sender: `director-${index + 1}` };
    const name = `director ${index + 1}`;
    if (state.budget.crashes > 0 && (call || director.lost.some((claim) => claim !== undefined))) {
      const next = {
        ...withDirector(state, index, { call: undefined, seen: last(state), lost: director.lost.map(() => undefined) }),
        budget: spent(state, "crashes"),
      };
      yield { name: `${name}: it dies, and another one begins`, next, faults: [] };
      if (call?.phase === "sent") {
        yield {
          name: `${name}: it dies, its write may land, another one begins`,
          next: { ...next, floating: [...next.floating, call.message].sort() },
          faults: [],
        };
      }
    }
    if (call) {
      const change = (state: State, call: Call | undefined) => withDirector(state, index, { call });
      yield* stepsOfNetwork(state, call, name, change);
      const { kind, base } = contents.message(call.message);
      if (call.phase === "landed") {
        const place = placeOf(state, call.message);
        yield {
          name: `${name}: it hears that its write took effect`,
          next: withDirector(state, index, { call: undefined, seen: Math.max(place, director.seen) }),
          faults: [],
        };
      }
      if (call.phase === "refused" && !call.again) {
        if (guards.reread) {
          yield { name: `${name}: it hears that its write was refused`, next: change(state, undefined), faults: [] };
        } else {yield {
            name: `${name}: it sends the same for the newest version`,
            next: change(state, sent(contents.moved(call.message, last(state)))),
            faults: [],
          };}
      } else if (call.phase === "refused" || call.phase === "unsure") {
        const isSame = last(state) === base;
        const next = !isSame
          ? withDirector(state, index, { call: undefined, seen: last(state) })
          : kind === "verdict"
          ? withDirector(state, index, { call: undefined, lost: director.lost.map(() => undefined) })
          : change(state, sent(call.message, true));
        yield { name: `${name}: it reads version ${last(state) + 1}`, next, faults: [] };
      }
      return;
    }
    for (let place = director.seen; place <= last(state); place++) {
      const content = state.versions[place]!;
      const { claim } = contents.of(content).status ?? {};
      const holder = claim && Number(claim.id.split(".")[0]) - 1;
      if (claim && holder !== undefined && contents.of(content).spec.state === "STARTED" && director.lost[holder] !== claim.id) {
        const { fresh, everLapsed } = state.workers[holder]!;
        if (guards.liveGet ? !fresh : everLapsed) {
          const next = withDirector(state, index, {
            seen: place,
            lost: director.lost.map((before, at) => at === holder ? claim.id : before),
          });
          yield { name: `${name}: it finds that worker ${holder + 1} is lost`, next, faults: [] };
        }
      }
      const verdict = holder === undefined ? undefined : director.lost[holder];
      const holderAlive = !(verdict !== undefined && (verdict === claim!.id || !guards.verdictOfHeld));
      for (const late of [false, true]) {
        const message = contents.drive(content, place, from, { late, holderAlive });
        if (message === undefined) continue;
        if (late && message === contents.drive(content, place, from, { late: false, holderAlive })) continue;
        const next = withDirector(state, index, { call: sent(message), seen: place });
        yield { name: `${name}: it decides at version ${place + 1}${late ? ", once it is time" : ""}`, next, faults: [] };
      }
    }
  }

  function* stepsOfOthers(state: State): Generator<Step> {
    for (const id of state.floating) {
      const rest = state.floating.filter((other) => other !== id);
      const { next, faults } = land(state, id);
      yield { name: "network: a late write arrives", next: { ...next, floating: rest }, faults };
    }
    if (state.budget.cancels > 0) {
      const cancelled = contents.cancelled(current(state));
      if (cancelled !== undefined) {
        const next = { ...state, versions: [...state.versions, cancelled], budget: spent(state, "cancels") };
        yield {
          name: "client: it cancels the flow",
          next,
          faults: edgeFaults(contents.of(current(state)), contents.of(cancelled)),
        };
      }
    }
  }

  /** Which version a write made that took effect: only its writer asks, and only of the newest one that it can be. */
  function placeOf(state: State, id: MessageId): number {
    for (let place = last(state); place >= 0; place--) {
      if (contents.shows(state.versions[place]!, id) && !(place > 0 && contents.shows(state.versions[place - 1]!, id))) {
        return place;
      }
    }
    return last(state);
  }

  const first: State = {
    versions: [contents.first],
    workers: Array.from({ length: workers }, () => ({
      alive: true,
      fresh: true,
      lapsed: true,
      everLapsed: false,
      seen: 0,
      call: undefined,
      held: undefined,
      claims: 0,
    })),
    directors: Array.from({ length: directors }, () => ({ seen: 0, call: undefined, lost: Array(workers).fill(undefined) })),
    floating: [],
    begun: [],
    budget,
  };
  return {
    first,
    steps: (state) => [
      ...state.workers.flatMap((_, index) => [...stepsOfWorker(state, index)]),
      ...state.directors.flatMap((_, index) => [...stepsOfDirector(state, index)]),
      ...stepsOfOthers(state),
    ],
    isOver: (state) => isOver(contents.of(current(state))),
    describe(state) {
      const { spec, status } = contents.of(current(state));
      return `version ${last(state) + 1}: ${spec.job}/${spec.state} attempt ${spec.attempt}, claim ${
        status?.claim?.id ?? "none"
      }`;
    },
  };
}
