/**
 * Asks whether somebody may do something: `authorizer.group('').resource('pods').check('get').allowed()`.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import { LibraryValue } from "../language/value.ts";

/** What is asked. */
export interface Check {
  readonly verb: string;
  /** Of a path that is no resource; then nothing else is given. */
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Asked of a service account instead of who sends the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

/** What is answered. */
export interface CheckAnswer {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Answers what is asked. */
export type Authority = (check: Check) => CheckAnswer;

class Asking extends LibraryValue {
  readonly typeName: string;
  readonly authority: Authority;
  readonly check: Omit<Check, "verb">;

  constructor(typeName: string, authority: Authority, check: Omit<Check, "verb">) {
    super();
    this.typeName = typeName;
    this.authority = authority;
    this.check = check;
  }

  override equals(other: LibraryValue): boolean {
    return other instanceof Asking && JSON.stringify(other.check) === JSON.stringify(this.check);
  }

  with(word: string, more: Omit<Check, "verb">): Asking {
    return new Asking(`kubernetes.authorization.${word}`, this.authority, { ...this.check, ...more });
  }
}

class Decision extends LibraryValue {
  readonly typeName = "kubernetes.authorization.Decision";
  readonly answer: CheckAnswer;

  constructor(answer: CheckAnswer) {
    super();
    this.answer = answer;
  }

  override equals(other: LibraryValue): boolean {
    return this === other;
  }
}

/** The value of the variable `authorizer`. */
export const authorizerOf = (authority: Authority): LibraryValue =>
  new Asking("kubernetes.authorization.Authorizer", authority, {});

const decide = (asking: Asking, verb: string) => new Decision(asking.authority({ ...asking.check, verb }));

/** Functions of the authorizer. */
export const authorizing: readonly Declaration[] = [
  ["authorizer_path", "Authorizer.path(string): PathCheck", (asking: Asking, path: string) => asking.with("PathCheck", { path })],
  [
    "authorizer_group",
    "Authorizer.group(string): GroupCheck",
    (asking: Asking, group: string) => asking.with("GroupCheck", { group }),
  ],
  [
    "authorizer_serviceaccount",
    "Authorizer.serviceAccount(string, string): Authorizer",
    (asking: Asking, namespace: string, name: string) => asking.with("Authorizer", { serviceAccount: { namespace, name } }),
  ],
  [
    "groupcheck_resource",
    "GroupCheck.resource(string): ResourceCheck",
    (asking: Asking, resource: string) => asking.with("ResourceCheck", { resource }),
  ],
  [
    "resourcecheck_subresource",
    "ResourceCheck.subresource(string): ResourceCheck",
    (asking: Asking, subresource: string) => asking.with("ResourceCheck", { subresource }),
  ],
  [
    "resourcecheck_namespace",
    "ResourceCheck.namespace(string): ResourceCheck",
    (asking: Asking, namespace: string) => asking.with("ResourceCheck", { namespace }),
  ],
  [
    "resourcecheck_name",
    "ResourceCheck.name(string): ResourceCheck",
    (asking: Asking, name: string) => asking.with("ResourceCheck", { name }),
  ],
  ["authorizer_fieldselector", "ResourceCheck.fieldSelector(string): ResourceCheck", (asking: Asking) => asking],
  ["authorizer_labelselector", "ResourceCheck.labelSelector(string): ResourceCheck", (asking: Asking) => asking],
  ["pathcheck_check", "PathCheck.check(string): Decision", decide],
  ["resourcecheck_check", "ResourceCheck.check(string): Decision", decide],
  ["decision_errored", "Decision.errored(): bool", () => false],
  ["decision_error", "Decision.error(): string", () => ""],
  ["decision_allowed", "Decision.allowed(): bool", ({ answer }: Decision) => answer.allowed],
  ["decision_reason", "Decision.reason(): string", ({ answer }: Decision) => answer.reason],
];
