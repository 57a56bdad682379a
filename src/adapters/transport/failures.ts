import type { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { causesOf, causeText, type CrdWatcherError, isCrdWatcherError, NoAnswerError, SetupError } from "../../errors.ts";

/** Codes and words by which Node and Deno say that a certificate is not trusted. */
const untrusted =
  /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_(HAS_EXPIRED|NOT_YET_VALID|UNTRUSTED|SIGNATURE)|ALTNAME|invalid peer certificate/;
/** What is to be done about it. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/ALTNAME|NotValidForName/, "use a name that it holds, or say which (tls-server-name)"],
  [/HAS_EXPIRED|NOT_YET_VALID|Expired|NotValidYet/, "have it renewed, or set the clock"],
  [/(?:)/, "name its authority (certificate-authority) in the kubeconfig"],
];
/** The peer does not speak TLS at all. */
const plainHttp = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number|InvalidContentType|corrupt message/;

/**
 * The error to throw when a transport failed without an answer: what a person has to put right first is a `SetupError`,
 * anything else a `NoAnswerError`.
 *
 * @param action As in `Cannot patch requeststates "shop/a"`.
 */
export function transportError(action: string, server: string, error: unknown): CrdWatcherError {
  if (isCrdWatcherError(error)) return error;
  const permission = permissionError(action, error);
  if (permission) return permission;
  const innermost = causeText(error);
  const short = withoutAddress(withoutRoutines(innermost));
  const text = short === innermost ? short : `${server}: ${short}`;
  const marks = causesOf(error).map(({ code, message }) => `${code ?? ""} ${message ?? ""}`).join(" ");
  if (untrusted.test(marks)) {
    const [, remedy] = remedies.find(([kind]) => kind.test(marks))!;
    return new SetupError(`${action}: the certificate of ${server} is not trusted (${text}): ${remedy}`, { cause: error });
  }
  if (plainHttp.test(marks) && server.startsWith("https:")) {
    return new SetupError(`${action}: ${server} does not speak TLS, use http:// in its URL`, { cause: error });
  }
  if (innermost === "bad port") {
    return new SetupError(`${action}: the port of ${server} is one that fetch never connects to, use another`, { cause: error });
  }
  return new NoAnswerError(action, text === innermost ? error : new Error(text));
}

/**
 * Reads a file.
 *
 * @param what As in `token file named in /home/me/.kube/config`.
 * @param remedy Said after the path of one that does not exist.
 * @throws {SetupError} that says why it cannot be read.
 */
export function readFile(path: string, what: string, remedy = ""): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError(path, what, remedy, error);
  }
}

function fileError(path: string, what: string, remedy: string, error: unknown): SetupError {
  const permission = permissionError(`Cannot read the ${what}`, error);
  if (permission) return permission;
  const code = (error as { code?: string }).code;
  const problem = code === "ENOENT" ? "does not exist" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
  return new SetupError(`The ${what} ${problem}: ${path}${code === "ENOENT" ? remedy : ""}`, { cause: error });
}

/** Deno refused for want of a permission. @returns Undefined when the error says something else. */
export function permissionError(action: string, error: unknown): SetupError | undefined {
  const denied = causesOf(error).find(({ name }) => name === "NotCapable");
  if (!denied) return undefined;
  const [, what = "access", flag = "-A"] = /^Requires (.*?),? run again with the (--\S+) flag/.exec(`${denied.message}`) ?? [];
  return new SetupError(`${action}: Deno was not granted ${what}: run it with ${flag}, or with deno run -P`, { cause: error });
}

/** OpenSSL names its routines, files and lines; the reason stands among them. */
const withoutRoutines = (text: string): string => text.replace(/^[\da-f]+:error:[\da-f]+:[^:]*:[^:]*:([^:]+):[^]*$/i, "TLS: $1");

/** Deno's fetch repeats the whole URL and names its layers; the end of the text says what happened. */
const withoutAddress = (text: string): string =>
  text.replace(/^error sending request (from \S+ )?for (url )?\(?\S+\)?( \([^)]*\))?: /, "")
    .replace(/^client error \(\w+\): (tcp connect error: )?/, "");
