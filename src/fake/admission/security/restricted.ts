/**
 * What a restricted level of security forbids pods, besides or instead of what the baseline does.
 *
 * @module
 */
import type { JsonObject } from "../../types/json.ts";
import { addedBut, badFilters, type Check, filterOf, procMounts, volumesText } from "./baseline.ts";
import { contextOf, type Finding, inside, type Judged, listed, named, numbered, quoted, setters } from "./findings.ts";

/** From then on what Linux alone has is not asked of Windows. */
const knowsWindows = 25;
/** From then on who has users of his own may be root. */
const knowsUsers = 35;

const unlessWindows = (find: Check["find"]): Check["find"] => (pod, minor) =>
  minor >= knowsWindows && pod.isWindows ? undefined : find(pod, minor);
const unlessOwnUsers = (find: Check["find"]): Check["find"] => (pod, minor) =>
  minor >= knowsUsers && pod.hasOwnUsers ? undefined : find(pod, minor);

function escalation({ containers }: Judged): Finding | undefined {
  const bad = containers.filter((each) => contextOf(each).allowPrivilegeEscalation !== false);
  return bad.length === 0 ? undefined : {
    reason: "allowPrivilegeEscalation != false",
    detail: `${named(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

const mayAdd: ReadonlySet<string> = new Set(["NET_BIND_SERVICE"]);

function capabilities({ containers }: Judged): Finding | undefined {
  const keeps = containers.filter((each) => {
    const { drop } = inside(contextOf(each), "capabilities");
    return !Array.isArray(drop) || !drop.includes("ALL");
  });
  const adds = containers.filter((each) => addedBut(each, mayAdd).length > 0);
  const faults = [
    ...keeps.length > 0 ? [`${named(keeps)} must set securityContext.capabilities.drop=["ALL"]`] : [],
    ...adds.length > 0
      ? [
        `${named(adds)} must not include ${
          quoted(adds.flatMap((each) => addedBut(each, mayAdd)))
        } in securityContext.capabilities.add`,
      ]
      : [],
  ];
  return faults.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: faults.join("; ") };
}

const mayMount = "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(" ");

function volumes({ spec }: Judged): Finding | undefined {
  const kindOf = (volume: JsonObject) => Object.keys(volume).find((member) => member !== "name");
  const bad = listed(spec, "volumes").filter((volume) => !mayMount.some((member) => volume[member] !== undefined));
  if (bad.length === 0) return undefined;
  const kinds = new Set(bad.map((volume) => kindOf(volume) ?? "unknown"));
  const verb = numbered(bad.length, "uses", "use");
  const what = numbered(kinds.size, "type");
  return {
    reason: "restricted volume types",
    detail: `${volumesText(bad)} ${verb} restricted volume ${what} ${quoted(kinds)}`,
  };
}

function nonRoot({ spec, containers }: Judged): Finding | undefined {
  const said = (object: JsonObject) => contextOf(object).runAsNonRoot;
  const bad = containers.filter((each) => said(each) === false);
  const reason = "runAsNonRoot != true";
  if (said(spec) === false || bad.length > 0) {
    return { reason, detail: `${setters(said(spec) === false, bad)} must not set securityContext.runAsNonRoot=false` };
  }
  const silent = said(spec) === true ? [] : containers.filter((each) => said(each) === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${named(silent)} must set securityContext.runAsNonRoot=true` };
}

function noRoot({ spec, containers }: Judged): Finding | undefined {
  const isRoot = (object: JsonObject) => contextOf(object).runAsUser === 0;
  const bad = containers.filter(isRoot);
  if (!isRoot(spec) && bad.length === 0) return undefined;
  return { reason: "runAsUser=0", detail: `${setters(isRoot(spec), bad)} must not set runAsUser=0` };
}

function filters({ spec, containers }: Judged): Finding | undefined {
  const bad = badFilters(spec, containers);
  if (bad) return bad;
  const silent = filterOf(spec) !== undefined ? [] : containers.filter((each) => filterOf(each) === undefined);
  if (silent.length === 0) return undefined;
  return {
    reason: "seccompProfile",
    detail: `pod or ${named(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

/** The checks of this level alone, in their order; `instead` names that of the baseline in whose place one is. */
export const restricted: readonly (Check & { readonly instead?: string })[] = [
  { id: "allowPrivilegeEscalation", since: 8, find: unlessWindows(escalation) },
  { id: "capabilities", since: 22, instead: "capabilities", find: unlessWindows(capabilities) },
  { id: "procMount", since: knowsUsers, instead: "procMount", find: procMounts },
  { id: "restrictedVolumes", instead: "hostPathVolumes", find: volumes },
  { id: "runAsNonRoot", find: unlessOwnUsers(nonRoot) },
  { id: "runAsUser", since: 23, find: unlessOwnUsers(noRoot) },
  { id: "seccompProfile", since: 19, instead: "seccompProfile", find: unlessWindows(filters) },
];
