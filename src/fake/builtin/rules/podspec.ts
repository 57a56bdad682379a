/**
 * The checks of a pod's specification, wherever it stands.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { labelName, qualifiedNameFaults } from "../../types/names.ts";
import { each, isUnset, oneOf, part } from "./checks.ts";
import { claimedOf, firstErrors, idErrors, mainErrors, type Neighbours, profileErrors } from "./containers.ts";
import { legacyAddressErrors } from "./legacy-addresses.ts";
import { affinityErrors, spreadErrors, tolerationsErrors } from "./scheduling.ts";
import { labelKeyErrors, labelsErrors, textsOf } from "./selectors.ts";
import { objectNameErrors, tokenErrors, volumesOf } from "./volumes.ts";

function claimsErrors(spec: JsonObject, path: string): FieldError[] {
  const names = new Set<string>();
  return each(spec, "resourceClaims").flatMap((claim, index) => {
    const here = `${path}.resourceClaims[${index}]`;
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const errors: FieldError[] = [];
    if (isUnset(name)) errors.push(required(`${here}.name`));
    else if (names.has(String(name))) errors.push(duplicate(`${here}.name`, name));
    else errors.push(...labelName(String(name)).map((fault) => invalid(`${here}.name`, name, fault)));
    names.add(String(name ?? ""));
    const shown = {
      Name: name ?? "",
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    };
    const both = "`resourceClaimName`, `resourceClaimTemplateName`";
    if (isUnset(resourceClaimName) && isUnset(resourceClaimTemplateName)) {
      errors.push(invalid(here, shown, `must specify one of: ${both}`));
    } else if (!isUnset(resourceClaimName) && !isUnset(resourceClaimTemplateName)) {
      errors.push(invalid(here, shown, `at most one of ${both} may be specified`));
    }
    return errors;
  });
}

/** On the network of its node a container has the node's ports. */
const nodePortErrors = (spec: JsonObject, path: string): FieldError[] =>
  spec.hostNetwork === true
    ? each(spec, "containers").flatMap((container, index) =>
      each(container, "ports").flatMap((port, place) =>
        port.hostPort !== port.containerPort
          ? [
            invalid(
              `${path}.containers[${index}].ports[${place}].hostPort`,
              port.hostPort ?? 0,
              "must match `containerPort` when `hostNetwork` is true",
            ),
          ]
          : []
      )
    )
    : [];

const sysctl = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

function contextErrors(spec: JsonObject, path: string): FieldError[] {
  const here = `${path}.securityContext`;
  const context = part(spec, "securityContext");
  const errors = [
    ...nodePortErrors(spec, path),
    ...idErrors(context, here, "fsGroup", "runAsUser", "runAsGroup"),
    ...(Array.isArray(context.supplementalGroups) ? context.supplementalGroups : []).flatMap((id, index) =>
      idErrors({ [`supplementalGroups[${index}]`]: id }, here, `supplementalGroups[${index}]`)
    ),
  ];
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const why = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.push(invalid(`${here}.shareProcessNamespace`, true, why));
  }
  const names = new Set<string>();
  each(context, "sysctls").forEach(({ name }, index) => {
    const [text, place] = [String(name ?? ""), `${here}.sysctls[${index}].name`];
    if (text === "") errors.push(required(place));
    else if (text.length > 253 || !new RegExp(`^${sysctl}$`).test(text)) {
      errors.push(invalid(place, text, `must have at most 253 characters and match regex ^${sysctl}$`));
    } else if (names.has(text)) errors.push(duplicate(place, text));
    names.add(text);
  });
  return [
    ...errors,
    ...oneOf(context, here, "fsGroupChangePolicy", "Always", "OnRootMismatch"),
    ...profileErrors(context, here),
    ...oneOf(context, here, "supplementalGroupsPolicy", "Merge", "Strict"),
  ];
}

// A label of a search domain may begin with an underscore.
const searchLabel = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const searchPattern = `${searchLabel}(\\.${searchLabel})*`;

