/**
 * Certificate signing requests. What is inside of a request, or of a certificate, is not looked at: only that it is one.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { labelName, subdomainName } from "../../types/names.ts";
import type { Requesting } from "../../types/resource.ts";
import { forbiddenBecause } from "../../types/status.ts";
import { type Rules, selectable } from "../selectable.ts";
import { at, each, isUnset, part } from "./checks.ts";

const usages = [
  ...["any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only"],
  ...[
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
  ],
  ...["key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"],
];
const decisions = ["Approved", "Denied"];
const lasting = [...decisions, "Failed"];

/** The types of the PEM blocks in bytes. */
function blocksOf(bytes: Json | undefined): string[] {
  const text = typeof bytes === "string" ? atob(bytes) : "";
  return [...text.matchAll(/^-----BEGIN ([^\n]*?)-----\r?\n[\s\S]*?^-----END \1-----\r?$/gm)].map(([, type]) => type!);
}

function requestErrors(spec: JsonObject): FieldError[] {
  if (blocksOf(spec.request)[0] === "CERTIFICATE REQUEST") return [];
  return [invalid("spec.request", spec.request ?? null, "PEM block type must be CERTIFICATE REQUEST")];
}

function usageErrors(spec: JsonObject): FieldError[] {
  const given = Array.isArray(spec.usages) ? spec.usages : [];
  if (given.length === 0) return [required("spec.usages")];
  return given.flatMap((usage, index) => [
    ...usages.includes(String(usage)) ? [] : [notListed(`spec.usages[${index}]`, usage, usages)],
    ...given.indexOf(usage) < index ? [duplicate(`spec.usages[${index}]`, usage)] : [],
  ]);
}

