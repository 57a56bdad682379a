/**
 * Steps in a few words.
 *
 * @module
 */
import type { Step } from "./scenario.ts";

/** A step in a few words. Pure. */
export function titleOf(step: Step): string {
  switch (step.kind) {
    case "request":
    case "wait":
    case "watch": {
      const query = Object.entries(step.line.query).map(([key, value]) => `${key}=${value}`).join("&");
      const { method, path } = step.line;
      const line = `${method} ${path}${query && (path.includes("?") ? "&" : "?")}${query}`;
      return step.kind === "request" ? line : `${step.kind}${step.kind === "watch" ? ` ${step.name}` : ""}: ${line}`;
    }
    case "collect":
      return `collect ${step.name}: ${step.events === "end" ? "to its end" : `${step.events} events`}`;
    case "close":
      return `close ${step.name}`;
    case "established":
      return `established ${step.crd}`;
    default:
      return step.kind;
  }
}
