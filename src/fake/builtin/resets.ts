/**
 * What writes of a status leave as it is, where that is more than the spec: nobody becomes its owner that way.
 *
 * @module
 */
import type { ResourceType } from "../types/resource.ts";

const leaving = (...status: string[]): NonNullable<ResourceType["resets"]> => ({ "": ["status"], status });

/** By kind; of the others the status leaves the spec. */
export const builtinResets: Readonly<Record<string, NonNullable<ResourceType["resets"]>>> = {
  Deployment: leaving("spec", "metadata.labels"),
  Pod: leaving("spec", "metadata.deletionTimestamp", "metadata.ownerReferences"),
  CustomResourceDefinition: leaving("spec", "metadata"),
  FlowSchema: leaving("spec", "metadata"),
  PriorityLevelConfiguration: leaving("spec", "metadata"),
  APIService: leaving("spec", "metadata"),
  ValidatingAdmissionPolicy: leaving("spec", "metadata"),
  VolumeAttachment: leaving("spec", "metadata"),
  ResourceClaim: leaving("spec", "metadata"),
  CertificateSigningRequest: {
    "": ["spec", "status"],
    approval: ["spec", "status.certificate"],
    status: ["spec", "status.conditions"],
  },
  Namespace: { ...leaving("spec"), finalize: ["status"] },
};
