import type { Mood } from "../properties/size.ts";

/** A guard, and the places in the sources that keep it. */
export interface Guard {
  readonly name: string;
  /** What has to go wrong for that: in other moods it is seldom missed. @default {Any} */
  readonly mood?: Mood;
  /** It saves requests or attempts, and keeps no invariant: nothing is broken without it. @default {false} */
  readonly isEconomy?: boolean;
  readonly cuts: readonly { readonly file: string; readonly find: string; readonly put: string }[];
}

/** The guards that are taken out. */
export const GUARDS: readonly Guard[] = [
  {
    name: "a write is refused where another one came first",
    cuts: [{
      file: "src/flow/write.ts",
      find: '  { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },\n',
      put: '  { op: "replace", path: "/metadata/name", value: metadata.name },\n',
    }, {
      // What is looked for is what comes of it, not that it is missing.
      file: "test/properties/verdict.ts",
      find: "of server.patches) {",
      put: "of [] as string[]) {",
    }],
  },
  {
    name: "a result is fenced by the id and the attempt of its claim",
    mood: "lives",
    cuts: [{
      file: "src/flow/report.ts",
      find: "claim?.id === claimId && claim.job === job &&\n    claim.attempt === attemptOf(request);",
      put: "claim?.job === job;",
    }],
  },
  {
    name: "a new attempt has a number of its own",
    cuts: [{ file: "src/flow/requesting.ts", find: "attemptOf(of) + 1", put: "attemptOf(of)" }],
  },
  {
    name: "after a refusal the request is read and decided on anew",
    cuts: [{
      file: "src/programs/commit.ts",
      find: "      if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return later;\n",
      put:
        "      if (isConflict(error)) {\n        (write.operations[1] as { value: unknown }).value = later.metadata.resourceVersion;\n        continue;\n      }\n" +
        "      if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return later;\n",
    }],
  },
  {
    name: "a write without an answer is looked for before it is taken for somebody else's",
    mood: "messages",
    cuts: [
      {
        file: "src/programs/commit.ts",
        find: "if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return later;",
        put:
          "if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return Object.assign(later, { wasRead: true });",
      },
      {
        file: "src/programs/commit.ts",
        find: "if (write.isIn(later)) {",
        put: 'if (!("wasRead" in later) && write.isIn(later)) {',
      },
    ],
  },
  {
    name: "before a worker is called lost its lease is read once more",
    mood: "lives",
    cuts: [{
      file: "src/runtime/leases/liveness.ts",
      find:
        "    const lease = await readOne(name);\n    note(lease);\n    observer.see(lease);\n    if (lapseOf(observer.of(name)!) + GRACE > clock.monotonic()) return;\n",
      put: "",
    }],
  },
  {
    name: "after an outage all leases have their whole time again",
    mood: "messages",
    cuts: [
      {
        file: "src/runtime/leases/liveness.ts",
        find: "if (contact && elapsedSince(clock, contact) > CONTACT) observer.restart();",
        put: "",
      },
      {
        file: "src/runtime/leases/liveness.ts",
        find: "    doubt() {\n      observer.restart();\n      lost.clear();\n",
        put: "    doubt() {\n",
      },
    ],
  },
  {
    name: "a verdict holds for what was held then",
    mood: "lives",
    cuts: [{ file: "src/runtime/leases/liveness.ts", find: "verdict.held.has(holding) && ", put: "" }],
  },
  {
    name: "a claim that is decided on anew has an id of its own",
    mood: "absences",
    cuts: [{ file: "src/programs/claiming.ts", find: "      id = `${mine}", put: "      id ||= `${mine}" }],
  },
  {
    name: "a handler is begun once its claim was confirmed",
    cuts: [{
      file: "src/programs/claiming.ts",
      find: "const won = written && newest !== undefined && isHeldBy(newest, id);",
      put: "const won = newest !== undefined && written !== undefined;",
    }],
  },
  {
    name: "nothing is claimed while the flow is suspended",
    cuts: [{ file: "src/flow/claim.ts", find: ' || desiredState !== "Running"', put: "" }],
  },
  {
    name: "a job that failed rests before it is tried again",
    cuts: [{ file: "src/flow/failing.ts", find: 'return now < due ? waitFor("retry", due) : write', put: "return write" }],
  },
  {
    name: "what is written without an answer is sent once more as it was",
    mood: "messages",
    cuts: [{
      file: "src/programs/commit.ts",
      find: "else if (options.again?.() === false) return later;",
      put: "else return later;",
    }],
  },
  {
    name: "a claim by which nothing runs is given back",
    mood: "messages",
    cuts: [{ file: "src/programs/attending.ts", find: "if (!claims.isMine(id) || ", put: "if (id !== undefined || " }],
  },
  {
    name: "each start of a process has an identity of its own",
    mood: "lives",
    cuts: [
      {
        file: "src/runtime/leases/identity.ts",
        find: "crypto.randomUUID().slice(0, 8)",
        put: '"00000000"',
      },
      {
        file: "src/programs/claiming.ts",
        find: "crypto.randomUUID().replaceAll",
        put: '"0123456789abcdef".replaceAll',
      },
    ],
  },
  {
    name: "who was stalled looks whether its claim stands before it goes on",
    mood: "lives",
    cuts: [{
      file: "src/programs/held-jobs.ts",
      find: "job.lapses === lapses && isFresh() ? true : askOnce(job)",
      put: "job !== undefined || askOnce(job)",
    }],
  },
  {
    name: "a process decides on nothing older than what it wrote (read-your-writes)",
    mood: "messages",
    cuts: [{
      file: "src/runtime/controller/read-your-writes.ts",
      find: "      if (!unseen) return 0;\n",
      put: "      if (!unseen || key) return 0;\n",
    }],
  },
  {
    name: "what went back with its storage is forgotten",
    mood: "restores",
    cuts: [{
      file: "src/runtime/store/store.ts",
      find: "previous && wentBack(object, previous) ?",
      put: "previous && !objects ?",
    }],
  },
  {
    name: "what a restore has undone is decided on once more",
    mood: "restores",
    cuts: [{
      file: "src/runtime/controller/read-your-writes.ts",
      find: "if (isUndone(expectation)) ",
      put: "if (isUndone === undefined) ",
    }],
  },
  {
    name: "how long a request stands where it is counts from its record",
    mood: "restores",
    cuts: [{
      file: "src/programs/sightings.ts",
      find: "entered: status?.history?.at(-1)?.timestamp }",
      put: "entered: status && undefined }",
    }],
  },
  {
    name: "who could not renew its lease claims nothing",
    mood: "lives",
    isEconomy: true,
    cuts: [{ file: "src/programs/claiming.ts", find: "presence.isSteady() ? turns", put: "presence ? turns" }],
  },
];
