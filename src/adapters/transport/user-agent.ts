/** The name under which an API server keeps what this library has written; one over all adapters. */
export const FIELD_MANAGER: string = "crd-watcher";

/** How requests name this library. An API server takes the part before the slash as the name of the field manager. */
export const USER_AGENT: string = `${FIELD_MANAGER}/0.1.0`;
