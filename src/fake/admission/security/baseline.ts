/**
 * What a baseline of security forbids pods.
 *
 * @module
 */
import type { Json, JsonObject } from "../../types/json.ts";
import { byBytes } from "../../types/order.ts";
import { quote } from "../../types/quote.ts";
import { contextOf, type Finding, inside, type Judged, listed, named, numbered, quoted, setters } from "./findings.ts";

/** A check, which is there from a version of Kubernetes on. */
export interface Check {
  /** By it they are ordered, and others take its place. */
  readonly id: string;
  /** The minor version from which on it is there. @default {0} */
  readonly since?: number;
  /** @param minor The version that is asked for. */
  find(pod: Judged, minor: number): Finding | undefined;
}

const armored = "container.apparmor.security.beta.kubernetes.io/";
const allowsArmor = (profile: string) => ["", "runtime/default"].includes(profile) || profile.startsWith("localhost/");

function appArmor({ spec, containers, annotations }: Judged): Finding | undefined {
  const typeOf = (object: JsonObject) => inside(contextOf(object), "appArmorProfile").type;
  const isBad = (object: JsonObject) =>
    ![undefined, "RuntimeDefault", "Localhost"].includes(typeOf(object) as string | undefined);
  const [isPod, bad] = [isBad(spec), containers.filter(isBad)];
  const annotated = Object.entries(annotations).filter(([key, value]) => key.startsWith(armored) && !allowsArmor(value));
  if (!isPod && bad.length + annotated.length === 0) return undefined;
  const values = new Set<string>([
    ...[...isPod ? [spec] : [], ...bad].map((each) => quote(String(typeOf(each)))),
    // As it is, within quotes.
    ...annotated.map(([key, value]) => quote(`${key}=`).slice(0, -1) + quote(value) + '"'),
  ]);
  const whose = [
    ...isPod ? ["pod"] : [],
    ...bad.length > 0 ? [named(bad)] : [],
    ...annotated.length > 0 ? [numbered(annotated.length, "annotation")] : [],
  ];
  return {
    reason: `forbidden AppArmor ${numbered(values.size, "profile")}`,
    detail: `${whose.join(" and ")} must not set AppArmor profile type to ${[...values].sort(byBytes).join(", ")}`,
  };
}

const usual = new Set(
  ("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT").split(
    " ",
  ),
);

/** The capabilities that a container adds, but those that it may. Pure. */
export const addedBut = (container: JsonObject, allowed: ReadonlySet<string>): readonly Json[] => {
  const { add } = inside(contextOf(container), "capabilities");
  return Array.isArray(add) ? add.filter((name) => !allowed.has(String(name))) : [];
};

function capabilities({ containers }: Judged): Finding | undefined {
  const bad = containers.filter((each) => addedBut(each, usual).length > 0);
  if (bad.length === 0) return undefined;
  const all = quoted(bad.flatMap((each) => addedBut(each, usual)));
  return {
    reason: "non-default capabilities",
    detail: `${named(bad)} must not include ${all} in securityContext.capabilities.add`,
  };
}

function hostNamespaces({ spec }: Judged): Finding | undefined {
  const shared = ["hostNetwork", "hostPID", "hostIPC"].filter((name) => spec[name] === true);
  if (shared.length === 0) return undefined;
  return { reason: "host namespaces", detail: shared.map((name) => `${name}=true`).join(", ") };
}

/** Volumes by their names. Pure. */
export const volumesText = (volumes: readonly JsonObject[]): string =>
  `${numbered(volumes.length, "volume")} ${volumes.map(({ name }) => quote(String(name ?? ""))).join(", ")}`;

function hostPaths({ spec }: Judged): Finding | undefined {
  const bad = listed(spec, "volumes").filter(({ hostPath }) => hostPath !== undefined);
  return bad.length === 0 ? undefined : { reason: "hostPath volumes", detail: volumesText(bad) };
}

