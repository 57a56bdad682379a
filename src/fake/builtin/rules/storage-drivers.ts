/**
 * Drivers of storage, where they run, what they have left, and what they have attached.
 *
 * @module
 */
import {
  duplicate,
  type FieldError,
  forbidden,
  immutable,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../types/field-error.ts";
import { byteLength } from "../../types/bytes.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { following, isNumber } from "../../types/numeral.ts";
import { qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import { amountOf, amountText } from "../../types/quantity.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { nodeSelectorWarnings } from "./node-labels.ts";
import { selectorErrors, textsOf } from "./selectors.ts";
import { modeErrors } from "./claims.ts";

/** The name of a driver. Pure. */
export function driverNameErrors(given: Json | undefined, path: string): FieldError[] {
  const name = String(given ?? "");
  if (name === "") return [required(path)];
  return [
    ...name.length > 63 ? [tooLong(path, 63)] : [],
    ...subdomainName(name.toLowerCase()).map((fault) => invalid(path, name, fault)),
  ];
}

const needed = ["attachRequired", "podInfoOnMount", "storageCapacity"];
const policies = ["File", "None", "ReadWriteOnceWithFSType"];
const shortest = 600;

function tokenRequestErrors(requests: readonly JsonObject[]): FieldError[] {
  const audiences = requests.map(({ audience }) => String(audience ?? ""));
  return requests.flatMap(({ expirationSeconds: seconds }, index) => {
    const path = `spec.tokenRequests[${index}]`;
    if (audiences.indexOf(audiences[index]!) < index) return [duplicate(`${path}.audience`, audiences[index])];
    if (!isNumber(seconds)) return [];
    const at = `${path}.expirationSeconds`;
    return [
      ...seconds < shortest ? [invalid(at, seconds, "may not specify a duration less than 10 minutes")] : [],
      ...seconds > 2 ** 32 ? [invalid(at, seconds, "may not specify a duration larger than 2^32 seconds")] : [],
    ];
  });
}

function driverSpecErrors(spec: JsonObject): FieldError[] {
  const requests = each(spec, "tokenRequests");
  const { fsGroupPolicy, nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets: inSecrets } = spec;
  const errors = needed.filter((name) => typeof spec[name] !== "boolean").map((name) =>
    required(`spec.${name === "attachRequired" ? "attachedRequired" : name}`)
  );
  if (fsGroupPolicy !== undefined && fsGroupPolicy !== null && !policies.includes(String(fsGroupPolicy))) {
    errors.push(notSupported("spec.fsGroupPolicy", fsGroupPolicy, policies));
  }
  errors.push(...tokenRequestErrors(requests));
  for (const mode of textsOf(spec.volumeLifecycleModes)) {
    const allowed = ["Persistent", "Ephemeral"];
    if (!allowed.includes(mode)) errors.push(notSupported("spec.volumeLifecycleModes", mode, allowed));
  }
  if (isNumber(period) && period < 10) {
    const why = "must be greater than or equal to 10 seconds";
    errors.push(invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, why));
  }
  if (typeof inSecrets === "boolean" && requests.length === 0) {
    const why = "serviceAccountTokenInSecrets is set but no tokenRequests are specified";
    errors.push(invalid("spec.serviceAccountTokenInSecrets", inSecrets, why));
  }
  return errors;
}

const inVolumes =
  "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

/** Drivers. */
export const csiDriverRules: Rules = {
  // Its generations are counted from none.
  prepareUpdate(object, old) {
    if (equal(object.spec ?? null, old.spec ?? null)) return object;
    return withMeta(object, { ...metaOf(object), generation: following(metaOf(old).generation ?? 0) });
  },
  validate(object, old, _subresource, warn) {
    const spec = part(object, "spec");
    const errors = driverSpecErrors(spec);
    if (old) {
      const before = part(old, "spec");
      if (!equal(spec.attachRequired ?? null, before.attachRequired ?? null)) {
        errors.push(immutable("spec.attachedRequired", spec.attachRequired));
      }
      if (!equal(spec.volumeLifecycleModes ?? null, before.volumeLifecycleModes ?? null)) {
        errors.push(immutable("spec.volumeLifecycleModes", spec.volumeLifecycleModes));
      }
    }
    const hasRequests = errors.length === 0 && each(spec, "tokenRequests").length > 0;
    if (hasRequests && spec.serviceAccountTokenInSecrets === undefined && !old) warn?.(inVolumes);
    return errors;
  },
};

const longestNodeId = 256;

function nodeDriverErrors(driver: JsonObject, path: string, isSecond: boolean): FieldError[] {
  const id = String(driver.nodeID ?? "");
  const count = part(driver, "allocatable").count;
  const keys = textsOf(driver.topologyKeys);
  return [
    ...driverNameErrors(driver.name, `${path}.name`),
    ...id === "" ? [required(`${path}.nodeID`)] : [],
    ...byteLength(id) > longestNodeId ? [invalid(`${path}.nodeID`, id, `must be ${longestNodeId} characters or less`)] : [],
    ...isNumber(count) && count < 0 ? [invalid(`${path}.allocatable.count`, count, "must be greater than or equal to 0")] : [],
    ...isSecond ? [duplicate(`${path}.name`, driver.name ?? "")] : [],
    ...keys.flatMap((key, index) => [
      ...key === "" ? [required(path)] : [],
      ...keys.indexOf(key) < index ? [duplicate(path, key)] : [],
      ...qualifiedNameFaults(key).map((fault) => invalid(path, key, fault)),
    ]),
  ];
}

function nodeErrors(object: JsonObject): FieldError[] {
  const drivers = each(object, "spec", "drivers");
  const nameOf = ({ name }: JsonObject) => String(name ?? "");
  return drivers.flatMap((driver, index) => {
    const isSecond = drivers.findIndex((other) => nameOf(other) === nameOf(driver)) < index;
    return nodeDriverErrors(driver, `spec.drivers[${index}]`, isSecond);
  });
}

const goDriver = ({ name = "", nodeID = "", topologyKeys = null }: JsonObject): JsonObject => ({
  Name: name,
  NodeID: nodeID,
  TopologyKeys: topologyKeys,
  Allocatable: null,
});

/** What of a driver may not change while it is there. */
const driverChanges = (object: JsonObject, old: JsonObject): FieldError[] =>
  each(old, "spec", "drivers").flatMap((before) =>
    each(object, "spec", "drivers").filter(({ name }) => name === before.name).flatMap((driver) =>
      equal(goDriver(driver), goDriver(before)) ? [] : [immutable("spec.drivers", goDriver(driver))]
    )
  );

/** Drivers of a node. A change is judged twice as a new state. */
export const csiNodeRules: Rules = {
  validate(object, old) {
    const errors = nodeErrors(object);
    return old ? [...errors, ...errors, ...driverChanges(object, old)] : errors;
  },
};

/** What is left of a class of storage somewhere. */
export const storageCapacityRules: Rules = {
  validate(object, old, _subresource, warn) {
    const { nodeTopology, storageClassName = "", capacity } = object;
    const errors = [
      ...selectorErrors(nodeTopology, "nodeTopology"),
      ...subdomainName(String(storageClassName)).map((fault) => invalid("storageClassName", storageClassName, fault)),
      ...capacity !== undefined && amountOf(capacity) < 0n
        ? [invalid("capacity", amountText(capacity), "must be greater than or equal to 0")]
        : [],
    ];
    if (old) {
      const changed = ["nodeTopology", "storageClassName"].filter((name) => !equal(object[name] ?? null, old[name] ?? null));
      errors.push(...changed.map((name) => immutable(name, object[name])));
    }
    if (errors.length === 0 && warn) nodeSelectorWarnings(nodeTopology, "nodeTopology").forEach(warn);
    return errors;
  },
};

const noInline = "may not be specified in the context of inline volumes";

function sourceErrors(source: JsonObject): FieldError[] {
  const path = "spec.source";
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  const why = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  if (!isObject(inline) && typeof name !== "string") return [required(path, why)];
  if (isObject(inline) && typeof name === "string") return [forbidden(path, why)];
  if (typeof name === "string") {
    return name === "" ? [required(`${path}.persistentVolumeName`, "must specify non empty persistentVolumeName")] : [];
  }
  const spec = part(inline);
  const at = `${path}.inlineVolumeSpec`;
  return [
    ...isObject(spec.claimRef) ? [forbidden(`${at}.claimRef`, noInline)] : [],
    ...Object.keys(part(spec, "capacity")).length > 0 ? [forbidden(`${at}.capacity`, noInline)] : [],
    ...isObject(spec.csi) ? [] : [required(`${at}.csi`, "has to be specified in the context of inline volumes")],
    ...modeErrors(spec, "", at),
    ...isObject(spec.csi) ? csiErrors(spec.csi, `${at}.csi`) : [required(at, "must specify a volume type")],
  ];
}

/** A volume of a driver. */
const csiErrors = (csi: JsonObject, path: string): FieldError[] => [
  ...driverNameErrors(csi.driver, `${path}.driver`),
  ...isUnset(csi.volumeHandle) ? [required(`${path}.volumeHandle`)] : [],
];

function volumeErrorErrors(error: Json | undefined, path: string): FieldError[] {
  const { message = "", errorCode: code } = part(error);
  return [
    ...byteLength(String(message)) > 1024 ? [tooLong(`${path}.message`, 256 * 1024)] : [],
    ...isNumber(code) && code < 0 ? [invalid(`${path}.errorCode`, code, "must be between 0 and 2147483647, inclusive")] : [],
  ];
}

function attachmentErrors(object: JsonObject): FieldError[] {
  const [spec, status] = [part(object, "spec"), part(object, "status")];
  const nodeName = String(spec.nodeName ?? "");
  const size = Object.entries(part(status, "attachmentMetadata")).reduce(
    (sum, [name, value]) => sum + byteLength(name) + byteLength(String(value)),
    0,
  );
  return [
    ...isUnset(spec.attacher) ? [required("spec.attacher")] : [],
    ...sourceErrors(part(spec, "source")),
    ...subdomainName(nodeName).map((fault) => invalid("spec.nodeName", nodeName, fault)),
    ...size > 256 * 1024 ? [tooLong("status.attachmentMetadata", 256 * 1024)] : [],
    ...volumeErrorErrors(status.attachError, "status.attachError"),
    ...volumeErrorErrors(status.detachError, "status.detachError"),
  ];
}

const goSpec = ({ attacher = "", source, nodeName = "" }: JsonObject): JsonObject => ({
  Attacher: attacher,
  Source: {
    PersistentVolumeName: part(source).persistentVolumeName ?? null,
    InlineVolumeSpec: part(source).inlineVolumeSpec ?? null,
  },
  NodeName: nodeName,
});

/** Attachments of volumes. */
export const attachmentRules: Rules = {
  validate(object, old) {
    const errors = attachmentErrors(object);
    const spec = part(object, "spec");
    if (old) return equal(spec, part(old, "spec")) ? errors : [...errors, immutable("spec", goSpec(spec))];
    const name = part(spec, "source").persistentVolumeName;
    return [
      ...errors,
      ...driverNameErrors(spec.attacher, "spec.attacher"),
      ...typeof name === "string"
        ? subdomainName(name).map((fault) => invalid("spec.source.persistentVolumeName", name, fault))
        : [],
    ];
  },
};
