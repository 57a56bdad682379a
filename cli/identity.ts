import { hostname } from "node:os";

/** An identity for this process that a person can find: role, host, and what makes it unique for each start. */
export function identityOf(role: string): string {
  return `${role}-${hostname().toLowerCase().slice(0, 60)}-${crypto.randomUUID().slice(0, 8)}`;
}
