import type { HealthRegistry } from "../mod.ts";
import { printable } from "../src/printable.ts";

/** An answer of a server for operators. */
export interface Answer {
  readonly status: number;
  /** Without it: text. */
  readonly contentType?: string;
  readonly body: string;
}

/**
 * Answers `/healthz` and `/readyz` as kube-apiserver does, `?verbose`, `?exclude=CHECK` and `/readyz/CHECK` included, except
 * that a check that fails says why: nobody is kept from the port whom the words could tell too much.
 *
 * `/healthz` passes while the event loop turns: what ails a program that still answers, an API server that is away above
 * all, no restart will cure. `/readyz` passes when each check of the registry does. Pure.
 *
 * @returns Undefined where there is nothing at this path.
 */
export function answerProbe({ pathname, searchParams }: URL, health: HealthRegistry): Answer | undefined {
  const [, probe, ...rest] = pathname.split("/");
  if (probe !== "healthz" && probe !== "readyz") return undefined;
  const checks = new Map<string, string | undefined>([["ping", undefined], ...probe === "readyz" ? health.read() : []]);
  const only = rest.join("/");
  if (only !== "") {
    if (!checks.has(only)) return undefined;
    const why = checks.get(only);
    return why === undefined ? ok : { status: 500, body: `${printable(why)}\n` };
  }
  const excluded = new Set(searchParams.getAll("exclude"));
  const lines: string[] = [];
  let failed = false;
  for (const [name, why] of checks) {
    if (excluded.delete(name)) lines.push(`[+]${name} excluded: ok`);
    else lines.push(why === undefined ? `[+]${name} ok` : `[-]${name} failed: ${printable(why)}`);
    failed ||= lines.at(-1)!.startsWith("[-]");
  }
  if (excluded.size > 0) {
    const names = [...excluded].map((name) => JSON.stringify(printable(name))).join(", ");
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  if (!failed && !searchParams.has("verbose")) return ok;
  return { status: failed ? 500 : 200, body: `${lines.join("\n")}\n${probe} check ${failed ? "failed" : "passed"}\n` };
}

const ok: Answer = { status: 200, body: "ok" };
