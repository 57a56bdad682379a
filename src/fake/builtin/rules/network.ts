/**
 * Ingresses, network policies, endpoints and slices.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { segmentName, serviceName, subdomainName, wildcardName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { isIp } from "../../types/ip.ts";
import { each, isUnset, part, portErrors } from "./checks.ts";
import { withIngressClass } from "./default-classes.ts";
import { anyPortErrors, portNameErrors } from "./handlers.ts";
import { objectNameErrors } from "./volumes.ts";
import { isPart, legacyRangeErrors, rangeWarnings } from "./legacy-addresses.ts";
import { selectorErrors, textsOf } from "./selectors.ts";

const types = ["Exact", "ImplementationSpecific", "Prefix"];

function pathErrors(path: JsonObject, at: string): FieldError[] {
  const { pathType } = path;
  if (isUnset(pathType)) return [required(`${at}.pathType`, "pathType must be specified")];
  const text = String(path.path ?? "");
  const errors: FieldError[] = [];
  const isJudged = pathType === "Exact" || pathType === "Prefix";
  if (!types.includes(String(pathType))) errors.push(notListed(`${at}.pathType`, pathType, types));
  if (isJudged && !text.startsWith("/")) errors.push(invalid(`${at}.path`, text, "must be an absolute path"));
  if (isJudged && text.startsWith("/")) {
    for (const part of ["//", "/./", "/../", "%2f", "%2F"]) {
      if (text.includes(part)) errors.push(invalid(`${at}.path`, text, `must not contain '${part}'`));
    }
    for (const end of ["/..", "/."]) {
      if (text.endsWith(end)) errors.push(invalid(`${at}.path`, text, `cannot end with '${end}'`));
    }
  }
  return [...errors, ...backendErrors(part(path, "backend"), `${at}.backend`)];
}

/** What answers. Its faults as a whole are said of it. */
function backendErrors(backend: JsonObject, at: string): FieldError[] {
  const { service, resource } = backend;
  if (isObject(service) && isObject(resource)) return [invalid(at, "", "cannot set both resource and service backends")];
  if (isObject(resource)) {
    const { apiGroup } = resource;
    const group = isUnset(apiGroup)
      ? []
      : subdomainName(String(apiGroup)).map((fault) => invalid(`${at}.resource.apiGroup`, apiGroup, fault));
    const named = ["kind", "name"].flatMap((member) => {
      const [value, path] = [resource[member], `${at}.resource.${member}`];
      return isUnset(value) ? [required(path)] : segmentName(String(value)).map((fault) => invalid(path, value, fault));
    });
    return [...group, ...named];
  }
  if (!isObject(service)) return [invalid(at, "", "resource or service backend is required")];
  const errors = isUnset(service.name)
    ? [required(`${at}.service.name`)]
    : serviceName(String(service.name)).map((fault) => invalid(`${at}.service.name`, service.name, fault));
  const { name, number } = part(service, "port");
  const numbered = !isUnset(number) && number !== 0;
  if (!isUnset(name) && numbered) errors.push(invalid(at, "", "cannot set both port name & port number"));
  else if (!isUnset(name)) errors.push(...portNameErrors(String(name), `${at}.service.port.name`));
  else if (numbered) errors.push(...portErrors(number, `${at}.service.port.number`));
  else errors.push(required(at, "port name or number is required"));
  return errors;
}

/** A name of the domain system, which may begin with a wildcard. */
const domainErrors = (host: string, at: string): FieldError[] =>
  (host.includes("*") ? wildcardName(host) : subdomainName(host)).map((fault) => invalid(at, host, fault));

/** A host's name, which may begin with a wildcard. */
function hostErrors(host: string, at: string): FieldError[] {
  if (host === "") return [];
  if (isIp(host)) return [invalid(at, host, "must be a DNS name, not an IP address")];
  return domainErrors(host, at);
}

function ruleErrors(rule: JsonObject, at: string): FieldError[] {
  const host = String(rule.host ?? "");
  const errors = hostErrors(host, `${at}.host`);
  if (!isObject(rule.http)) return errors;
  const paths = each(rule, "http", "paths");
  if (paths.length === 0) errors.push(required(`${at}.http.paths`));
  return [...errors, ...paths.flatMap((path, index) => pathErrors(path, `${at}.http.paths[${index}]`))];
}

