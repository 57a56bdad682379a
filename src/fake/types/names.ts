/**
 * The rules for names, labels and annotations, in the words of `k8s.io/apimachinery/pkg/util/validation`.
 *
 * @module
 */

import { byteLength } from "./bytes.ts";

/** Checks a name. @returns What is wrong with it. */
export type NameRule = (name: string, prefix?: boolean) => readonly string[];

const regexError = (text: string, regex: string, ...examples: string[]) =>
  `${text} (e.g. ${examples.map((example) => `'${example}'`).join(",  or ")}, regex used for validation is '${regex}')`;

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const qualifiedName = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValue = `(${qualifiedName})?`;

const isSubdomain = new RegExp(`^${subdomain}$`);
const isLabel = new RegExp(`^${label}$`);
const isQualified = new RegExp(`^${qualifiedName}$`);
const isLabelValue = new RegExp(`^${labelValue}$`);

// A prefix for generated names may end in a dash: the server judges it with the dash replaced by a letter.
const masked = (name: string, prefix?: boolean) =>
  prefix && name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;

/** @param unit What a length is counted in: the server says it in two ways. */
function subdomainFaults(name: string, unit: "bytes" | "characters"): readonly string[] {
  const faults: string[] = [];
  if (name.length > 253) faults.push(`must be no more than 253 ${unit}`);
  if (!isSubdomain.test(name)) {
    faults.push(
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
    );
  }
  return faults;
}

/** DNS-1123 subdomain: names of most resources. Pure. */
export const subdomainName: NameRule = (given, prefix) => subdomainFaults(masked(given, prefix), "characters");

/** A DNS-1123 subdomain below a wildcard: hosts. Pure. */
export const wildcardName = (name: string): readonly string[] =>
  name.startsWith("*.") && isSubdomain.test(name.slice(2)) ? [] : [
    `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.${subdomain}')`,
  ];

/** DNS-1123 label: namespaces. Pure. */
export const labelName: NameRule = (given, prefix) => {
  const name = masked(given, prefix);
  const faults: string[] = [];
  if (name.length > 63) faults.push("must be no more than 63 characters");
  if (isLabel.test(name)) return faults;
  if (isSubdomain.test(name)) faults.push("must not contain dots");
  else {
    faults.push(
      `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
    );
  }
  return faults;
};

/** DNS-1035 label: services. Pure. */
export const serviceName: NameRule = (given, prefix) => {
  const name = masked(given, prefix);
  const faults: string[] = [];
  if (name.length > 63) faults.push("must be no more than 63 characters");
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    faults.push(
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    );
  }
  return faults;
};

/** What can stand in a path: events, whose names are made of others. Pure. */
export const segmentName: NameRule = (name) => {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
};

/** DNS-1035 label: versions and names inside of a CRD. Pure. */
export function labelFaults(name: string): readonly string[] {
  const faults: string[] = [];
  if (name.length > 63) faults.push("must be no more than 63 characters");
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    faults.push(
      regexError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        "[a-z]([-a-z0-9]*[a-z0-9])?",
        "my-name",
        "abc-123",
      ),
    );
  }
  return faults;
}

const qualifiedNameFault = regexError(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualifiedName,
  "MyName",
  "my.name",
  "123-abc",
);

/** Keys of labels, annotations and finalizers. Pure. */
export function qualifiedNameFaults(key: string): readonly string[] {
  const parts = key.split("/");
  const name = parts.at(-1)!;
  const faults: string[] = [];
  if (parts.length > 2) {
    return [`a valid label key ${qualifiedNameFault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (parts.length === 2) {
    if (parts[0] === "") faults.push("prefix part must be non-empty");
    else faults.push(...subdomainFaults(parts[0]!, "bytes").map((fault) => `prefix part ${fault}`));
  }
  if (name === "") faults.push("name part must be non-empty");
  else if (byteLength(name) > 63) faults.push("name part must be no more than 63 bytes");
  if (!isQualified.test(name)) faults.push(`name part ${qualifiedNameFault}`);
  return faults;
}

/** Values of labels. Pure. */
export function labelValueFaults(value: string): readonly string[] {
  const faults: string[] = [];
  if (byteLength(value) > 63) faults.push("must be no more than 63 bytes");
  if (!isLabelValue.test(value)) {
    faults.push(
      regexError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        labelValue,
        "MyValue",
        "my_value",
        "12345",
      ),
    );
  }
  return faults;
}
