/**
 * What clients are told of a pod, or of a template of pods, that is accepted all the same.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { labelName, labelValueFaults } from "../../types/names.ts";
import { canonicalQuantity, seemsFractional } from "../../types/quantity.ts";
import { quote } from "../../types/quote.ts";
import { at, each, isUnset, part } from "./checks.ts";
import { addressWarnings } from "./legacy-addresses.ts";
import { nodeLabelWarning, nodeSelectorWarnings } from "./node-labels.ts";
import { overlapWarnings } from "./overlapping-paths.ts";
import { profileWarnings } from "./pod-profiles.ts";
import { textsOf } from "./selectors.ts";

const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

/** The containers of a pod, each with its place. Pure. */
const containersOf = (spec: JsonObject, path: string): readonly (readonly [JsonObject, string])[] =>
  ["initContainers", "containers", "ephemeralContainers"].flatMap((list) =>
    each(spec, list).map((container, index) => [container, `${path}.${list}[${index}]`] as const)
  );

function nodeWarnings(spec: JsonObject, path: string): string[] {
  const affinity = part(spec, "affinity", "nodeAffinity");
  const here = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(part(spec, "nodeSelector")).flatMap((label) => {
      const warning = nodeLabelWarning(label);
      return warning === undefined ? [] : [`${path}.nodeSelector[${label}]: ${warning}`];
    }),
    ...each(affinity, required, "nodeSelectorTerms").flatMap((term, index) =>
      nodeSelectorWarnings(term, `${here}.${required}.nodeSelectorTerms[${index}]`)
    ),
    ...each(affinity, preferred).flatMap(({ preference }, index) =>
      nodeSelectorWarnings(preference, `${here}.${preferred}[${index}].preference`, labelValueFaults)
    ),
  ];
}

const nobody = "a null labelSelector results in matching no pod";

const spreadWarnings = (spec: JsonObject, path: string): string[] =>
  each(spec, "topologySpreadConstraints").flatMap(({ topologyKey, labelSelector }, index) => {
    const here = `${path}.topologySpreadConstraints[${index}]`;
    const warning = nodeLabelWarning(topologyKey);
    return [
      ...warning === undefined ? [] : [`${here}.topologyKey: ${topologyKey} is ${warning}`],
      ...labelSelector === undefined ? [`${here}.labelSelector: ${nobody}`] : [],
    ];
  });

const sysctls = 'non-functional in v1.11+; use the "sysctls" field instead';
const outdatedAnnotations = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": sysctls,
  "security.alpha.kubernetes.io/unsafe-sysctls": sysctls,
};

const outdatedVolumes = {
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  ephemeral: "",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
};
/** As the server names the place of a volume, where that is not the member's name. */
const shownVolumes: Readonly<Record<string, string>> = { storageos: "storageOS" };

/** Amounts of bytes are whole. */
function fractionWarning(value: Json | undefined, path: string): string[] {
  if (value === undefined || !seemsFractional(String(value))) return [];
  const text = canonicalQuantity(String(value)) ?? String(value);
  return [`${path}: fractional byte value "${text}" is invalid, must be an integer`];
}

const storageWarnings = (claim: Json | undefined, path: string): string[] =>
  ["requests", "limits"].flatMap((kind) =>
    fractionWarning(part(claim, "resources", kind).storage, `${path}.resources.${kind}[storage]`)
  );

/** What clients are told of templates of claims. Pure. @param path Of their specifications. */
export const claimTemplateWarnings = (claims: readonly JsonObject[], path: (index: number) => string): string[] =>
  claims.flatMap(({ spec }, index) => storageWarnings(spec, path(index)));

const volumeWarnings = (spec: JsonObject, path: string): string[] =>
  each(spec, "volumes").flatMap((volume, index) => {
    const here = `${path}.volumes[${index}]`;
    return Object.entries(outdatedVolumes).filter(([name]) => isObject(volume[name])).flatMap(([name, why]) =>
      name === "ephemeral"
        ? storageWarnings(at(volume, name, "volumeClaimTemplate", "spec"), `${here}.${name}.volumeClaimTemplate.spec`)
        : [`${here}.${shownVolumes[name] ?? name}: ${why}`]
    );
  });

/** Items of a list that have what one before them has. */
function repeated(list: readonly JsonObject[], member: string, path: string, words: string): string[] {
  const texts = list.map((item) => String(item[member] ?? ""));
  return texts.flatMap((text, index) =>
    texts.indexOf(text) < index ? [`${path}[${index}].${member}: duplicate ${words} ${quote(text)}`] : []
  );
}

/** A variable that takes another one's place without naming it. */
function variableWarnings(container: JsonObject, path: string): string[] {
  const seen = new Set<string>();
  return each(container, "env").flatMap(({ name: given, value, valueFrom }, index) => {
    const name = String(given ?? "");
    const isFirst = !seen.has(name);
    seen.add(name);
    const [text, own] = [String(value ?? ""), `$(${name})`];
    if (isFirst || (!isObject(valueFrom) && text !== own && text.includes(own))) return [];
    return [`${path}.env[${index}]: hides previous definition of ${quote(name)}, which may be dropped when using apply`];
  });
}

const amountWarnings = (container: JsonObject, path: string): string[] =>
  ["memory", "ephemeral-storage"].flatMap((name) =>
    ["limits", "requests"].flatMap((kind) =>
      fractionWarning(part(container, "resources", kind)[name], `${path}.resources.${kind}[${name}]`)
    )
  );

