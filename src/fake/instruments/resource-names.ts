/**
 * Names of resources as tests give them: whether one can be meant, and whether it is served.
 *
 * @module
 */
import type { Expectation } from "../../options.ts";
import { didYouMean, nearest } from "../../text.ts";
import { builtinTypes } from "../builtin/builtin.ts";
import type { Registry } from "../store/registry.ts";
import type { ResourceType } from "../types/resource.ts";
import { qualified } from "../types/status.ts";

/** Whether a resource is the one that is meant: `widgets` and `widgets.example.com` both mean the latter. Pure. */
export const isResource = (meant: string, resource: string | undefined): boolean =>
  meant === resource || !meant.includes(".") && resource?.split(".", 1)[0] === meant;

/** What a plural is made of, with or without its group. */
const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A name without its group, and the group, where it names one. */
function split(resource: string): readonly [plural: string, group: string | undefined] {
  const dot = resource.indexOf(".");
  return dot < 0 ? [resource, undefined] : [resource.slice(0, dot), resource.slice(dot + 1)];
}

function served(types: readonly ResourceType[], resource: string): readonly ResourceType[] {
  const [meant, of] = split(resource);
  return types.filter(({ plural, group }) => plural === meant && (of === undefined || group === of));
}

/** The resource that is called by another of its names: its kind, its singular, a short name; or written otherwise. */
function aliased(types: readonly ResourceType[], resource: string): string | undefined {
  const [word, group] = split(resource.toLowerCase().split("/", 1)[0]!);
  const names = ({ plural, singular, kind, shortNames }: ResourceType) => [plural, singular, kind.toLowerCase(), ...shortNames];
  const found = types.find((type) => (group === undefined || type.group === group) && names(type).includes(word));
  return found && (group === undefined ? found.plural : qualified(found));
}

/**
 * A resource that there may be, now or later: not one that is written as none can be, nor another name of one that is served.
 *
 * @param registry What is served. @default {The built-in types}
 */
export function resourceIn(registry: Registry | undefined): Expectation {
  const types = () => registry?.all() ?? builtinTypes;
  return {
    expected: 'a plural, as in "pods" or "widgets.example.com"',
    fits: (value) =>
      typeof value === "string" && NAME.test(value) &&
      (served(types(), value).length > 0 || aliased(types(), value) === undefined),
    meant: (value) => typeof value === "string" ? aliased(types(), value) : undefined,
  };
}

/** Where requests are that are not there. */
export interface Whereabouts {
  readonly resource?: string;
  readonly namespace?: string;
  readonly subresource?: string;
}

/**
 * Why there is no such resource now; undefined where there is one. A CRD that is created may change it.
 *
 * @param slips How many slips may lie between it and what is meant. @default {As many as in any mistyped word}
 */
export function absence(
  registry: Registry,
  { resource, namespace, subresource }: Whereabouts,
  slips?: number,
): { readonly why: string; readonly meant: string | undefined } | undefined {
  if (resource === undefined) return undefined;
  const all = registry.all();
  const types = served(all, resource);
  if (types.length === 0) {
    const names = all.map((type) => resource.includes(".") ? qualified(type) : type.plural);
    const meant = nearest(resource, names, slips);
    return { why: `no resource "${resource}" is served${didYouMean(meant)}`, meant };
  }
  const why = namespace !== undefined && !types.some(({ namespaced }) => namespaced)
    ? `${resource} are in no namespace`
    : subresource !== undefined && !types.some(({ subresources }) => subresources.some(({ name }) => isPart(name, subresource)))
    ? `${resource} have no subresource "${subresource}"`
    : undefined;
  return why === undefined ? undefined : { why, meant: undefined };
}

/** Whether a subresource is the one of that name, or something below it, as in `proxy/metrics`. Pure. */
export const isPart = (name: string, subresource: string): boolean => subresource === name || subresource.startsWith(`${name}/`);
