import { basename } from "node:path";
import process from "node:process";

/** The runtime that this process is. */
export const runtime: "node" | "deno" = "Deno" in globalThis ? "deno" : "node";

/** Why a test file is not run here: `other` runtime (not worth a word), or a reason that is told. */
export type Gate = { readonly run: true } | { readonly run: false; readonly reason?: string };

/**
 * What a file's name asks for. `order.genuine.deno.test.ts` runs in Deno only, and only with genuine API servers.
 *
 * | part | the file runs |
 * | --- | --- |
 * | `node`, `deno` | in that runtime only |
 * | `genuine` | where KUBEBUILDER_ASSETS names folders with etcd and kube-apiserver |
 * | `jsr` | where JSR_URL names a registry that has the Deno client |
 * | `foreign` | where FOREIGN_CLIENTS names a folder for what programs of other languages need: `npm run clients` |
 */
export function gate(path: string, env: Readonly<Record<string, string | undefined>> = process.env): Gate {
  const parts = basename(path).split(".").slice(1);
  if (parts.includes(runtime === "node" ? "deno" : "node")) return { run: false };
  const needs = [["genuine", "KUBEBUILDER_ASSETS"], ["jsr", "JSR_URL"], ["foreign", "FOREIGN_CLIENTS"]] as const;
  const missing = needs.find(([part, variable]) => parts.includes(part) && !env[variable]);
  return missing ? { run: false, reason: `${missing[1]} is not set` } : { run: true };
}