interface Port {
  readonly path: string;
  readonly name: string;
  readonly host: string;
  readonly hostPort: number;
  readonly port: Json;
  readonly protocol: string;
}

const portsOf = (spec: JsonObject, path: string): readonly Port[] =>
  containersOf(spec, path).flatMap(([container, here]) =>
    each(container, "ports").map((port, index) => ({
      path: `${here}.ports[${index}]`,
      name: String(port.name ?? ""),
      host: String(port.hostIP ?? ""),
      hostPort: Number(port.hostPort ?? 0),
      port: port.containerPort ?? 0,
      protocol: String(port.protocol ?? ""),
    }))
  );

function meetingWords(one: Port, other: Port): string | undefined {
  if (one.host === other.host && one.hostPort === other.hostPort) return "duplicate port definition";
  if (one.hostPort === 0 || other.hostPort === 0) return "overlapping port definition";
  const isOpen = (one.host === "") !== (other.host === "");
  return one.hostPort === other.hostPort && isOpen ? "dangerously ambiguous port definition" : undefined;
}

function portWarnings(ports: readonly Port[]): string[] {
  const meetings = ports.flatMap((one, index) => {
    const { path, name, host, hostPort, port, protocol } = one;
    const shown = `{Name:${name} HostPort:0 ContainerPort:${port} Protocol:${protocol} HostIP:${host}}`;
    // A port of the host's address, but of which port?
    const half = host !== "" && hostPort === 0 ? [`${path}: hostIP set without hostPort: ${shown}`] : [];
    const same = ports.slice(0, index).filter((other) => other.port === port && other.protocol === protocol);
    return [
      ...half,
      ...same.flatMap((other) => {
        const words = meetingWords(one, other);
        return words === undefined ? [] : [`${path}: ${words} with ${other.path}`];
      }),
    ];
  });
  const names = ports.flatMap(({ path, name }, index) => {
    const first = ports.findIndex((other) => other.name === name);
    if (name === "" || first === index) return [];
    const other = ports[first]!.path;
    const why = `services and probes that select ports by name will use ${other}`;
    return [`${path}: duplicate port name ${quote(name)} with ${other}, ${why}`];
  });
  return [...meetings, ...names];
}

const termWarnings = (spec: JsonObject, path: string): string[] =>
  ["podAffinity", "podAntiAffinity"].flatMap((kind) => {
    const here = `${path}.affinity.${kind}`;
    const affinity = part(spec, "affinity", kind);
    return [
      ...each(affinity, required).flatMap(({ labelSelector }, index) =>
        isObject(labelSelector) ? [] : [`${here}.${required}[${index}].labelSelector: ${nobody}`]
      ),
      ...each(affinity, preferred).flatMap(({ podAffinityTerm }, index) =>
        isObject(part(podAffinityTerm).labelSelector)
          ? []
          : [`${here}.${preferred}[${index}].podAffinityTerm.labelSelector: ${nobody}`]
      ),
    ];
  });

/**
 * What clients are told of a pod, or of a template. Pure.
 *
 * @param path Of a template; nothing for a pod.
 */
export function podWarnings(pod: JsonObject, path: string = ""): string[] {
  const start = path === "" ? "" : `${path}.`;
  const here = `${start}spec`;
  const spec = part(pod, "spec");
  const annotations = part(pod, "metadata", "annotations");
  const told = (key: string, why: string) =>
    Object.hasOwn(annotations, key) ? [`${start}metadata.annotations[${key}]: ${why}`] : [];
  const overhead = part(spec, "overhead");
  return [
    ...nodeWarnings(spec, here),
    ...spreadWarnings(spec, here),
    ...Object.entries(outdatedAnnotations).flatMap(([key, why]) => told(key, why)),
    ...volumeWarnings(spec, here),
    ...overlapWarnings(each(spec, "volumes")),
    ...repeated(each(spec, "hostAliases"), "ip", `${here}.hostAliases`, "ip"),
    ...repeated(each(spec, "imagePullSecrets"), "name", `${here}.imagePullSecrets`, "name"),
    ...each(spec, "imagePullSecrets").flatMap(({ name }, index) =>
      isUnset(name) ? [`${here}.imagePullSecrets[${index}].name: invalid empty name ""`] : []
    ),
    ...["memory", "ephemeral-storage"].flatMap((name) => fractionWarning(overhead[name], `${here}.overhead[${name}]`)),
    ...profileWarnings(pod, start, undefined),
    ...containersOf(spec, here).flatMap(([container, place]) => [
      ...profileWarnings(pod, start, container),
      ...amountWarnings(container, place),
      ...variableWarnings(container, place),
    ]),
    ...portWarnings(portsOf(spec, here)),
    ...Number(spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${here}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : [],
    ...termWarnings(spec, here),
    ...textsOf(part(spec, "dnsConfig").nameservers).flatMap((server, index) =>
      addressWarnings(server, `${here}.dnsConfig.nameservers[${index}]`)
    ),
    ...each(spec, "hostAliases").flatMap(({ ip }, index) =>
      addressWarnings(String(ip ?? ""), `${here}.hostAliases[${index}].ip`)
    ),
  ];
}

/** What clients are told of a name that pods are called by. Pure. @param what Where it is used. */
export function hostNameWarnings(name: string | undefined, what: string): string[] {
  const faults = labelName(name ?? "");
  if (faults.length === 0) return [];
  const why = `this is used in ${what}, which can result in surprising behavior; a DNS label is recommended`;
  return [`metadata.name: ${why}: [${faults.join(" ")}]`];
}
