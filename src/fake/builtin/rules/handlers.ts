/**
 * What a kubelet does to a container: probes and hooks.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { each, isUnset, notNegative, oneOf, part, portErrors } from "./checks.ts";

/** The name of a port. Pure. */
export function portNameErrors(name: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (name.length > 15) errors.push(invalid(path, name, "must be no more than 15 characters"));
  if (!/^[a-z0-9-]+$/.test(name)) {
    errors.push(invalid(path, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"));
  }
  if (!/[a-z]/.test(name)) errors.push(invalid(path, name, "must contain at least one letter (a-z)"));
  if (name.includes("--")) errors.push(invalid(path, name, "must not contain consecutive hyphens"));
  if (name.startsWith("-") || name.endsWith("-")) errors.push(invalid(path, name, "must not begin or end with a hyphen"));
  return errors;
}

/** A port that is told by its number or by its name. Pure. */
export const anyPortErrors = (port: Json | undefined, path: string): FieldError[] =>
  typeof port === "string" ? portNameErrors(port, path) : portErrors(port ?? 0, path);

function httpErrors(action: JsonObject, path: string): FieldError[] {
  const headers = each(action, "httpHeaders").flatMap(({ name }) =>
    /^[-A-Za-z0-9]+$/.test(String(name ?? "")) ? [] : [
      invalid(
        `${path}.httpHeaders`,
        name ?? "",
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ),
    ]
  );
  return [
    ...isUnset(action.path) ? [required(`${path}.path`)] : [],
    ...anyPortErrors(action.port, `${path}.port`),
    ...oneOf(action, path, "scheme", "HTTP", "HTTPS"),
    ...headers,
  ];
}

const actions: Readonly<Record<string, (action: JsonObject, path: string, grace: number) => FieldError[]>> = {
  exec: (action, path) => isUnset(action.command) ? [required(`${path}.command`)] : [],
  httpGet: httpErrors,
  tcpSocket: (action, path) => anyPortErrors(action.port, `${path}.port`),
  grpc: (action, path) => portErrors(action.port ?? 0, `${path}.port`),
  sleep(action, path, grace) {
    const seconds = Number(action.seconds ?? 0);
    if (seconds >= 0 && seconds <= grace) return [];
    return [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)];
  },
};

function handlerErrors(handler: JsonObject, path: string, grace: number): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const [name, check] of Object.entries(actions)) {
    const action = handler[name];
    if (!isObject(action)) continue;
    if (count++ > 0) errors.push(forbidden(`${path}.${name}`, "may not specify more than 1 handler type"));
    else errors.push(...check(action, `${path}.${name}`, grace));
  }
  return count === 0 ? [...errors, required(path, "must specify a handler type")] : errors;
}

function probeErrors(probe: Json | undefined, path: string, isReadiness: boolean): FieldError[] {
  if (!isObject(probe)) return [];
  const errors = [
    ...handlerErrors(probe, path, 0),
    ...notNegative(
      probe,
      path,
      "initialDelaySeconds",
      "timeoutSeconds",
      "periodSeconds",
      "successThreshold",
      "failureThreshold",
    ),
  ];
  const grace = probe.terminationGracePeriodSeconds ?? undefined;
  if (isNumber(grace) && grace <= 0) {
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  }
  if (isReadiness && grace !== undefined) {
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes"));
  }
  if (!isReadiness && isNumber(probe.successThreshold) && probe.successThreshold !== 1) {
    errors.push(invalid(`${path}.successThreshold`, probe.successThreshold, "must be 1"));
  }
  return errors;
}

const probes = ["livenessProbe", "readinessProbe", "startupProbe"];

/** The hooks and probes of a container that lasts. Pure. @param grace How long it may take to end, in seconds. */
export const handlersErrors = (container: JsonObject, path: string, grace: number): FieldError[] => [
  ...["postStart", "preStop"].flatMap((name) => {
    const handler = part(container, "lifecycle")[name];
    return isObject(handler) ? handlerErrors(handler, `${path}.lifecycle.${name}`, grace) : [];
  }),
  ...probes.flatMap((name) => probeErrors(container[name], `${path}.${name}`, name === "readinessProbe")),
];

/** What begins, and ends, before the others has none. Pure. */
export const noHandlersErrors = (container: JsonObject, path: string): FieldError[] =>
  ["lifecycle", ...probes].filter((name) => isObject(container[name])).map((name) =>
    forbidden(`${path}.${name}`, "may not be set for init containers without restartPolicy=Always")
  );
