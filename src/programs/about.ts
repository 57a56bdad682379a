import { flowKeyOf } from "../flow/creation.ts";
import { nameOf, type RequestState } from "../request-state.ts";

/** What a line of a log says beside its sentence: which request, and what its caller calls it. */
export function aboutOf(request: RequestState): { readonly object: string; readonly key?: string } {
  const key = flowKeyOf(request);
  return { object: nameOf(request), ...key !== undefined && { key } };
}
