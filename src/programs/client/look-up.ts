/**
 * A flow as a person calls it: by what is on the screen, or in his head. Programs know the name or the key, and take `getFlow`.
 *
 * @module
 */

import { clientOf, type ClientOptions } from "./options.ts";
import { listFlows } from "./find.ts";
import { flowPages } from "./pages.ts";
import { createRun, type FlowRun } from "./run.ts";
import type { FlowSelection } from "./selection.ts";
import { isStatus, RequestStateError } from "../../errors.ts";
import { flowKeyOf, uidOf } from "../../flow/creation.ts";
import { bornAt } from "../../flow/moments.ts";
import type { ObjectKey } from "../../ports.ts";
import { flowNameOf, nameOf, REQUEST_STATES, type RequestState } from "../../request-state.ts";
import { nearest } from "../../text.ts";

/** Stands for the newest flow of a selection. */
export const LATEST = "@latest";

/** Finds flows as a person calls them. */
export interface LookUp {
  /**
   * Finds the flow that a person means: by the name of its request (`x`, `shop/x`, or `requeststate/x` as kubectl prints it), by the key
   * that it was started with, by both ends of its name (`3f2a…9d1f`, or with three dots), or as `@latest`. A name goes before a key.
   *
   * @throws {RequestStateError} When there is none, or several.
   */
  find(text: string): Promise<FlowRun>;
}

/**
 * Makes what finds flows. All flows are read once at the most, and only for a key whose flow is not known, or for a part of a name.
 *
 * @param selection Where they are looked for; with the name of their flow, a key is found without a search.
 * @param likely Names of flows that they are likely to be of: a key of one of these is found without a search, too.
 */
export function createLookUp(selection: FlowSelection, options: ClientOptions, likely: readonly string[] = []): LookUp {
  const client = clientOf("Cannot look up a flow", options);
  const place = selection.allNamespaces ? "any namespace" : `namespace "${selection.namespace ?? client.namespace}"`;
  const runOf = (request: RequestState) => createRun(request, undefined, { ...options, namespace: request.metadata.namespace });
  const flow = typeof selection.flow === "object" ? selection.flow.name : selection.flow;
  const { namespace = client.namespace } = selection;
  let reading: Promise<readonly FlowRun[]> | undefined;
  const one = (text: string, found: readonly FlowRun[], how: string): FlowRun | undefined => {
    if (found.length < 2) return found[0];
    const names = found.slice(0, 5).map(({ request }) => `${nameOf(request)} (flow ${flowNameOf(request)})`).join(", ");
    throw new RequestStateError(
      `${found.length} flows in ${place} have the ${how} ${JSON.stringify(text)}: ${names}${found.length > 5 ? ", ..." : ""}`,
    );
  };

  async function find(text: string): Promise<FlowRun> {
    if (text === LATEST) return await latest();
    const word = text.replace(/^(requeststates?(\.[a-z.]+)?|rqs)\//, "");
    const isAbbreviation = ABBREVIATION.test(word);
    if (!isAbbreviation && isNameOfObject(word)) {
      const found = selection.allNamespaces && !word.includes("/")
        ? one(text, await listFlows({ name: word, allNamespaces: true }, options), "name")
        : await get(keyOf(word, namespace));
      if (found) return found;
    }
    const names = flow === undefined ? likely : [flow];
    for (const name of isAbbreviation || selection.allNamespaces ? [] : names) {
      const found = await get({ namespace, name: await uidOf({ name }, word) });
      if (found) return found;
    }
    return await search(text, word);
  }

  async function latest(): Promise<FlowRun> {
    let latest: FlowRun | undefined;
    for await (const { runs } of flowPages(selection, options)) {
      for (const run of runs) if (!latest || bornAt(latest.request) <= bornAt(run.request)) latest = run;
    }
    if (latest) return latest;
    throw new RequestStateError(`There is no flow of that kind in ${place}, so there is no ${LATEST}`);
  }

  async function get(key: ObjectKey): Promise<FlowRun | undefined> {
    try {
      return runOf(await client.cluster.get<RequestState>(REQUEST_STATES, key, { signal: client.signal }));
    } catch (error) {
      // None of that name; or nothing that could be one, in the eyes of the server.
      if (isStatus(error) && (error.status.reason === "NotFound" || error.status.code === 400)) return undefined;
      throw error;
    }
  }

  async function readAll(): Promise<readonly FlowRun[]> {
    const all: FlowRun[] = [];
    const where = { allNamespaces: selection.allNamespaces, namespace, flow };
    for await (const { runs } of flowPages(where, options)) all.push(...runs);
    return all;
  }

  async function search(text: string, word: string): Promise<FlowRun> {
    const all = await (reading ??= readAll());
    const names = new Set(all.map((run) => flowNameOf(run.request)));
    const made = new Map(await Promise.all([...names].map(async (name) => [name, await uidOf({ name }, word)] as const)));
    const keyed = all.filter((run) => run.name === made.get(flowNameOf(run.request)));
    const [, begin = "", end = ""] = ABBREVIATION.exec(word) ?? [];
    const isMeant = ({ name }: FlowRun) =>
      name.startsWith(begin) && name.endsWith(end) && name.length >= begin.length + end.length;
    const abbreviated = ABBREVIATION.test(word) ? all.filter(isMeant) : [];
    // What a list shows of a flow that was retried or forked, whose name is made of more than that.
    const shown = all.filter((run) => flowKeyOf(run.request) === word);
    const found = one(text, keyed, "key") ?? one(text, abbreviated, "ends") ?? one(text, shown, "key");
    if (found) return found;
    const meant = nearest(word, new Set(all.map((run) => flowKeyOf(run.request) ?? run.name)));
    const ofFlow = flow === undefined ? "" : ` of flow "${flow}"`;
    throw new RequestStateError(
      `There is no flow ${JSON.stringify(text)}${ofFlow} in ${place}, by name or by key` +
        (meant === undefined ? "" : `: did you mean ${JSON.stringify(meant)}?`),
    );
  }

  return { find };
}

/** Both ends of a name. */
const ABBREVIATION = /^([^/]*?)(?:…|\.\.\.)([^/]*)$/;

/** Names of objects (RFC 1123), with a namespace or without: anything else can be a key only. */
const isNameOfObject = (word: string): boolean => /^([a-z0-9][-a-z0-9]*\/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(word);

function keyOf(word: string, namespace: string): ObjectKey {
  const [first, second] = word.split("/");
  return second === undefined ? { namespace, name: first! } : { namespace: first!, name: second };
}
