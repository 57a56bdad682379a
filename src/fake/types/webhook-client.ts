/**
 * Where a webhook is and which reviews it reads: the checks that all configurations of webhooks share.
 *
 * @module
 */
import { type FieldError, invalid, required } from "./field-error.ts";
import type { JsonObject } from "./json.ts";
import { labelFaults, subdomainName } from "./names.ts";
import { quote } from "./quote.ts";

const reviewVersions = ["v1", "v1beta1"];
const form = "; desired format: https://host[/path]";

function urlErrors(text: string, path: string): FieldError[] {
  const odd = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(text)?.[1]?.match(/[ <>"]/)?.[0];
  if (odd !== undefined) {
    return [required(path, `url must be a valid URL: parse ${quote(text)}: invalid character ${quote(odd)} in host name${form}`)];
  }
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
  if (!match) return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)];
  const [, scheme = "", authority = "", , query = "", fragment = ""] = match;
  const [host = "", user] = authority.split("@").reverse();
  const errors: FieldError[] = [];
  if (scheme.toLowerCase() !== "https") {
    errors.push(invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`));
  }
  if (host === "") errors.push(invalid(path, host, `host must be specified${form}`));
  if (user !== undefined) errors.push(invalid(path, user, "user information is not permitted in the URL"));
  if (fragment !== "") errors.push(invalid(path, fragment, "fragments are not permitted in the URL"));
  if (query !== "") errors.push(invalid(path, query, "query parameters are not permitted in the URL"));
  return errors;
}

function serviceErrors(service: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  // The genuine server takes one for the other.
  if (service.namespace === "") errors.push(required(`${path}.name`));
  if (service.name === "") errors.push(required(`${path}.namespace`));
  const port = typeof service.port === "number" ? service.port : 443;
  if (port < 1 || port > 65535) {
    errors.push(invalid(`${path}.port`, port, "port is not valid: must be between 1 and 65535, inclusive"));
  }
  const own = service.path;
  if (typeof own !== "string" || own === "" || own === "/") return errors;
  const say = (why: string) => errors.push(invalid(`${path}.path`, own, why));
  if (own === "//") return [...errors, invalid(`${path}.path`, own, "segment[0] may not be empty")];
  if (!own.startsWith("/")) say("must start with a '/'");
  own.slice(1).replace(/\/$/, "").split("/").forEach((step, index) => {
    if (step === "") say(`segment[${index}] may not be empty`);
    else for (const fault of subdomainName(step)) say(`segment[${index}]: ${fault}`);
  });
  return errors;
}

/** Checks a `clientConfig`. Pure. */
export function clientErrors(client: JsonObject, path: string): FieldError[] {
  const { url, service } = client;
  if ((url === undefined) === (service === undefined)) return [required(path, "exactly one of url or service is required")];
  return typeof url === "string" ? urlErrors(url, `${path}.url`) : serviceErrors(service as JsonObject, `${path}.service`);
}

/** Checks which versions of a review are read. Pure. */
export function reviewErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  versions.forEach((version, index) => {
    if (versions.indexOf(version) < index) errors.push(invalid(`${path}[${index}]`, version, "duplicate version"));
    else for (const fault of labelFaults(version)) errors.push(invalid(`${path}[${index}]`, version, fault));
  });
  if (!versions.some((version) => reviewVersions.includes(version))) {
    errors.push(invalid(path, [...versions], `must include at least one of ${reviewVersions.join(", ")}`));
  }
  return errors;
}
