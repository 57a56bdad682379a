/**
 * What a genuine server and the fake made of the same sequence, side by side, and the kinds of what differs.
 *
 * @module
 */
import { type Difference, differences } from "../recordings/compare.ts";
import type { Normalised } from "../recordings/normalise.ts";
import { at } from "../recordings/pointer.ts";
import type { Question } from "../recordings/target.ts";
import type { Run } from "./player.ts";

/** One request that was answered in two ways. */
export interface Contrast {
  readonly seed: number;
  readonly step: number;
  readonly question: Question;
  readonly genuine: Normalised;
  readonly fake: Normalised;
  readonly differences: readonly Difference[];
  /** What it has in common with others. */
  readonly kind: string;
}

/** What came of a sequence. */
export interface Outcome {
  readonly compared: number;
  readonly contrasts: readonly Contrast[];
  /** Requests that the fake refuses with 501, in its words. */
  readonly refused: readonly string[];
  /** Whether the genuine server has broken the connection. */
  readonly broken: boolean;
}

const textOf = (value: unknown): string => {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text
    .replaceAll(/"(?:\\.|[^"\\])*"/g, '"…"')
    .replaceAll(/\\"(?:[^"\\]|\\[^"])*\\"/g, '"…"')
    .replaceAll(/\bx{60,}\b/g, "xxx")
    .replaceAll(
      /\b(?:[a-z]+\.fuzz\.example\.com|configmaps|secrets|serviceaccounts|leases\.coordination\.k8s\.io|namespaces)(?= ")/g,
      "RESOURCES",
    )
    .replaceAll(/\b(?:Widget|Gadget|Tool|Region|ConfigMap|Secret|ServiceAccount|Lease|Namespace)\b/g, "KIND")
    .replaceAll(/\d+/g, "N")
    .slice(0, 160);
};

/** The method, and which sort of place it is sent to. */
function methodOf({ method, path }: Question): string {
  const [place] = path.split("?");
  const custom = place!.includes("fuzz.example.com") ? "custom" : "built-in";
  return `${method} ${place!.includes("/watch/") ? "watch path, " : ""}${custom}`;
}

/** What a contrast has in common with others: the texts without what they name. */
function kindOf(question: Question, genuine: Normalised, fake: Normalised, found: readonly Difference[]): string {
  const { path, recorded, got } = found.find(({ path }) => path.endsWith("body.message")) ??
    found.find(({ path }) => path.startsWith("body")) ?? found[0]!;
  const codes = genuine.status === fake.status ? `${genuine.status}` : `${genuine.status} / ${fake.status}`;
  const place = path.replaceAll(/\[\d+\]/g, "[N]").replaceAll(/\["[^"]*"\]/g, '["…"]');
  if (genuine.status !== fake.status) {
    return `${methodOf(question)}: ${codes}: ${textOf(at(genuine.body, "/message"))} / ${textOf(at(fake.body, "/message"))}`;
  }
  return `${methodOf(question)}: ${codes}: ${place}: ${textOf(recorded)} / ${textOf(got)}`;
}

/** Whether nothing is written. The options of a deletion that come in its body are the only ones. */
const isDry = ({ method, path, body = "" }: Question): boolean =>
  method === "DELETE" && body !== "" ? /dryRun[^\w]+All/.test(String(body)) : /[?&]dryRun=All(&|$)/.test(path);
const writes = ["POST", "PUT", "PATCH", "DELETE"];

/** Whether a server may have written something. */
const wrote = (question: Question, { status = 0 }: Normalised): boolean =>
  writes.includes(question.method) && status < 300 && !isDry(question);

/** Whether controllers go on with what has been done: in their own time. */
function goesOn(question: Question, real: Normalised): boolean {
  const { body } = real;
  if (!wrote(question, real)) return false;
  if (question.method !== "DELETE") return (JSON.stringify(body) ?? "").includes('"ownerReferences"');
  return /^\/api\/v1\/namespaces\/[^/?]+\/?(?:\?|$)/.test(question.path) ||
    /Orphan|Foreground|orphanDependents/.test(question.path + question.body);
}

const digits = /\d{2,}/g;

/**
 * What the fake answered, with the numbers that the genuine server was sent: versions, where they stand in a place that is none of theirs.
 * No two servers share them, and what is said of such a place differs as they do.
 */
function asSent(answer: Omit<Normalised, "title">, sent: Question, own: Question): typeof answer {
  const [theirs, ours] = [sent, own].map(({ path, body = "" }) => `${path} ${body}`.match(digits) ?? []);
  if (theirs!.length !== ours!.length) return answer;
  const meant = new Map(ours!.map((number, index) => [number, theirs![index]!]));
  return JSON.parse(JSON.stringify(answer).replaceAll(digits, (number) => meant.get(number) ?? number));
}

/** Compares what two servers made of a sequence, up to where they do not have the same state any more. Pure. */
export function contrast(seed: number, genuine: Run, fake: Run): Outcome {
  const contrasts: Contrast[] = [];
  const refused: string[] = [];
  let compared = 0;
  for (const [step, question] of genuine.sent.entries()) {
    const real = genuine.answers[step]!;
    const got = fake.answers[step]!;
    if (real.failure !== undefined) return { compared, contrasts, refused, broken: true };
    compared++;
    const { title: _, ...recorded } = real;
    const { title: __, ...played } = got;
    if (got.status === 501) {
      refused.push(String(at(got.body, "/message") ?? ""));
      if (wrote(question, real)) break;
      continue;
    }
    let found = differences(recorded, played);
    if (found.length > 0 && differences(recorded, asSent(played, question, fake.sent[step]!)).length === 0) found = [];
    if (found.length > 0) {
      const kind = kindOf(question, real, got, found);
      contrasts.push({ seed, step, question, genuine: real, fake: got, differences: found, kind });
      if (wrote(question, real) || wrote(question, got)) break;
    }
    if (goesOn(question, real)) break;
  }
  return { compared, contrasts, refused, broken: false };
}
