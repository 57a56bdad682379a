/**
 * Which levels of security a namespace asks for by its labels.
 *
 * @module
 */
import { type FieldError, invalid } from "../../types/field-error.ts";
import { baseline } from "./baseline.ts";
import type { Finding, Judged } from "./findings.ts";
import { restricted } from "./restricted.ts";

const levels = ["privileged", "baseline", "restricted"] as const;
/** How much is forbidden. */
export type Level = typeof levels[number];

/** A level, as it was in a version of Kubernetes. */
export interface Standard {
  readonly level: Level;
  /** `latest`, or `v1.x`. */
  readonly version: string;
}

/** What is asked of the pods of a namespace. */
export interface Policy {
  /** Who falls short of it is refused. */
  readonly enforce: Standard;
  /** Who falls short of it is warned. */
  readonly warn: Standard;
}

type Labels = Readonly<Record<string, string>>;
const labelOf = (name: string) => `pod-security.kubernetes.io/${name}`;
const isLevel = (text: string): text is Level => levels.some((level) => level === text);
const isVersion = (text: string) => /^(?:latest|v1\.(?:0|[1-9][0-9]*))$/.test(text);

/** The labels of a namespace that are no good. Pure. */
export const labelFaults = (labels: Labels): FieldError[] =>
  ["enforce", "audit", "warn"].flatMap((mode) => {
    const [level, version] = [labels[labelOf(mode)], labels[labelOf(`${mode}-version`)]];
    const field = (name: string) => `metadata.labels[${labelOf(name)}]`;
    return [
      ...level === undefined || isLevel(level) ? [] : [invalid(field(mode), level, `must be one of ${levels.join(", ")}`)],
      ...version === undefined || isVersion(version)
        ? []
        : [invalid(field(`${mode}-version`), version, 'must be "latest" or "v1.x"')],
    ];
  });

/** What a namespace asks for. Pure. */
export function policyOf(labels: Labels): Policy {
  const level = (mode: string, bad: Level): Level => {
    const text = labels[labelOf(mode)] ?? "privileged";
    return isLevel(text) ? text : bad;
  };
  const version = (mode: string): string | undefined => {
    const text = labels[labelOf(`${mode}-version`)];
    return text !== undefined && isVersion(text) ? text : undefined;
  };
  const enforce: Standard = { level: level("enforce", "restricted"), version: version("enforce") ?? "latest" };
  // Who says nothing of warnings is warned of what would be refused.
  const isSilent = labels[labelOf("warn")] === undefined && enforce.level !== "privileged";
  const warn: Standard = isSilent
    ? { level: enforce.level, version: version("warn") ?? enforce.version }
    : { level: level("warn", "privileged"), version: version("warn") ?? "latest" };
  return { enforce, warn };
}

/** How a standard is called. Pure. */
export const standardText = ({ level, version }: Standard): string => `${level}:${version}`;

/** Whether one standard may ask for more than another one did. Pure. */
export const isStricter = (one: Standard, other: Standard): boolean =>
  one.level !== "privileged" && (one.version !== other.version || levels.indexOf(one.level) > levels.indexOf(other.level));

/** Where a pod falls short of a standard. Pure. */
export function findingsOf(pod: Judged, { level, version }: Standard): Finding[] {
  if (level === "privileged") return [];
  const minor = version === "latest" ? Infinity : Number(version.slice("v1.".length));
  const own = level === "restricted" ? restricted.filter(({ since = 0 }) => minor >= since) : [];
  const replaced = own.map(({ instead }) => instead);
  const common = baseline.filter(({ id, since = 0 }) => minor >= since && !replaced.includes(id));
  return [...common, ...own].flatMap((check) => check.find(pod, minor) ?? []);
}
