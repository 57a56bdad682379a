/**
 * What a kubeconfig consists of, and which member must be what: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 *
 * @module
 */

/** The cluster of a kubeconfig, in the spelling of the file. */
export interface ClusterEntry {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  /** PEM in base64. */
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly "proxy-url"?: string;
  readonly "disable-compression"?: boolean;
  readonly extensions?: readonly { readonly name?: string; readonly extension?: unknown }[];
}

/** A program that hands out credentials. */
export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  /** `Never`, `IfAvailable` or `Always`. */
  readonly interactiveMode?: string;
}

/** The user of a kubeconfig, in the spelling of the file. */
export interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly "as-uid"?: string;
  readonly "as-groups"?: readonly string[];
  readonly "as-user-extra"?: Readonly<Record<string, readonly string[]>>;
  readonly "client-certificate"?: string;
  /** PEM in base64. */
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  /** PEM in base64. */
  readonly "client-key-data"?: string;
  readonly exec?: ExecEntry;
  readonly "auth-provider"?: { readonly name?: string; readonly config?: Readonly<Record<string, string>> };
}

/** What of a context is read here. */
export interface ContextEntry {
  readonly cluster?: string;
  readonly user?: string;
}

/** One kubeconfig. */
export interface KubeconfigFile {
  readonly "current-context"?: string;
  readonly contexts?: readonly { readonly name?: string; readonly context?: ContextEntry }[];
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: ClusterEntry }[];
  readonly users?: readonly { readonly name?: string; readonly user?: UserEntry }[];
}

/** What a value must be. As in Go, null is as good as absent, and members that are not known are passed over. */
type Shape =
  | "text"
  | "boolean"
  | "base64"
  | "anything"
  | { readonly list: Shape; readonly unique?: true }
  | { readonly map: Shape }
  | { readonly members: Readonly<Record<string, Shape>> };

const members = (shape: Shape, ...names: string[]) => Object.fromEntries(names.map((name) => [name, shape]));
const extensions: Shape = { list: { members: { name: "text", extension: "anything" } }, unique: true };
/** Entries by name. kubectl refuses the file where a name is there twice, even where nobody uses it. */
const named = (member: string, entry: Readonly<Record<string, Shape>>): Shape => ({
  list: { members: { name: "text", [member]: { members: { ...entry, extensions } } } },
  unique: true,
});

const KUBECONFIG: Shape = {
  members: {
    ...members("text", "apiVersion", "kind", "current-context"),
    preferences: { members: { colors: "boolean", extensions } },
    extensions,
    contexts: named("context", members("text", "cluster", "user", "namespace")),
    clusters: named("cluster", {
      ...members("text", "server", "certificate-authority", "tls-server-name", "proxy-url"),
      ...members("base64", "certificate-authority-data"),
      ...members("boolean", "insecure-skip-tls-verify", "disable-compression"),
    }),
    users: named("user", {
      ...members("text", "token", "tokenFile", "username", "password", "as", "as-uid", "client-certificate", "client-key"),
      ...members("base64", "client-certificate-data", "client-key-data"),
      "as-groups": { list: "text" },
      "as-user-extra": { map: { list: "text" } },
      "auth-provider": { members: { name: "text", config: { map: "text" } } },
      exec: {
        members: {
          ...members("text", "apiVersion", "command", "installHint", "interactiveMode"),
          args: { list: "text" },
          env: { list: { members: members("text", "name", "value") } },
          provideClusterInfo: "boolean",
        },
      },
    }),
  },
};

/**
 * Takes a value that was read for a kubeconfig. Pure. Empty members are left out.
 *
 * @returns The kubeconfig, or what is wrong, as what follows the file's path in a sentence. It holds no value: that may be a
 * secret.
 */
export function asKubeconfig(value: unknown): KubeconfigFile | string {
  if (value === null || value === undefined) return {};
  if (kindOf(value) !== "object") return ` is not a kubeconfig: it is ${aKindOf(value)}`;
  try {
    const file = read(value, KUBECONFIG, "") as KubeconfigFile & { readonly apiVersion?: string; readonly kind?: string };
    const { apiVersion = "v1", kind = "Config" } = file;
    if (apiVersion === "v1" && kind === "Config") return file;
    return ` is not a kubeconfig: it is a "${kind}" of apiVersion "${apiVersion}", expected a "Config" of "v1"`;
  } catch (fault) {
    if (fault instanceof Fault) return fault.message;
    throw fault;
  }
}

/** Where and what; never leaves this file. */
class Fault extends Error {}

function read(value: unknown, shape: Shape, path: string): unknown {
  if (value === null || value === undefined) return undefined;
  const wrong = (expected: string, remedy = "") => new Fault(`: ${path} is ${aKindOf(value)}, expected ${expected}${remedy}`);
  if (shape === "anything") return value;
  if (shape === "boolean") {
    if (typeof value !== "boolean") throw wrong("true or false");
    return value;
  }
  if (typeof shape === "string") {
    if (typeof value !== "string") throw wrong("a text", typeof value === "object" ? "" : ": put it in quotes");
    if (shape === "base64" && !isBase64(value)) throw new Fault(`: ${path} is not base64`);
    return value === "" ? undefined : value;
  }
  if ("list" in shape) {
    if (!Array.isArray(value)) throw wrong("a list");
    if (shape.unique) checkNames(value, path);
    return value.map((item, index) => read(item, shape.list, `${path}[${nameOf(item) ?? index}]`) ?? emptyOf(shape.list));
  }
  if (kindOf(value) !== "object") throw wrong("an object");
  const given = value as Readonly<Record<string, unknown>>;
  const inside = (name: string) => path === "" ? name : `${path}.${name}`;
  const shapes: [string, Shape][] = "map" in shape
    ? Object.keys(given).map((name) => [name, shape.map])
    : Object.entries(shape.members);
  return Object.fromEntries(
    shapes.map(([name, shape]) => [name, Object.hasOwn(given, name) ? read(given[name], shape, inside(name)) : undefined])
      .filter(([, member]) => member !== undefined),
  );
}

/** What an item that is null or empty stands for. */
const emptyOf = (shape: Shape): unknown => typeof shape === "string" ? "" : "list" in shape ? [] : {};

function checkNames(list: readonly unknown[], path: string): void {
  const names = new Set<string>();
  for (const item of list) {
    const name = nameOf(item) ?? '""';
    if (names.has(name)) throw new Fault(` has two ${path} of the name ${name}: remove or rename one`);
    names.add(name);
  }
}

function nameOf(item: unknown): string | undefined {
  const { name } = (item ?? {}) as { name?: unknown };
  return typeof name === "string" ? JSON.stringify(name) : undefined;
}

/** As Go's decoder takes it: line breaks inside are nothing, any other white space is wrong. */
const isBase64 = (text: string): boolean =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replace(/[\r\n]/g, ""));

const kindOf = (value: unknown): string => Array.isArray(value) ? "list" : value === null ? "null" : typeof value;
const aKindOf = (value: unknown): string => {
  const kind = kindOf(value);
  return kind === "string" ? "a text" : kind === "object" ? "an object" : kind === "null" ? kind : `a ${kind}`;
};
