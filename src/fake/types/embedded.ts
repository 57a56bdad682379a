/**
 * Structs that stand in others without a name: messages about their members name them, JSON does not.
 *
 * @module
 */
import type { Field } from "./shape.ts";

const devices = ["DeviceConfiguration"];

/** By the name of the outer struct; of all others that have such a member it is a reference to an object. */
const embedded: Readonly<Record<string, readonly string[]>> = {
  Probe: ["ProbeHandler"],
  Volume: ["VolumeSource"],
  PersistentVolumeSpec: ["PersistentVolumeSource"],
  EphemeralContainer: ["EphemeralContainerCommon"],
  IngressRule: ["IngressRuleValue"],
  RuleWithOperations: ["Rule"],
  NamedRuleWithOperations: ["RuleWithOperations", "Rule"],
  DeviceClassConfiguration: devices,
  DeviceClaimConfiguration: devices,
  DeviceAllocationConfiguration: devices,
};

/** How Go names a member of a struct: behind the structs that it lies in. Pure. */
export function goMember(struct: string, { name, wire = [] }: Field): string {
  if (wire.length < 2) return name;
  return [...(embedded[struct] ?? ["LocalObjectReference"]).slice(0, wire.length - 1), name].join(".");
}