function signerErrors(signer: string): FieldError[] {
  const path = "spec.signerName";
  if (signer === "") return [required(path)];
  if (signer === "kubernetes.io/legacy-unknown") {
    return [invalid(path, signer, "the legacy signerName is not allowed via this API version")];
  }
  const [domain = "", name, ...rest] = signer.split("/");
  if (name === undefined || rest.length > 0) {
    return [invalid(path, signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  }
  const labels = domain.split(".");
  const said = (value: string, label: string) => (fault: string) => invalid(path, value, `validating label "${label}": ${fault}`);
  return [
    ...labels.flatMap((label) => labelName(label).map(said(domain, label))),
    ...labels.length < 2 ? [invalid(path, domain, "should be a domain with at least two segments separated by dots")] : [],
    ...subdomainName(name).map(said(name, name)),
  ];
}

function expiryErrors({ expirationSeconds: seconds }: JsonObject): FieldError[] {
  if (typeof seconds !== "number" || seconds >= 600) return [];
  return [invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)")];
}

function conditionErrors(conditions: readonly JsonObject[]): FieldError[] {
  const decided = decisions.filter((type) => conditions.some((condition) => condition.type === type));
  const seen = new Set<Json | undefined>();
  let hasDecision = false;
  return conditions.flatMap(({ type, status }, index) => {
    const path = `status.conditions[${index}]`;
    const errors: FieldError[] = [];
    if (isUnset(type)) errors.push(required(`${path}.type`));
    const allowed = lasting.includes(String(type)) ? ["True"] : ["False", "True", "Unknown"];
    if (isUnset(status)) errors.push(required(`${path}.status`));
    else if (!allowed.includes(String(status))) errors.push(notListed(`${path}.status`, status, allowed));
    if (decisions.includes(String(type))) {
      if (hasDecision && decided.length > 1 && !seen.has(type)) {
        errors.push(invalid("status.conditions", type, "Approved and Denied conditions are mutually exclusive"));
      }
      hasDecision = true;
    }
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
    return errors;
  });
}

function certificateErrors(certificate: Json | undefined): FieldError[] {
  if (isUnset(certificate)) return [];
  const blocks = blocksOf(certificate);
  const said = (detail: string) => [invalid("status.certificate", "<certificate data>", detail)];
  const other = blocks.find((type) => type !== "CERTIFICATE");
  if (other !== undefined) return said(`only CERTIFICATE PEM blocks are allowed, found "${other}"`);
  return blocks.length === 0 ? said("must contain at least one CERTIFICATE PEM block") : [];
}

const conditionsOf = (object: JsonObject) => each(object, "status", "conditions");
const ofType = (object: JsonObject, type: string) => conditionsOf(object).filter((condition) => condition.type === type);

function changeErrors(object: JsonObject, old: JsonObject, subresource: string | undefined): FieldError[] {
  const path = "status.conditions";
  const change = (type: string) => ofType(object, type).length - ofType(old, type).length;
  const [before, after] = [old, object].map((each) => at(each, "status", "certificate"));
  return [
    ...lasting.filter((type) => change(type) < 0).map((type) =>
      forbidden(path, `updates may not remove a condition of type "${type}"`)
    ),
    ...subresource === "approval"
      ? []
      : decisions.filter((type) => change(type) > 0).map((type) =>
        forbidden(path, `updates may not add a condition of type "${type}"`)
      ),
    ...!isUnset(before) && !equal(before ?? null, after ?? null)
      ? [forbidden("status.certificate", "updates may not modify existing certificate content")]
      : [],
  ];
}

/** Conditions are as old as they are told to be, or as their status. */
function withTimes(object: JsonObject, old: JsonObject, now: string): JsonObject {
  const conditions = conditionsOf(object).map((condition) => {
    const before = ofType(old, String(condition.type))[0];
    const since = before && before.status === condition.status ? before.lastTransitionTime : undefined;
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? since ?? now,
    };
  });
  return { ...object, status: { ...part(object, "status"), ...conditions.length > 0 && { conditions } } };
}

/** Who asks stands in it, whatever it says. Of what comes from elsewhere, who asked there. */
function asRequested(object: JsonObject, user: Requesting | undefined): JsonObject {
  if (!user) return object;
  const { username: _n, uid: _u, groups: _g, extra: _e, ...spec } = part(object, "spec");
  return {
    ...object,
    spec: {
      ...spec,
      username: user.user,
      ...user.uid !== undefined && { uid: user.uid },
      groups: [...user.groups],
      ...user.extra && { extra: Object.fromEntries(Object.entries(user.extra).map(([name, values]) => [name, [...values]])) },
    },
  };
}

const clientSigner = "kubernetes.io/kube-apiserver-client";

/** Whether a request is for an organization whose members may do everything. */
function isOfMasters(request: Json | undefined): boolean {
  const [, body = ""] = /-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END/.exec(atob(String(request ?? ""))) ?? [];
  // An organization's name in DER: its identifier, the kind of text, its length, the text.
  const bytes = atob(body.replace(/\s/g, ""));
  return [0x0c, 0x13, 0x14].some((kind) => bytes.includes(String.fromCharCode(6, 3, 0x55, 4, 10, kind, 14) + "system:masters"));
}

/** The rules of certificate signing requests. */
export const signingRequestRules: Rules = {
  confirm(object, old) {
    const { signerName, request } = part(object, "spec");
    if (old || signerName !== clientSigner || !isOfMasters(request)) return;
    const subject = { group: "certificates.k8s.io", plural: "certificatesigningrequests" };
    const why = `use of ${clientSigner} signer with system:masters group is not allowed`;
    throw forbiddenBecause(subject, metaOf(object).name ?? "", why);
  },
  selectable: selectable("spec.signerName"),
  prepareCreate: (object, { user }) => asRequested({ ...object, status: {} }, user),
  prepareUpdate(object, old, subresource, now) {
    const next = { ...object, spec: old.spec };
    const status = part(old, "status");
    if (subresource === "approval") {
      const { conditions: _, ...rest } = status;
      const given = at(object, "status", "conditions");
      return withTimes({ ...next, status: { ...rest, ...given !== undefined && { conditions: given } } }, old, now);
    }
    if (subresource !== "status") return { ...next, status };
    // What was decided stays as it was said.
    const decided = conditionsOf(object).map((condition) => {
      const type = String(condition.type);
      return decisions.includes(type) && ofType(object, type).length === ofType(old, type).length
        ? ofType(old, type)[0]!
        : condition;
    });
    return withTimes(
      { ...next, status: { ...part(object, "status"), ...decided.length > 0 && { conditions: decided } } },
      old,
      now,
    );
  },
  validate(object, old, subresource) {
    const spec = part(object, "spec");
    const own = [
      ...requestErrors(spec),
      ...usageErrors(spec),
      ...signerErrors(String(spec.signerName ?? "")),
      ...expiryErrors(spec),
      ...conditionErrors(conditionsOf(object)),
      ...certificateErrors(at(object, "status", "certificate")),
    ];
    return old ? [...own, ...changeErrors(object, old, subresource)] : own;
  },
};
