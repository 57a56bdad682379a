/**
 * Ingresses, network policies, endpoints and slices.
 *
 * @module
 */
import { type FieldError, immutable, invalid, notSupported, required } from "../../types/field-error.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { subdomainName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part, portErrors, unchanged } from "./checks.ts";

const types = ["Exact", "ImplementationSpecific", "Prefix"];

function pathErrors(path: JsonObject, at: string): FieldError[] {
  const { pathType } = path;
  if (isUnset(pathType)) return [required(`${at}.pathType`, "pathType must be specified")];
  if (!types.includes(String(pathType))) return [notSupported(`${at}.pathType`, pathType, types)];
  const text = String(path.path ?? "");
  const errors: FieldError[] = [];
  if (pathType !== "ImplementationSpecific" && !text.startsWith("/")) {
    errors.push(invalid(`${at}.path`, text, "must be an absolute path"));
  }
  const backend = part(path, "backend");
  if (!isObject(backend.service) && !isObject(backend.resource)) {
    errors.push(required(`${at}.backend`, "service or resource backend is required"));
  }
  return errors;
}

function ruleErrors(rule: JsonObject, at: string): FieldError[] {
  const host = String(rule.host ?? "");
  const errors = host === "" ? [] : subdomainName(host.replace(/^\*\./, "")).map((fault) => invalid(`${at}.host`, host, fault));
  if (!isObject(rule.http)) return errors;
  const paths = each(rule, "http", "paths");
  if (paths.length === 0) errors.push(required(`${at}.http.paths`));
  return [...errors, ...paths.flatMap((path, index) => pathErrors(path, `${at}.http.paths[${index}]`))];
}

/** Ingresses. */
export const ingressRules: Rules = {
  validate(object, _old, subresource) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const rules = each(spec, "rules");
    if (rules.length === 0 && !isObject(spec.defaultBackend)) {
      return [invalid("spec", spec, "either `defaultBackend` or `rules` must be specified")];
    }
    return rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`));
  },
};

/** Ingress classes. */
export const ingressClassRules: Rules = {
  validate(object, old) {
    const [controller, before] = [part(object, "spec").controller, old && part(old, "spec").controller];
    return old && controller !== before ? [immutable("spec.controller", controller)] : [];
  },
};

function policyRuleErrors(spec: JsonObject, direction: "ingress" | "egress", peers: "from" | "to"): FieldError[] {
  return each(spec, direction).flatMap((rule, index) => {
    const at = `spec.${direction}[${index}]`;
    const ports = each(rule, "ports").flatMap((port, place) => portErrors(port.port, `${at}.ports[${place}].port`));
    const missing = each(rule, peers).flatMap((peer, place) =>
      Object.keys(peer).length === 0 ? [required(`${at}.${peers}[${place}]`, "must specify a peer")] : []
    );
    return [...ports, ...missing];
  });
}

/** Network policies. */
export const networkPolicyRules: Rules = {
  validate(object) {
    const spec = part(object, "spec");
    const given = Array.isArray(spec.policyTypes) ? spec.policyTypes : [];
    const allowed = ["Ingress", "Egress"];
    return [
      ...policyRuleErrors(spec, "ingress", "from"),
      ...policyRuleErrors(spec, "egress", "to"),
      ...given.flatMap((type, index) =>
        allowed.includes(String(type)) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, allowed)]
      ),
    ];
  },
};

const isIp = (text: string) => /^(\d{1,3})(\.\d{1,3}){3}$/.test(text) || text.includes(":");

/** Endpoints. */
export const endpointsRules: Rules = {
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  validate: (object) =>
    each(object, "subsets").flatMap((subset, index) => [
      ...each(subset, "addresses").flatMap(({ ip }, place) => {
        const at = `subsets[${index}].addresses[${place}].ip`;
        return isIp(String(ip)) ? [] : [
          invalid(at, ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
          invalid(at, ip, "must be a valid IP address"),
        ];
      }),
      ...each(subset, "ports").flatMap(({ port }, place) => portErrors(port, `subsets[${index}].ports[${place}].port`)),
    ]),
};

/** Slices of endpoints. */
export const endpointSliceRules: Rules = {
  validate(object, old) {
    if (old) return equal(object.addressType ?? "", old.addressType ?? "") ? [] : unchanged(object, old, "addressType");
    return isUnset(object.addressType) ? [required("addressType")] : [];
  },
};
