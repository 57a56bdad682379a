/** Where a server listens. */
export interface BindAddress {
  /** Absent: on all addresses of the machine. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/**
 * Reads an address as Go's programs take it: `:8080`, `127.0.0.1:8080`, `localhost:8080`, `[::1]:0`; `0` is off. Pure.
 *
 * @returns `"off"`, or undefined where it is none of these.
 * @see https://pkg.go.dev/net#Listen
 */
export function parseBindAddress(text: string): BindAddress | "off" | undefined {
  if (text === "0") return "off";
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|([^\s:/[\]]*)):(\d{1,5})$/.exec(text);
  if (!match || Number(match[3]) > 65_535) return undefined;
  return { host: match[1] ?? (match[2] || undefined), port: Number(match[3]) };
}

/** The address as it stands in a URL. */
export const addressText = ({ host, port }: BindAddress): string =>
  `${host === undefined ? "" : host.includes(":") ? `[${host}]` : host}:${port}`;
