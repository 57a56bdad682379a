import { type BindAddress, parseBindAddress } from "./bind-address.ts";
import { LONGEST_LEASE } from "../src/runtime/leases/lease.ts";
import { parseAge, parseDuration } from "./duration.ts";

/** What a flag may be given, and how it is read. */
export interface Flag<T> {
  /** What its value stands for; absent for a switch. */
  readonly value?: string;
  /** One letter that stands for it. */
  readonly short?: string;
  /** For people; begins small, and has no full stop. */
  readonly help: string;
  /** The text of a value. @returns The value, or what was expected instead. */
  readonly read: (text: string) => { readonly is: T } | { readonly expected: string };
  /** Whether there is an environment variable for it. @default {true} */
  readonly env?: false;
  /** An empty value says the same as none, as kubectl takes it. @default {It is refused: a script's variable was not set} */
  readonly mayBeEmpty?: true;
  /** Given several times, its values are one list. @default {The last one counts} */
  readonly joins?: true;
  /** What its value may be, for completion. */
  readonly values?: readonly string[];
}

type Read<T> = Flag<T>["read"];

/** Any text. */
export const text: Read<string> = (text) => ({ is: text });

/** A switch. */
export const truth: Read<boolean> = (text) =>
  text === "true" || text === "false" ? { is: text === "true" } : { expected: "true or false" };

/** One of several. */
export const choice = <T extends string>(values: readonly T[]): Read<T> => (text) => {
  const is = values.find((value) => value === text);
  return is === undefined ? { expected: `one of ${values.join(", ")}` } : { is };
};

/** Some of several, with commas between them. */
export const choices = <T extends string>(values: readonly T[]): Read<readonly T[]> => (text) => {
  const words = text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  const is = words.flatMap((word) => values.filter((value) => value === word));
  const fits = is.length === words.length && is.length > 0;
  return fits ? { is } : { expected: `one or more of ${values.join(", ")}, with commas between them` };
};

/** A whole number in a range. */
export const wholeNumber = (least: number, most: number): Read<number> => (text) => {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? { is: value } : { expected: `a whole number from ${least} to ${most}` };
};

/** client-go takes a negative number for no limit, too. */
export const rate: Read<number> = (text) =>
  /^-?\d+(\.\d+)?$/.test(text) ? { is: Math.max(0, Number(text)) } : { expected: "a number of requests a second" };

/** Where to listen. */
export const address: Read<BindAddress | "off"> = (text) => {
  const is = parseBindAddress(text);
  return is === undefined ? { expected: "HOST:PORT, :PORT for all addresses of this machine, or 0 for none" } : { is };
};

/** Some time, in milliseconds. */
export const duration: Read<number> = (text) => {
  const is = parseDuration(text);
  return is ? { is } : { expected: "a time such as 15s, 1m30s or 500ms" };
};

/** None is one, too. */
export const span: Read<number> = (text) => {
  const is = parseDuration(text);
  return is === undefined ? { expected: "a time such as 15s, 1m30s, 500ms or 0" } : { is };
};

/** How long ago, in milliseconds. */
export const age: Read<number> = (text) => {
  const is = parseAge(text);
  return is === undefined ? { expected: "a time such as 10m, 2h30m or 7d" } : { is };
};

/** How long a lease lasts, in milliseconds. */
export const leaseDuration: Read<number> = (text) => {
  const ms = parseDuration(text);
  const fits = ms !== undefined && Number.isInteger(ms / 1_000) && ms > 0 && ms <= LONGEST_LEASE;
  return fits ? { is: ms } : { expected: "whole seconds from 1s to 10m, as in 15s" };
};

/** What a namespace can be called. */
export const namespace: Read<string> = (text) =>
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
    ? { is: text }
    : { expected: `a name that a namespace can have: lower-case letters, digits and "-", at most 63` };

/** Labels, as in `tenant=a,tier=free`. */
export const labels: Read<Readonly<Record<string, string>>> = (text) => {
  const pairs = text.split(",").map((pair) => /^([^=\s]+)=([^=\s]*)$/.exec(pair)?.slice(1));
  return pairs.includes(undefined)
    ? { expected: "NAME=VALUE, neither of them with blanks, several with commas between them" }
    : { is: Object.fromEntries(pairs as [string, string][]) };
};
