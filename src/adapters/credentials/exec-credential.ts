/**
 * What a credential plugin prints: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 *
 * @module
 */
import { keyPair } from "./certificates.ts";
import { tokenFault } from "./token.ts";
import { parseYaml } from "../config/yaml.ts";

/** What a plugin gave out. */
export interface ExecCredential {
  readonly token?: string;
  /** PEM, of the user. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
  /** Milliseconds since the Unix epoch. @default {it serves until the server refuses it} */
  readonly expires?: number;
}

/** RFC 3339 in the letters that Go reads. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Reads what a plugin has printed, in JSON or YAML, by client-go's rules (`plugin/pkg/client/auth/exec`).
 *
 * @param apiVersion The version in which it must answer.
 * @returns The credential, or what is wrong as the end of a sentence. That shows nothing of what was printed: it holds a secret.
 */
export async function readExecCredential(output: string, apiVersion: string): Promise<ExecCredential | string> {
  if (output.trim() === "") return "printed nothing";
  let value: unknown;
  try {
    value = await parseYaml(output);
  } catch {
    return `printed ${kindOfText(output)}`;
  }
  if (typeof value === "string") return `printed ${kindOfText(output)}`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `printed ${Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`}`;
  }
  const { kind, apiVersion: printed, spec, status } = value as Readonly<Record<string, unknown>>;
  if (kind && kind !== "ExecCredential") return `printed an object of the kind ${short(kind)}`;
  if (printed !== apiVersion) return printed === undefined ? "printed no apiVersion" : `printed apiVersion ${short(printed)}`;
  if (typeof (spec ?? {}) !== "object" || Array.isArray(spec)) return "printed a spec that is no object";
  if (typeof status !== "object" || status === null || Array.isArray(status)) return "printed no status";
  return readStatus(status as Readonly<Record<string, unknown>>);
}

function readStatus(status: Readonly<Record<string, unknown>>): ExecCredential | string {
  const names = ["token", "clientCertificateData", "clientKeyData", "expirationTimestamp"] as const;
  const odd = names.find((name) => typeof (status[name] ?? "") !== "string");
  if (odd) return `printed a status.${odd} that is no text`;
  const [token, cert, key] = names.map((name) => (status[name] ?? "") as string);
  if (!token && !cert && !key) return "printed neither a token nor a certificate";
  if (!cert !== !key) return `printed a ${cert ? "certificate without its key" : "key without its certificate"}`;
  const fault = (token && tokenFault(token)) || undefined;
  if (fault) return `printed a token that ${fault}`;
  const pair = cert ? keyPair(cert, key!) : {};
  if (typeof pair === "string") return `printed a certificate that cannot be used: ${pair}`;
  const time = status["expirationTimestamp"];
  const expires = typeof time === "string" ? timeIn(time) : undefined;
  if (Number.isNaN(expires)) return `printed the expirationTimestamp ${short(time)}, which is no time as in RFC 3339`;
  return { ...token && { token }, ...pair, ...expires !== undefined && { expires } };
}

/** Milliseconds since the Unix epoch, or NaN. A day that no calendar has is none, though JavaScript takes some. */
function timeIn(text: string): number {
  const day = text.slice(0, 10);
  const exists = TIME.test(text) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  return exists ? Date.parse(text) : NaN;
}

const short = (value: unknown): string => JSON.stringify(value).slice(0, 80);

const kindOfText = (text: string): string => /^\s*</.test(text) ? "a page of HTML or XML" : "a text";
