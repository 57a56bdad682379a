/**
 * Who may decide about certificates, and who may issue them: rights on `signers`, which nobody else has.
 *
 * @module
 */
import type { Requester } from "../store/world.ts";
import { equal, isObject, type JsonObject } from "../types/json.ts";
import type { ResourceType } from "../types/resource.ts";
import { forbiddenBecause } from "../types/status.ts";

const group = "certificates.k8s.io";
const part = (object: JsonObject, name: string): JsonObject => isObject(object[name]) ? object[name] : {};

/** What a write of a certificate signing request asks for, beyond the write. */
interface Deciding {
  readonly type: ResourceType;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly requester?: Requester | undefined;
}

/** Refuses a decision, or a certificate, of somebody who may not give it. @throws {Refusal} 403 */
export function confirmSigner({ type, name, subresource, requester }: Deciding, object: JsonObject, old: JsonObject): void {
  if (type.custom || type.group !== group || type.kind !== "CertificateSigningRequest" || !requester) return;
  const [before, after] = [part(old, "status"), part(object, "status")];
  const changes = (member: string) => !equal(before[member] ?? null, after[member] ?? null);
  const issues = subresource === "status" && (changes("certificate") || changes("conditions"));
  const verb = subresource === "approval" ? "approve" : issues ? "sign" : undefined;
  if (verb === undefined) return;
  const signer = String(part(old, "spec").signerName);
  const domain = `${signer.split("/")[0]}/*`;
  if ([signer, domain].some((each) => requester.may({ verb, group, resource: "signers", name: each }).allowed)) return;
  throw forbiddenBecause(type, name ?? "", `user not permitted to ${verb} requests with signerName "${signer}"`);
}