function hostPorts({ containers }: Judged): Finding | undefined {
  const portsOf = (container: JsonObject) => listed(container, "ports").map(({ hostPort }) => hostPort ?? 0).filter(Number);
  const bad = containers.filter((each) => portsOf(each).length > 0);
  if (bad.length === 0) return undefined;
  const ports = [...new Set(bad.flatMap(portsOf).map(String))].sort(byBytes);
  const verb = numbered(bad.length, "uses", "use");
  return { reason: "hostPort", detail: `${named(bad)} ${verb} ${numbered(ports.length, "hostPort")} ${ports.join(", ")}` };
}

/** The hosts that probes and handlers of a container turn to. */
function hostsOf(container: JsonObject): readonly string[] {
  const probes = ["livenessProbe", "readinessProbe", "startupProbe"].map((name) => inside(container, name));
  const handlers = ["postStart", "preStop"].map((name) => inside(inside(container, "lifecycle"), name));
  return [...probes, ...handlers].flatMap((each) =>
    [inside(each, "httpGet").host, inside(each, "tcpSocket").host].filter((host) => (host ?? "") !== "").map(String)
  );
}

function probedHosts({ containers }: Judged): Finding | undefined {
  const bad = containers.filter((each) => hostsOf(each).length > 0);
  if (bad.length === 0) return undefined;
  const hosts = bad.flatMap(hostsOf);
  const verb = numbered(bad.length, "uses", "use");
  const what = numbered(new Set(hosts).size, "host");
  return { reason: "probe or lifecycle host", detail: `${named(bad)} ${verb} probe or lifecycle ${what} ${quoted(hosts)}` };
}

function privileged({ containers }: Judged): Finding | undefined {
  const bad = containers.filter((each) => contextOf(each).privileged === true);
  return bad.length === 0
    ? undefined
    : { reason: "privileged", detail: `${named(bad)} must not set securityContext.privileged=true` };
}

/** Mounts of `/proc` that show more. Pure. */
export function procMounts({ containers }: Judged): Finding | undefined {
  const mountOf = (container: JsonObject) => contextOf(container).procMount;
  const bad = containers.filter((each) => ![undefined, "Default"].includes(mountOf(each) as string | undefined));
  return bad.length === 0
    ? undefined
    : { reason: "procMount", detail: `${named(bad)} must not set securityContext.procMount to ${quoted(bad.map(mountOf))}` };
}

const seLinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t"];

function seLinux({ spec, containers }: Judged, minor: number): Finding | undefined {
  const allowed = minor >= 31 ? [...seLinuxTypes, "container_engine_t"] : seLinuxTypes;
  const optionsOf = (object: JsonObject) => inside(contextOf(object), "seLinuxOptions");
  const has = (object: JsonObject, name: string) => (optionsOf(object)[name] ?? "") !== "";
  const hasBadType = (object: JsonObject) => !allowed.includes(String(optionsOf(object).type ?? ""));
  const isBad = (object: JsonObject) => hasBadType(object) || has(object, "user") || has(object, "role");
  const [isPod, bad] = [isBad(spec), containers.filter(isBad)];
  if (!isPod && bad.length === 0) return undefined;
  const all = [...isPod ? [spec] : [], ...bad];
  const types = new Set(all.filter(hasBadType).map((each) => optionsOf(each).type));
  const faults = [
    ...types.size > 0 ? [`${numbered(types.size, "type")} ${quoted(types)}`] : [],
    ...all.some((each) => has(each, "user")) ? ["user may not be set"] : [],
    ...all.some((each) => has(each, "role")) ? ["role may not be set"] : [],
  ];
  const whose = setters(isPod, bad);
  return { reason: "seLinuxOptions", detail: `${whose} set forbidden securityContext.seLinuxOptions: ${faults.join("; ")}` };
}

/** The kind of filter of system calls that a pod or a container names. Pure. */
export const filterOf = (object: JsonObject): Json | undefined => inside(contextOf(object), "seccompProfile").type;

