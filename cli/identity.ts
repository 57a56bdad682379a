import { hostname } from "node:os";

/** What a person can find a process by: role and host. */
export const nameOf = (role: string): string => `${role}-${hostname().toLowerCase().slice(0, 60)}`;

/** The same, with what makes it unique for each start. */
export const identityOf = (role: string): string => `${nameOf(role)}-${crypto.randomUUID().slice(0, 8)}`;
