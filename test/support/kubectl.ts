/**
 * Stories of kubectl commands, told to any server, and what was answered with that taken out which no two servers share.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCommand } from "./programs.ts";

/**
 * A command as a line, further lines are its input. Before it, variables as in a shell; after ` | `, the pattern of the
 * lines of its output that count.
 */
export type Line = string;

/** What is watched while other commands run. */
export interface Watched {
  readonly watch: Line;
  /** The lines after which the watch is ended. */
  readonly lines: number;
  readonly during: readonly Line[];
}

/** Commands in a namespace of their own, one after the other. */
export interface Story {
  readonly name: string;
  readonly steps: readonly (Line | Watched)[];
}

/** A kubectl and its server. */
export interface Target {
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** Where kubectl keeps what it learnt of this server. */
  readonly cache: string;
}

/** What a command answered. */
export interface Answer {
  readonly command: string;
  /** Exit code, stdout and stderr, masked. */
  readonly text: string;
}

const root = `${import.meta.dirname}/../genuine/kubectl/`;

/** Splits a line as a shell would. */
const words = (line: string): string[] =>
  (line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []).map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? "")
  );

const alphabet = "bcdfghjklmnpqrstvwxz2456789";

const masks: readonly (readonly [RegExp, string])[] = [
  [/https?:\/\/127\.0\.0\.1:\d+/g, "SERVER"],
  [/127\.0\.0\.1:\d+/g, "SERVER"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, "UID"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| [+-]\d{4})/g, "TIME"],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "TIME"],
  [/("?resource ?version"?:\s*"?|resourceVersion=)\d+/gi, "$1VERSION"],
  [/(^|\s)(?:\d+[smhd]|\d+ms|<invalid>)+ *(?=\s|$)/gm, "$1AGE "],
  [new RegExp(`\\bgenerated-[${alphabet}]{5}\\b`, "g"), "generated-SUFFIX"],
  [/^[IW]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, "LOGGED "],
  [/(?:\/[^\s/]+)*\/(?:LIVE|MERGED)-\d+/g, "FOLDER"],
  [/(?:\/[^\s/]+)*\/kubectl-edit-\d+\.yaml/g, "EDITED"],
  [/(?:[\w.-]*\/)*crd-watcher-kubectl-\w+/g, "TEMPORARY"],
];

/** Of several faults of an object, the order differs from one answer to the next. */
const inFixedOrder = (text: string) =>
  text.replace(/(?:^\* .*\n)+/gm, (lines) => lines.split("\n").filter(Boolean).sort().join("\n") + "\n");

/** Takes out ages, uids, times, versions, addresses, generated names and temporary files. Pure. */
export const masked = (text: string): string =>
  inFixedOrder(masks.reduce((left, [pattern, by]) => left.replace(pattern, by), text));

function read(line: Line): { args: string[]; env: Record<string, string>; input: string | undefined; only: RegExp | undefined } {
  const [first, ...rest] = line.split("\n");
  const [command, only] = first!.split(" | ");
  const args = words(command!);
  const env: Record<string, string> = {};
  while (/^[A-Z_]+=/.test(args[0] ?? "")) {
    const [name, ...value] = args.shift()!.split("=");
    env[name!] = value.join("=");
  }
  return {
    args: args.map((arg) => arg.replace(/^@/, root)),
    env,
    input: rest.length > 0 ? rest.join("\n") : undefined,
    only: only === undefined ? undefined : new RegExp(only),
  };
}

function start(target: Target, namespace: string, line: Line, more: readonly string[] = []) {
  const { args, env, input } = read(line);
  const global = ["--kubeconfig", target.kubeconfig, "--cache-dir", target.cache, "--namespace", namespace];
  return startCommand([target.kubectl, ...global, ...args, ...more], { GOGC: "off", GOMAXPROCS: "1", ...env }, input);
}

/** Runs one command. */
export async function run(target: Target, namespace: string, line: Line): Promise<Answer> {
  const program = start(target, namespace, line);
  const code = await program.exited;
  const { only } = read(line);
  // Other lines may make the columns wider.
  const shown = (text: string) =>
    text.split("\n").filter((each) => only!.test(each)).map((each) => each.replace(/ {2,}/g, "  ")).join("\n");
  const output = only ? shown(program.output) : program.output;
  const [command] = line.split("\n");
  return { command: command!, text: masked(`exit ${code}\n${output}${program.errors}`).replaceAll(root, "@") };
}

const linesOf = (text: string) => text.split("\n").length - 1;

async function follow(target: Target, namespace: string, { watch, lines, during }: Watched): Promise<Answer[]> {
  const watcher = start(target, namespace, watch, ["-v=6"]);
  const begun = Date.now();
  while (!/watch=true[^\n]*200 OK/.test(watcher.errors)) {
    if (Date.now() - begun > 20_000) throw new Error(`${watch} did not begin:\n${watcher.errors}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const answers: Answer[] = [];
  for (const line of during) answers.push(await run(target, namespace, line));
  const waited = Date.now();
  while (linesOf(watcher.output) < lines && Date.now() - waited < 5_000) await new Promise((resolve) => setTimeout(resolve, 10));
  await watcher.end();
  return [...answers, { command: watch, text: masked(watcher.output) }];
}

/** Tells a story. */
export async function tell(target: Target, { name, steps }: Story): Promise<Answer[]> {
  const made = await run(target, "default", `create namespace ${name}`);
  if (!made.text.startsWith("exit 0")) throw new Error(made.text);
  const answers: Answer[] = [];
  for (const step of steps) {
    if (typeof step === "string") answers.push(await run(target, name, step));
    else answers.push(...await follow(target, name, step));
  }
  return answers;
}

/** What differs between two tellings. Pure. @returns Nothing where they are the same. */
export function differences(genuine: readonly Answer[], fake: readonly Answer[]): string {
  const found = genuine.flatMap(({ command, text }, index) => {
    const other = fake[index]?.text ?? "";
    if (other === text) return [];
    const [left, right] = [text.split("\n"), other.split("\n")];
    const gone = left.filter((line) => !right.includes(line)).map((line) => `- ${line}`);
    const come = right.filter((line) => !left.includes(line)).map((line) => `+ ${line}`);
    const lines = gone.length + come.length > 0 ? [...gone, ...come] : ["the same lines in another order:", text, other];
    return [`kubectl ${command}\n${lines.join("\n")}`];
  });
  return found.join("\n\n");
}

/** A folder for kubeconfigs and caches, and its end. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "crd-watcher-kubectl-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
