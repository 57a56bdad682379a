/**
 * OpenAPI v3.
 *
 * @module
 */
import { noSuchPath } from "./status.ts";
import type { World } from "./world.ts";

/** Answers below `/openapi`. */
export function openapiResponse(_world: World, _path: string, _url: URL, _request: Request): Promise<Response> {
  return Promise.reject(noSuchPath());
}