/** Ingresses. */
export const ingressRules: Rules = {
  admit: (object, old, around) => old ? object : withIngressClass(object, around),
  validate(object, _old, subresource) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const rules = each(spec, "rules");
    const { defaultBackend } = spec;
    const { ingressClassName: name } = spec;
    const none = rules.length === 0 ? [invalid("spec", null, "either `defaultBackend` or `rules` must be specified")] : [];
    return [
      ...isObject(defaultBackend) ? backendErrors(defaultBackend, "spec.defaultBackend") : none,
      ...rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`)),
      ...each(spec, "tls").flatMap((tls, index) => [
        ...textsOf(tls.hosts).flatMap((host, place) => domainErrors(host, `spec.tls[${index}].hosts[${place}]`)),
        ...objectNameErrors(tls.secretName, `spec.tls[${index}].secretName`),
      ]),
      ...typeof name === "string" ? subdomainName(name).map((fault) => invalid("spec.ingressClassName", name, fault)) : [],
    ];
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
  const errors = legacyRangeErrors(cidr, `${path}.cidr`);
  if (errors.length > 0) return errors;
  return textsOf(block.except).flatMap((except, index) => {
    const here = `${path}.except[${index}]`;
    return [
      ...legacyRangeErrors(except, here),
      ...isPart(except, cidr) ? [] : [invalid(here, except, "must be a strict subset of `cidr`")],
    ];
  });
}

/** What the ranges of a policy should be written like. */
const policyWarnings = (spec: JsonObject): string[] =>
  ([["ingress", "from"], ["egress", "to"]] as const).flatMap(([direction, peers]) =>
    each(spec, direction).flatMap((rule, index) =>
      each(rule, peers).flatMap(({ ipBlock: block }, place) => {
        const path = `spec.${direction}[${index}].${peers}[${place}].ipBlock`;
        if (!isObject(block)) return [];
        return [
          ...rangeWarnings(String(block.cidr ?? ""), `${path}.cidr`),
          ...textsOf(block.except).flatMap((except, order) => rangeWarnings(except, `${path}.except[${order}]`)),
        ];
      })
    )
  );

function policyPortErrors(given: JsonObject, path: string): FieldError[] {
  const { port, endPort, protocol } = given;
  const here = `${path}.endPort`;
  const kinds = ["TCP", "UDP", "SCTP"];
  const named = protocol === undefined || kinds.includes(String(protocol))
    ? []
    : [notListed(`${path}.protocol`, protocol, kinds)];
  if (port === undefined) {
    const why = "may not be specified when `port` is not specified";
    return isUnset(endPort) ? named : [...named, invalid(here, endPort, why)];
  }
  const own = anyPortErrors(port, `${path}.port`);
  if (isUnset(endPort)) return [...named, ...own];
  if (typeof port === "string") {
    return [...named, invalid(here, endPort, "may not be specified when `port` is non-numeric"), ...own];
  }
  const below = Number(endPort) < Number(port) ? [invalid(here, port, "must be greater than or equal to `port`")] : [];
  return [...named, ...own, ...below, ...portErrors(endPort, here)];
}

function policyRuleErrors(spec: JsonObject, direction: "ingress" | "egress", peers: "from" | "to"): FieldError[] {
  return each(spec, direction).flatMap((rule, index) => {
    const at = `spec.${direction}[${index}]`;
    const ports = each(rule, "ports").flatMap((port, place) => policyPortErrors(port, `${at}.ports[${place}]`));
    return [...ports, ...each(rule, peers).flatMap((peer, place) => peerErrors(peer, `${at}.${peers}[${place}]`))];
  });
}

/** Network policies. */
export const networkPolicyRules: Rules = {
  emptyCounts: true,
  validate(object, old, _subresource, warn) {
    policyWarnings(part(object, "spec")).forEach((text) => warn?.(text));
    const errors = policyErrors(object);
    // A change is judged as a new state, and as a change, by the same rules.
    return old ? [...errors, ...errors] : errors;
  },
};

function policyErrors(object: JsonObject): FieldError[] {
  const spec = part(object, "spec");
  const given = Array.isArray(spec.policyTypes) ? spec.policyTypes : [];
  const allowed = ["Ingress", "Egress"];
  const tooMany = invalid("spec.policyTypes", given, "may not specify more than two policyTypes");
  return [
    ...selectorErrors(spec.podSelector, "spec.podSelector"),
    ...policyRuleErrors(spec, "ingress", "from"),
    ...policyRuleErrors(spec, "egress", "to"),
    ...given.length > 2
      ? [tooMany]
      : given.flatMap((type, index) =>
        allowed.includes(String(type)) ? [] : [notListed(`spec.policyTypes[${index}]`, type, allowed)]
      ),
  ];
}
