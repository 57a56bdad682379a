import { Buffer } from "node:buffer";
import { kubeconfig } from "../files.ts";
import { type Attempt, type Attempts, base64, type Place } from "./attempt.ts";

/** A whole kubeconfig in YAML. */
const textOf = ({ server, caPath, token }: Place): string =>
  [
    ...["apiVersion: v1", "kind: Config", "clusters:", "- name: c", "  cluster:", `    server: ${server}`],
    ...[`    certificate-authority: ${caPath}`, "users:", "- name: u", "  user:", `    token: ${token}`],
    ...["contexts:", "- name: x", "  context:", "    cluster: c", "    user: u", "current-context: x", ""],
  ].join("\n");

const withText = (change: (text: string, place: Place) => string) => (place: Place): Attempt => ({
  config: change(textOf(place), place),
});
const asJson = ({ server, caPath, token }: Place) => kubeconfig({ server, "certificate-authority": caPath }, { token });

/** Whole files: YAML, their types, their contexts. */
export const FILES: Attempts = {
  YAML: withText((text) => text),
  "YAML with CRLF": withText((text) => text.replaceAll("\n", "\r\n")),
  "YAML with a byte order mark": withText((text) => `\ufeff${text}`),
  "YAML with tabs": withText((text) => text.replaceAll("  ", "\t")),
  "a second document that is broken": withText((text) => `${text}---\na: [`),
  "a first document that is empty": withText((text) => `---\n---\n${text}`),
  "a mark before the document": withText((text) => `# c\n---\n${text}...\n`),
  "a token given twice": withText((text, { token }) =>
    text.replace("    token", `    token: nope\n    token`).concat(`# ${token}\n`)
  ),
  "a token given twice, the first one right": withText((text) => text.replace(/( {4}token.*\n)/, "$1    token: nope\n")),
  "an anchor": withText((text) =>
    text.replace("token: ", "token: &t ").replace("contexts:", "- name: v\n  user: {token: *t}\ncontexts:")
  ),
  "a merge key": withText((text, { token }) => text.replace(`token: ${token}`, `<<: {token: ${token}}`)),
  "yes for true": withText((text) => text.replace(/certificate-authority: .*/, "insecure-skip-tls-verify: yes")),
  "a name that is a boolean": withText((text) => text.replace("name: u", "name: n").replace("user: u", "user: n")),
  "a name that is a number": withText((text) => text.replace("name: u", "name: 12").replace("user: u", "user: 12")),
  "a name that is a date": withText((text) => text.replace("name: u", "name: 2026-01-01").replace("user: u", "user: 2026-01-01")),
  "a token that is a number": withText((text, { token }) => text.replace(token, "12345")),
  "a token that is a float": withText((text, { token }) => text.replace(token, "1e3")),
  "a token of another tag": withText((text, { token }) => text.replace(token, `!own ${token}`)),
  "a token of !!binary": withText((text, { token }) => text.replace(token, `!!binary ${base64(token)}`)),
  "a token in a folded scalar": withText((text) => text.replace("token: ", "token: >-\n      ")),
  "a token in a literal scalar": withText((text) => text.replace("token: ", "token: |\n      ")),
  ...Object.fromEntries(
    ["a: [b", "just text", "- a", "5", "", "# nothing", "null", "{}"].map((text) => [
      `the file ${JSON.stringify(text)}`,
      withText(() => text),
    ]),
  ),
  "no apiVersion and no kind": withText((text) => text.replace(/apiVersion.*\nkind.*\n/, "")),
  "apiVersion v2": withText((text) => text.replace("apiVersion: v1", "apiVersion: v2")),
  "an apiVersion that is a number": withText((text) => text.replace("apiVersion: v1", "apiVersion: 1")),
  "kind Pod": withText((text) => text.replace("kind: Config", "kind: Pod")),
  "two clusters of one name": withText((text) => text.replace("clusters:", "clusters:\n- {name: c, cluster: {server: a}}")),
  "two users of one name, unused": withText((text) => text.replace("users:", "users:\n- {name: z}\n- {name: z}")),
  "two users without a name": withText((text) => text.replace("users:", "users:\n- {user: {token: a}}\n- {user: {token: b}}")),
  "two contexts of one name": withText((text) => text.replace("contexts:", "contexts:\n- {name: x, context: {cluster: c}}")),
  "two extensions of one name": withText((text) =>
    `${text}extensions: [{name: a, extension: {b: 1}}, {name: a, extension: {b: 1}}]\n`
  ),
  "an entry that is null": withText((text) => text.replace("users:", "users:\n- null")),
  "an entry that is a text": withText((text) => text.replace("users:", "users:\n- foo")),
  "a list that is null": withText((text) => text.replace("users:", "users:\nothers:")),
  "a list that is an object": withText((text) => text.replace(/users:[^]*contexts:/, "users: {a: 1}\ncontexts:")),
  "a bad token of an unused user": withText((text) => text.replace("users:", "users:\n- {name: z, user: {token: 5}}")),
  "bad data of an unused cluster": withText((text) =>
    text.replace("clusters:", "clusters:\n- {name: z, cluster: {certificate-authority-data: '!'}}")
  ),
  "an unused user who could not be used": withText((text) =>
    text.replace("users:", "users:\n- {name: z, user: {client-certificate: nope}}")
  ),
  "preferences that are a text": withText((text) => `${text}preferences: x\n`),
  "a current-context that is a number": withText((text) => text.replace("current-context: x", "current-context: 5")),
  "no current-context": withText((text) => text.replace("current-context: x", "")),
  "a current-context that is not there": withText((text) => text.replace("current-context: x", "current-context: z")),
  "a context without a cluster": withText((text) => text.replace("    cluster: c\n", "")),
  "a context of no cluster": withText((text) => text.replace("cluster: c\n", "cluster: d\n")),
  "a context of no user": withText((text) => text.replace("user: u\n", "user: d\n")),
  "a context with a bad namespace": withText((text) => text.replace("    user: u\n", "    user: u\n    namespace: A B\n")),
  "a context that is null": withText((text) => text.replace(/ {2}context:[^]*user: u\n/, "  context: null\n")),
  "a user that is null": withText((text) => text.replace(/ {2}user:\n.*\n/, "  user: null\n")),
  "JSON with a comma too many": withText((text) => text && '{"apiVersion": "v1",}'),
  "another character that YAML has not": withText((text) => `${text}# \u0007\n`),
  "a line separator": withText((text) => text.replace("name: u\n", "name: u\u2028")),
  "a next line": withText((text) => text.replaceAll("\n", "\u0085")),
  "old Macintosh lines": withText((text) => text.replaceAll("\n", "\r")),
  "a tab behind a colon": withText((text) => text.replace("token: ", "token:\t")),
  "a tab behind a value": withText((text) => text.replace("name: u\n", "name: u\t\n")),
  "no space behind a colon": withText((text) => text.replace("token: ", "token:")),
  "a comment without a space": withText((text) => text.replace("user: u\n", "user: u#x\n")),
  "a comment behind a value": withText((text) => text.replace("user: u\n", "user: u #x\n")),
  "a list without indentation and one with it": withText((text) =>
    text.replace("- name: u\n  user:\n    ", "  - name: u\n    user:\n      ")
  ),
  "a version of YAML": withText((text) => `%YAML 1.1\n---\n${text}`),
  "another version of YAML": withText((text) => `%YAML 1.2\n---\n${text}`),
  "a directive that nobody knows": withText((text) => `%FOO bar\n---\n${text}`),
  "an anchor that is not there": withText((text) => text.replace(/token: .*/, "token: *t")),
  "a key that is a list": withText((text) => `${text}? [a]\n: b\n`),
  "a key that is a number": withText((text) => `${text}5: b\n`),
  "a key in quotes": withText((text) => text.replace("token:", '"token":')),
  "a tag for text": withText((text) => text.replace("user: u\n", "user: !!str u\n")),
  "a number that is a text by its tag": withText((text) =>
    text.replace("name: u", "name: !!str 12").replace("user: u", "user: '12'")
  ),
  ...Object.fromEntries(
    [
      "~",
      "Null",
      "NULL",
      "y",
      "Y",
      "yes",
      "On",
      "TRUE",
      "0x1F",
      "0o17",
      "017",
      "0b11",
      "1_000",
      "+12",
      "1.",
      ".5",
      ".inf",
      "-.Inf",
      ".NaN",
      "1:30",
      "1e3",
      "1E+3",
      "2026-01-01T00:00:00Z",
      "=",
      "<<",
      "0x",
      "-",
      "1__0",
      "_1",
      "0_7",
      "08",
    ].map((
      name,
    ) => [
      `the name ${name}`,
      withText((text) => text.replace("name: u", `name: ${name}`).replace("user: u", `user: '${name}'`)),
    ]),
  ),
  "JSON with tabs": (place) => ({ config: JSON.stringify(asJson(place), null, "\t") }),
  "JSON with a member given twice": (place) => ({
    config: JSON.stringify(asJson(place)).replace('"token"', '"token":"nope","token"'),
  }),
  "JSON with the good token first": (place) => ({
    config: JSON.stringify(asJson(place)).replace(/("token":"[^"]*")/, '$1,"token":"nope"'),
  }),
  "JSON with a comment": (place) => ({ config: `// mine\n${JSON.stringify(asJson(place))}` }),
  "JSON with a comment of YAML": (place) => ({ config: `# mine\n${JSON.stringify(asJson(place))}` }),
  "JSON with quotes of YAML": (place) => ({ config: JSON.stringify(asJson(place)).replaceAll('"', "'") }),
  "JSON with a byte order mark": (place) => ({ config: `\ufeff${JSON.stringify(asJson(place))}` }),
  "JSON with a long number": (place) => ({
    config: JSON.stringify({ ...asJson(place), more: 1 }).replace('"more":1', '"more":1e999'),
  }),
  "JSON with a member of the prototype": (place) => ({
    config: JSON.stringify(asJson(place)).replace("{", '{"__proto__":{"kind":"Pod"},"constructor":5,'),
  }),
  ...Object.fromEntries(
    ([["UTF-16, little-endian", "utf16le", [0xff, 0xfe]], ["UTF-16 without a mark", "utf16le", []], [
      "Latin-1",
      "latin1",
      [],
    ]] as const)
      .map(([what, encoding, mark]) => [
        `a file in ${what}`,
        (place: Place) => ({ config: Buffer.concat([Buffer.from(mark), Buffer.from(`${textOf(place)}# é\n`, encoding)]) }),
      ]),
  ),
  "a file in UTF-16, big-endian": (place) => ({ config: Buffer.from(`\ufeff${textOf(place)}`, "utf16le").swap16() }),
  "a file in UTF-16 of JSON": (place) => ({ config: Buffer.from(`\ufeff${JSON.stringify(asJson(place))}`, "utf16le") }),
  "a file of bytes that are no UTF-8": (place) => ({
    config: Buffer.concat([Buffer.from(`${textOf(place)}# `), Buffer.from([0xc3, 0x0a])]),
  }),
  "JSON of bytes that are no UTF-8": (place) => ({
    config: Buffer.concat([
      Buffer.from(`${JSON.stringify(asJson(place)).slice(0, -1)},"x":"`),
      Buffer.from([0xc3]),
      Buffer.from('"}'),
    ]),
  }),
  "a NUL": withText((text) => `${text}\0`),
  "a context that is asked for": (place) => ({
    ...withText((text) => text.replace("current-context: x", "current-context: z"))(place),
    context: "x",
  }),
  "a context that is asked for and not there": (place) => ({ ...withText((text) => text)(place), context: "z" }),
  "another server": (place) => ({
    ...withText((text) => text.replace(/server: .*/, "server: https://127.0.0.1:9\n    tls-server-name: other"))(place),
    master: place.server,
  }),
  "another server without a scheme": (place) => ({ ...withText((text) => text)(place), master: place.server.slice(8) }),
};
