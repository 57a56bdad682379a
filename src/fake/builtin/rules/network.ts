/**
 * Ingresses, network policies, endpoints and slices.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, notSupported, required } from "../../types/field-error.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { subdomainName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { isCidr, isIp } from "../../types/ip.ts";
import { each, isUnset, part, portErrors, unchanged } from "./checks.ts";
import { selectorErrors, textsOf } from "./selectors.ts";

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

function peerErrors(peer: JsonObject, path: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const count = [podSelector, namespaceSelector, ipBlock].filter(isObject).length;
  const errors = [
    ...selectorErrors(podSelector, `${path}.podSelector`),
    ...selectorErrors(namespaceSelector, `${path}.namespaceSelector`),
    ...isObject(ipBlock) ? blockErrors(ipBlock, `${path}.ipBlock`) : [],
  ];
  if (count === 0) return [required(path, "must specify a peer")];
  return isObject(ipBlock) && count > 1 ? [...errors, forbidden(path, "may not specify both ipBlock and another peer")] : errors;
}

function blockErrors(block: JsonObject, path: string): FieldError[] {
  const cidr = String(block.cidr ?? "");
  if (cidr === "") return [required(`${path}.cidr`)];
  const why = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  if (!isCidr(cidr)) return [invalid(`${path}.cidr`, cidr, why)];
  return textsOf(block.except).flatMap((except, index) =>
    isCidr(except) ? [] : [invalid(`${path}.except[${index}]`, except, why)]
  );
}

function policyRuleErrors(spec: JsonObject, direction: "ingress" | "egress", peers: "from" | "to"): FieldError[] {
  return each(spec, direction).flatMap((rule, index) => {
    const at = `spec.${direction}[${index}]`;
    const ports = each(rule, "ports").flatMap((port, place) => portErrors(port.port, `${at}.ports[${place}].port`));
    return [...ports, ...each(rule, peers).flatMap((peer, place) => peerErrors(peer, `${at}.${peers}[${place}]`))];
  });
}

/** Network policies. */
export const networkPolicyRules: Rules = {
  validate(object) {
    const spec = part(object, "spec");
    const given = Array.isArray(spec.policyTypes) ? spec.policyTypes : [];
    const allowed = ["Ingress", "Egress"];
    return [
      ...selectorErrors(spec.podSelector, "spec.podSelector"),
      ...policyRuleErrors(spec, "ingress", "from"),
      ...policyRuleErrors(spec, "egress", "to"),
      ...given.flatMap((type, index) =>
        allowed.includes(String(type)) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, allowed)]
      ),
    ];
  },
};

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
