/**
 * The status of a claim of devices: what was allocated, for whom it is reserved, and what drivers say of the devices.
 *
 * @module
 */
import { byteLength } from "../../types/bytes.ts";
import { type FieldError, forbidden, invalid, notSupported, required, tooLong, tooMany } from "../../types/field-error.ts";
import { encode, equal, isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { labelName } from "../../types/names.ts";
import { formInside, sameInside } from "../internal-types.ts";
import { each, isUnset, part } from "./checks.ts";
import { conditionsErrors } from "./conditions.ts";
import {
  configurationErrors,
  driverErrors,
  listErrors,
  objectErrors,
  poolNameErrors,
  requestNameErrors,
  setErrors,
  withoutMembers,
} from "./device-names.ts";
import { interfaceAddressErrors } from "./interface-addresses.ts";
import { nodeSelectorErrors } from "./scheduling.ts";
import { textsOf } from "./selectors.ts";

const most = { consumers: 256, configurations: 64, conditions: 8, addresses: 16 };
const longest = { data: 10 * 1024, interface: 256, hardware: 128 };

const consumerErrors = (consumer: JsonObject, path: string): FieldError[] =>
  ["resource", "name", "uid"].filter((name) => isUnset(consumer[name])).map((name) => required(`${path}.${name}`));

/** A device that was allocated, as the server knows and prints it. */
const idOf = ({ driver = "", pool = "", device = "" }: JsonObject): JsonObject => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: "",
});
const deviceText = (device: JsonObject): string => encode(idOf(device));

function networkErrors(network: JsonObject, path: string): FieldError[] {
  const { interfaceName = "", hardwareAddress = "" } = network;
  const ips = textsOf(network.ips);
  return [
    ...byteLength(String(interfaceName)) > longest.interface ? [tooLong(`${path}.interfaceName`, longest.interface)] : [],
    ...byteLength(String(hardwareAddress)) > longest.hardware ? [tooLong(`${path}.hardwareAddress`, longest.hardware)] : [],
    ...setErrors(ips, `${path}.ips`, interfaceAddressErrors, { limit: most.addresses }),
  ];
}

function placeErrors(device: JsonObject, path: string): FieldError[] {
  const name = String(device.device ?? "");
  return [
    ...driverErrors(String(device.driver ?? ""), `${path}.driver`),
    ...poolNameErrors(String(device.pool ?? ""), `${path}.pool`),
    ...labelName(name).map((fault) => invalid(`${path}.device`, name, fault)),
  ];
}

function deviceErrors(device: JsonObject, path: string, allocated: ReadonlySet<string>): FieldError[] {
  const conditions = each(device, "conditions");
  const { data, networkData } = device;
  return [
    ...placeErrors(device, path),
    ...allocated.has(deviceText(device)) ? [] : [invalid(path, idOf(device), "must be an allocated device in the claim")],
    ...conditions.length > most.conditions ? [tooMany(`${path}.conditions`, conditions.length, most.conditions)] : [],
    ...conditionsErrors(conditions, `${path}.conditions`),
    ...data === undefined ? [] : objectErrors(data, `${path}.data`, longest.data),
    ...isObject(networkData) ? networkErrors(networkData, `${path}.networkData`) : [],
  ];
}

const sources = ["FromClaim", "FromClass"];

function sourceErrors({ source }: JsonObject, path: string): FieldError[] {
  if (isUnset(source)) return [required(`${path}.source`)];
  return sources.includes(String(source)) ? [] : [notSupported(`${path}.source`, source, sources)];
}

function allocationErrors(allocation: JsonObject, known: ReadonlySet<string>): FieldError[] {
  const path = "status.allocation";
  const devices = part(allocation, "devices");
  const result = (one: JsonObject, here: string) => [
    ...requestNameErrors(String(one.request ?? ""), known, `${here}.request`),
    ...placeErrors(one, here),
  ];
  const config = (one: JsonObject, here: string) => [
    ...sourceErrors(one, here),
    ...setErrors(textsOf(one.requests), `${here}.requests`, (name, at) => requestNameErrors(name, known, at)),
    ...configurationErrors(one, here),
  ];
  return [
    ...listErrors(each(devices, "results"), `${path}.devices.results`, result),
    ...listErrors(each(devices, "config"), `${path}.devices.config`, config, most.configurations),
    ...isObject(allocation.nodeSelector) ? nodeSelectorErrors(allocation.nodeSelector, `${path}.nodeSelector`) : [],
  ];
}

/** Nobody is added to those for whom a claim is reserved while it goes. */
function reservationErrors(object: JsonObject, status: JsonObject, before: JsonObject): FieldError[] {
  const reserved = each(status, "reservedFor");
  if (reserved.length === 0) return [];
  const path = "status.reservedFor";
  if (!isObject(status.allocation)) return [forbidden(path, "may not be specified when `allocated` is not set")];
  if (metaOf(object).deletionTimestamp === undefined) return [];
  const known = each(before, "reservedFor");
  return reserved.every((one) => known.some((other) => equal(one, other)))
    ? []
    : [forbidden(path, "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set")];
}

/** What gates of 1.35 take away that are off by default. */
function gatedStatus(status: JsonObject): JsonObject {
  const { allocation, devices } = status;
  const next: JsonObject = { ...status };
  const results = each(allocation, "devices", "results");
  if (isObject(allocation) && results.length > 0) {
    const own = ["shareID", "consumedCapacity", "bindingConditions", "bindingFailureConditions"];
    const gated = results.map((result) => withoutMembers(result, ...own));
    next.allocation = { ...allocation, devices: { ...part(allocation, "devices"), results: gated } };
  }
  if (Array.isArray(devices)) next.devices = each(status, "devices").map((device) => withoutMembers(device, "shareID"));
  return next;
}

/** A claim's new status: what is said of devices that it has no longer goes. Pure. */
export function withOwnDevices(object: JsonObject, old: JsonObject): JsonObject {
  if (!isObject(object.status)) return object;
  const status = gatedStatus(object.status);
  const allocated = (of: JsonObject) => each(of, "status", "allocation", "devices", "results").map(deviceText);
  const still = new Set(allocated(object));
  const gone = new Set(allocated(old).filter((text) => !still.has(text)));
  const devices = each(status, "devices").filter((device) => !gone.has(deviceText(device)));
  const { devices: _, ...rest } = status;
  return { ...object, status: devices.length > 0 ? { ...rest, devices } : rest };
}

/** What is wrong with the new status of a claim. Pure. @param known The names of its requests. */
export function claimStatusErrors(object: JsonObject, old: JsonObject, known: ReadonlySet<string>): FieldError[] {
  const [status, before] = [part(object, "status"), part(old, "status")];
  const { allocation } = status;
  const allocated = new Set(each(allocation, "devices", "results").map(deviceText));
  const consumers = each(status, "reservedFor");
  const devices = each(status, "devices");
  const isAllocated = isObject(before.allocation);
  return [
    ...setErrors(consumers, "status.reservedFor", consumerErrors, { keyOf: ({ uid = "" }) => uid, limit: most.consumers }),
    ...setErrors(devices, "status.devices", (device, path) => deviceErrors(device, path, allocated), {
      keyOf: idOf,
      limit: Infinity,
    }),
    ...reservationErrors(object, status, before),
    ...isObject(allocation) && !isAllocated ? allocationErrors(allocation, known) : [],
    ...isObject(allocation) && isAllocated && !sameInside("AllocationResult", allocation, before.allocation as JsonObject)
      ? [invalid("status.allocation", formInside("AllocationResult", allocation), "field is immutable")]
      : [],
  ];
}