/** Who has set a filter that is none, in full. Pure. */
export function badFilters(spec: JsonObject, containers: readonly JsonObject[]): Finding | undefined {
  const isBad = (object: JsonObject) =>
    ![undefined, "RuntimeDefault", "Localhost"].includes(filterOf(object) as string | undefined);
  const [isPod, bad] = [isBad(spec), containers.filter(isBad)];
  if (!isPod && bad.length === 0) return undefined;
  const values = quoted([...isPod ? [spec] : [], ...bad].map(filterOf));
  return {
    reason: "seccompProfile",
    detail: `${setters(isPod, bad)} must not set securityContext.seccompProfile.type to ${values}`,
  };
}

const filteredPod = "seccomp.security.alpha.kubernetes.io/pod";
const filteredContainer = "container.seccomp.security.alpha.kubernetes.io/";

/** Before there was a field for it. */
function annotatedFilters(annotations: Judged["annotations"]): Finding | undefined {
  const allowed = (value: string) => ["runtime/default", "docker/default"].includes(value) || value.startsWith("localhost/");
  const bad = Object.entries(annotations).filter(([key, value]) =>
    (key === filteredPod || key.startsWith(filteredContainer)) && !allowed(value)
  );
  if (bad.length === 0) return undefined;
  const texts = bad.map(([key, value]) => `${key}=${quote(value)}`).sort(byBytes).join(", ");
  return { reason: "seccompProfile", detail: `forbidden ${numbered(bad.length, "annotation")} ${texts}` };
}

const seccomp: Check["find"] = ({ spec, containers, annotations }, minor) =>
  minor < 19 ? annotatedFilters(annotations) : badFilters(spec, containers);

/** The sysctls that may be set, by the version from which on. */
const sysctlsSince: readonly (readonly [minor: number, names: string])[] = [
  [
    0,
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies net.ipv4.ping_group_range",
  ],
  [27, "net.ipv4.ip_local_reserved_ports"],
  [29, "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes"],
  [32, "net.ipv4.tcp_rmem net.ipv4.tcp_wmem"],
];

function sysctls({ spec }: Judged, minor: number): Finding | undefined {
  const allowed = new Set(sysctlsSince.filter(([since]) => minor >= since).flatMap(([, names]) => names.split(" ")));
  const bad = listed(contextOf(spec), "sysctls").map(({ name }) => String(name ?? "")).filter((name) => !allowed.has(name));
  return bad.length === 0 ? undefined : { reason: "forbidden sysctls", detail: bad.join(", ") };
}

function hostProcesses({ spec, containers }: Judged): Finding | undefined {
  const isBad = (object: JsonObject) => inside(contextOf(object), "windowsOptions").hostProcess === true;
  const [isPod, bad] = [isBad(spec), containers.filter(isBad)];
  if (!isPod && bad.length === 0) return undefined;
  return { reason: "hostProcess", detail: `${setters(isPod, bad)} must not set securityContext.windowsOptions.hostProcess=true` };
}

/** The checks of the baseline, in their order. */
export const baseline: readonly Check[] = [
  { id: "appArmorProfile", find: appArmor },
  { id: "capabilities", find: capabilities },
  { id: "hostNamespaces", find: hostNamespaces },
  { id: "hostPathVolumes", find: hostPaths },
  { id: "hostPorts", find: hostPorts },
  { id: "hostProbes", since: 34, find: probedHosts },
  { id: "privileged", find: privileged },
  // Who has users of his own may see more.
  { id: "procMount", find: (pod, minor) => minor >= 35 && pod.hasOwnUsers ? undefined : procMounts(pod) },
  { id: "seLinuxOptions", find: seLinux },
  { id: "seccompProfile", find: seccomp },
  { id: "sysctls", find: sysctls },
  { id: "hostProcess", find: hostProcesses },
];
