import { Buffer } from "node:buffer";
import { SetupError } from "../../errors.ts";
import type { Authorization } from "../credentials/identity.ts";
import type { TransportRequest } from "../transport/transport.ts";
import { USER_AGENT } from "../transport/user-agent.ts";

/** Writes requests out as they go over the connection. */
export interface RequestWriter {
  write(request: TransportRequest): string;
}

/**
 * Makes a writer of requests (RFC 9112, 3). What is the same for all of them is written once. Does no IO.
 *
 * @param source Where the credentials come from, for messages.
 * @throws {SetupError} when the credentials cannot stand in a header.
 */
export function createRequestWriter({ headers, connection }: Authorization, source: string): RequestWriter {
  const { protocol, host, pathname } = new URL(connection.server);
  const prefix = pathname.replace(/\/+$/, "");
  // A proxy that does not only pass bytes on is told the whole address.
  const proxied = protocol === "http:" && /^https?:/.test(connection.proxy ?? "");
  const target = proxied ? `${protocol}//${host}${prefix}` : prefix;
  const authorization = proxied ? proxyAuthorization(connection.proxy!) : undefined;
  const common = Object.entries({ host, "user-agent": USER_AGENT, "proxy-authorization": authorization, ...headers })
    .flatMap(([name, value]) => value === undefined ? [] : [value].flat().map((each) => headerLine(name, each, source))).join("");

  return {
    write({ method, path, body, contentType, accept = "application/json" }) {
      const head = `${method} ${target}${path} HTTP/1.1\r\n${common}accept: ${accept}\r\n`;
      if (body === undefined) return `${head}\r\n`;
      return `${head}content-type: ${contentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    },
  };
}

function headerLine(name: string, value: string, source: string): string {
  const text = value.trim();
  // deno-lint-ignore no-control-regex -- these would end the header and begin another, or the next request
  if (/^[!#$%&'*+.^`|~\w-]+$/.test(name) && !/[\0-\x08\x0a-\x1f\x7f]/.test(text)) return `${name}: ${text}\r\n`;
  throw new SetupError(
    `The credentials of ${source} hold a character that the header "${name}" may not have, such as a line break`,
  );
}

/** The header that tells a proxy who asks, or none. Pure. */
export function proxyAuthorization(proxy: string): string | undefined {
  const { username, password } = new URL(proxy);
  if (username === "" && password === "") return undefined;
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
}
