import type { RequestState } from "../../mod.ts";
import { REQUESTS, type Scenario } from "../support/scenario.ts";

/** One version of a request, and when it came to be, in milliseconds of true time. */
export interface Version {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: RequestState;
  readonly at: number;
}

/** Who sees every version of every request. */
export interface Witness {
  /** The versions by uid, the oldest first. */
  readonly versions: ReadonlyMap<string, readonly Version[]>;
  /** The newest versions of what is there. */
  readonly present: () => RequestState[];
  readonly end: () => void;
}

/** Watches a fake cluster, where no fault is. */
export async function createWitness({ fake, clock }: Scenario): Promise<Witness> {
  const versions = new Map<string, Version[]>();
  const ending = new AbortController();
  const begun = clock.monotonic();
  const url = `http://cluster.invalid${REQUESTS}?watch=true&timeoutSeconds=1000000`;
  const { body } = await fake.fetch(new Request(url, { signal: ending.signal }));
  const follow = async () => {
    let text = "";
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line);
        if (!["ADDED", "MODIFIED", "DELETED"].includes(type)) throw new Error(`The witness was told ${line}`);
        const { uid } = object.metadata;
        versions.set(uid, [...versions.get(uid) ?? [], { type, object, at: clock.monotonic() - begun }]);
      }
    }
  };
  follow().catch((error) => {
    if (!ending.signal.aborted) throw error;
  });
  return {
    versions,
    present: () =>
      [...versions.values()].map((all) => all.at(-1)!).filter(({ type }) => type !== "DELETED").map(({ object }) => object),
    end: () => ending.abort(),
  };
}