function dnsErrors(spec: JsonObject, path: string): FieldError[] {
  const config = spec.dnsConfig;
  const here = `${path}.dnsConfig`;
  const errors: FieldError[] = [];
  if (spec.dnsPolicy === "None") {
    if (!isObject(config)) return [required(here, "must provide `dnsConfig` when `dnsPolicy` is None")];
    if (textsOf(config.nameservers).length === 0) {
      errors.push(required(`${here}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"));
    }
  }
  if (!isObject(config)) return errors;
  const servers = textsOf(config.nameservers);
  if (servers.length > 3) {
    errors.push(invalid(`${here}.nameservers`, config.nameservers, "must not have more than 3 nameservers"));
  }
  servers.forEach((server, index) => {
    errors.push(...legacyAddressErrors(server, `${here}.nameservers[${index}]`));
  });
  const searches = textsOf(config.searches);
  if (searches.length > 32) {
    errors.push(invalid(`${here}.searches`, config.searches, "must not have more than 32 search paths"));
  }
  searches.forEach((search, index) => {
    const text = search === "." ? search : search.replace(/\.$/, "");
    if (text === "." || new RegExp(`^${searchPattern}$`).test(text)) return;
    const why =
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${searchPattern}')`;
    errors.push(invalid(`${here}.searches[${index}]`, text, why));
  });
  each(config, "options").forEach(({ name }, index) => {
    if (isUnset(name)) errors.push(required(`${here}.options[${index}]`, "must not be empty"));
  });
  return errors;
}

function gateErrors(spec: JsonObject, path: string): FieldError[] {
  const names = new Set<string>();
  return [
    ...each(spec, "readinessGates").flatMap(({ conditionType }, index) =>
      labelKeyErrors(conditionType, `${path}.readinessGates[${index}].conditionType`)
    ),
    ...each(spec, "schedulingGates").flatMap(({ name }, index) => {
      const text = String(name ?? "");
      const here = `${path}.schedulingGates[${index}]`;
      const errors = qualifiedNameFaults(text).map((fault) => invalid(here, text, fault));
      if (names.has(text)) errors.push(duplicate(here, text));
      names.add(text);
      return errors;
    }),
  ];
}

const labelled = (value: Json | undefined, path: string): FieldError[] =>
  isUnset(value) ? [] : labelName(String(value)).map((fault) => invalid(path, value, fault));

const aliasErrors = (spec: JsonObject, path: string): FieldError[] =>
  each(spec, "hostAliases").flatMap((alias, index) => {
    const here = `${path}.hostAliases[${index}]`;
    return [
      ...legacyAddressErrors(String(alias.ip ?? ""), `${here}.ip`),
      ...textsOf(alias.hostnames).flatMap((name, place) => objectNameErrors(name, `${here}.hostnames[${place}]`)),
    ];
  });

/** Whose users are its own has nothing of the node's; two are named as Go names them. */
const userErrors = (spec: JsonObject, path: string): FieldError[] =>
  spec.hostUsers !== false
    ? []
    : ["hostNetwork", "hostPID", "hostIPC"].filter((name) => spec[name] === true).map((name) =>
      forbidden(`${path}.${name.replace(/^h(?=ost[PI])/, "H")}`, "when `hostUsers` is false")
    );

/** What a container of a pod may name. Pure. */
export const neighboursOf = (spec: JsonObject): Neighbours => ({
  volumes: volumesOf(spec, "").names,
  claimed: claimedOf(spec),
  claims: new Set(each(spec, "resourceClaims").map(({ name }) => String(name))),
  grace: Number(spec.terminationGracePeriodSeconds ?? 30),
});

/** Checks a pod's specification. Pure. @param path Where it stands. @param isPod Whether it is a pod's own, not a template's. */
export function podSpecErrors(spec: JsonObject, path: string, isPod: boolean = false): FieldError[] {
  const volumes = volumesOf(spec, `${path}.volumes`);
  const near = neighboursOf(spec);
  const names = new Set<string>();
  const { activeDeadlineSeconds: deadline } = spec;
  return [
    ...volumes.errors,
    ...claimsErrors(spec, path),
    ...mainErrors(each(spec, "containers"), `${path}.containers`, near, isPod, names),
    ...firstErrors(each(spec, "initContainers"), `${path}.initContainers`, near, isPod, names),
    ...oneOf(spec, path, "restartPolicy", "Always", "OnFailure", "Never"),
    ...oneOf(spec, path, "dnsPolicy", "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
    ...labelsErrors(spec.nodeSelector, `${path}.nodeSelector`),
    ...contextErrors(spec, path),
    ...affinityErrors(spec, path),
    ...dnsErrors(spec, path),
    ...gateErrors(spec, path),
    ...spreadErrors(spec, path),
    ...objectNameErrors(spec.serviceAccountName, `${path}.serviceAccountName`),
    ...objectNameErrors(spec.nodeName, `${path}.nodeName`),
    ...isNumber(deadline) && (deadline < 1 || deadline > 2_147_483_647)
      ? [invalid(`${path}.activeDeadlineSeconds`, deadline, "must be between 1 and 2147483647, inclusive")]
      : [],
    ...labelled(spec.hostname, `${path}.hostname`),
    ...labelled(spec.subdomain, `${path}.subdomain`),
    ...tolerationsErrors(each(spec, "tolerations"), `${path}.tolerations`),
    ...aliasErrors(spec, path),
    ...objectNameErrors(spec.priorityClassName, `${path}.priorityClassName`),
    ...objectNameErrors(spec.runtimeClassName, `${path}.runtimeClassName`),
    ...isUnset(spec.preemptionPolicy) || ["PreemptLowerPriority", "Never"].includes(String(spec.preemptionPolicy))
      ? []
      : [notListed(`${path}.preemptionPolicy`, spec.preemptionPolicy, ["PreemptLowerPriority", "Never"])],
    ...isObject(spec.os) && !["linux", "windows"].includes(String(spec.os.name))
      ? [notListed(`${path}.os`, spec.os.name ?? "", ["linux", "windows"])]
      : [],
    ...userErrors(spec, path),
    ...isPod ? tokenErrors(spec, `${path}.volumes`) : [],
    ...!isPod && each(spec, "ephemeralContainers").length > 0
      ? [forbidden(`${path}.ephemeralContainers`, "ephemeral containers not allowed in pod template")]
      : [],
  ];
}

/** The restart policy of a template whose pods go on for ever. Pure. */
export const alwaysErrors = (spec: JsonObject, path: string): FieldError[] =>
  isUnset(spec.restartPolicy) || spec.restartPolicy === "Always"
    ? []
    : [notListed(`${path}.restartPolicy`, spec.restartPolicy, ["Always"])];
