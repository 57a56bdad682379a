import type { Log } from "../ports.ts";

/** Says nothing: what the library uses unless told otherwise. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
