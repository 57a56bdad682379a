/**
 * Text of others, in every field that is read, through everything that shows it: it does nothing there, and keeps its place.
 *
 * @module
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { createVirtualClock, type RequestState } from "../../mod.ts";
import { requestLine } from "../../cli/cluster/request-log.ts";
import { widthOf } from "../../cli/render/width.ts";
import { VERBS } from "../../cli/commands.ts";
import { saidText } from "../../src/printable.ts";
import { until } from "../../src/fake/mod.ts";
import {
  ALL,
  fullRequest,
  HARMFUL,
  HOSTILE,
  leavesOf,
  LONG,
  MAPS,
  MARKUP,
  NOW,
  type Path,
  serverOf,
  type Surroundings,
  withValue,
  YAML_WORDS,
} from "../support/hostile-set.ts";
import { beginVerb, type SceneOptions, type Shown } from "../support/verbs.ts";

const MODULE = "test/support/flows/order.ts";
const NAME = fullRequest().metadata.name;

/** How each verb is said, in all its forms; one that is not here fails. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  start: [`start order --flow ${MODULE} --input {"amount":1} --key k`],
  list: ["list", "list -A -o wide", "list -o name", "list -o json", "list -o yaml"],
  get: [
    `get ${NAME}`,
    `get ${NAME} --flow ${MODULE}`,
    `get ${NAME} -o wide`,
    `get ${NAME} -o json`,
    `get ${NAME} -o yaml`,
    "get --all",
  ],
  watch: [`watch ${NAME}`, "watch", "watch -A -o name", `watch ${NAME} -o json`, `watch ${NAME} -o yaml`],
  cancel: ["cancel --all", `cancel ${NAME}`],
  suspend: ["suspend --all"],
  resume: ["resume --all"],
  retry: ["retry --all --status parked,failed,running,waiting", `retry ${NAME} --from charge --flow ${MODULE}`],
  signal: [`signal ${NAME} charge yes`],
  delete: ["delete --all", `delete ${NAME} -o name`],
  graph: [],
  check: [`check --flow ${MODULE}`, `check --flow ${MODULE} -o json`],
  completion: [],
};

// deno-lint-ignore no-control-regex
const OURS = /\x1b\[(?:0|1|2|3[12356])m|\x1b\[\d+A\r|\x1b\[[KJ]/g;

/** What is shown, as it were without what we do to the terminal. */
const plainOf = (text: string): string => text.replace(OURS, "");

/** What a command line shows of a server. */
async function show(request: RequestState, words: string, options: SceneOptions = {}, around: Surroundings = {}): Promise<Shown> {
  const clock = createVirtualClock(NOW);
  const ending = new AbortController();
  const place = { clock, connect: () => serverOf([request], around, clock) };
  const scene = beginVerb(place, words.split(" "), { answer: "y", signal: ending.signal, ...options });
  let over: Shown | undefined;
  const finished = scene.finished.then(
    (shown) => over = shown,
    (error: Error) => over = { code: 1, out: scene.out, notes: `${scene.notes}${error.message}\n` },
  );
  // What watches all is told to end once it has shown what there is.
  if (/^watch( -|$)/.test(words)) {
    await until(() => over ?? (/\S/.test(plainOf(scene.out).replace("Looking...", "")) || undefined), { what: "it is shown" });
    ending.abort();
  }
  return await finished;
}

/** Lines that are there to be copied are never cut. */
const isCommand = (line: string) => /^ {2}crd-watcher /.test(line);

/** Looks at what was shown. The message of an error is made safe where it is said: see `say`. */
function check({ out, notes }: Shown, what: string, columns?: number): void {
  const text = plainOf(out + notes);
  const found = HARMFUL.exec(text);
  if (found) {
    const [before, after] = [Math.max(0, found.index - 60), found.index + 20];
    assert.unreachable(`${what}: ${JSON.stringify(found[0])} in ${JSON.stringify(text.slice(before, after))}`);
  }
  if (columns === undefined) return;
  const wide = plainOf(out).split("\n").filter((line) => !isCommand(line) && widthOf(line) > columns);
  assert.equal(wide.map((line) => line.slice(0, 200)), [], `${what}: fits the screen`);
}

const PIPE: SceneOptions = {};
const SCREEN: SceneOptions = { columns: 80, colors: true };
const isObjects = (words: string) => / -o (json|yaml|name)/.test(words);
const all = Object.values(LINES).flat();

/** What is shown of some request in all ways. */
async function checkAll(request: RequestState, what: string, lines: readonly string[] = all, around?: Surroundings) {
  for (const words of lines) {
    for (const options of [PIPE, SCREEN]) {
      const shown = await show(request, words, options, around);
      const label = `${words} ${options.columns ? "at a terminal" : "in a pipe"}, ${what}`;
      check(shown, label, isObjects(words) || words.includes("wide") ? undefined : options.columns);
      const { managedFields: _, ...metadata } = request.metadata as RequestState["metadata"] & { managedFields?: unknown };
      if (/^get .* -o (json|yaml)$/.test(words) && shown.code === 0) {
        const read = words.endsWith("json") ? JSON.parse(shown.out) : parse(shown.out, { version: "1.1" });
        assert.equal(JSON.stringify(read), JSON.stringify({ ...request, metadata }), label);
      }
    }
  }
}

const pathText = (path: Path) => path.join(".");
/** How long it may take, in milliseconds; a machine may be busy. */
const LIMIT = 5_000;

const fields = suite("the hostile set, in every field");
fields("every verb is tried", () => assert.equal(Object.keys(LINES), Object.keys(VERBS)));

/** What reads a request field by field. */
const READERS: readonly (readonly [words: string, options: SceneOptions])[] = [
  [`get ${NAME} --flow ${MODULE}`, SCREEN],
  [`watch ${NAME}`, PIPE],
  ["list -A -o wide", PIPE],
];

for (const state of ["REQUESTED", "STARTED", "FAILED"]) {
  fields(`one field after the other: ${state}`, async () => {
    const benign = fullRequest(state);
    for (const path of leavesOf(benign)) {
      if (state !== "STARTED" && path[0] === "metadata") continue; // the same in all states
      for (const text of [ALL, "constructor"]) {
        const request = withValue(benign, path, text);
        for (const [words, options] of text === ALL && state === "STARTED" ? READERS : READERS.slice(0, 1)) {
          const label = `${words}, ${state} ${pathText(path)} ${text.slice(0, 20)}`;
          check(await show(request, words, options), label, words.includes("wide") ? undefined : options.columns);
        }
      }
    }
  });

  for (const text of [ALL, "__proto__", "toString"]) {
    for (const [verb, lines] of Object.entries(LINES)) {
      if (lines.length === 0) continue;
      fields(`all fields at once: ${state}, ${verb}, ${text.slice(0, 10)}`, async () => {
        const leaves = leavesOf(fullRequest(state)).filter((path) => path[1] !== "state");
        const request = leaves.reduce((request, path) => withValue(request, path, text), fullRequest(state));
        await checkAll(request, `${text.slice(0, 20)} ${state}`, lines);
      });
    }
  }
}

for (const [what, text] of HOSTILE) {
  if (Object.hasOwn(LONG, what)) continue;
  fields(`as what others name: ${what}`, async () => {
    const request = MAPS.reduce((request, path) => withValue(request, [...path, text], { [text]: text }), fullRequest("STARTED"));
    const strings = [["metadata", "labels", text], ["metadata", "annotations", text]];
    const typed = strings.reduce((request, path) => withValue(request, path, text), request);
    await checkAll(typed, what, [`get ${NAME}`, `get ${NAME} -o json`, `get ${NAME} -o yaml`, "list -o wide"]);
  });
}
for (const format of ["json", "yaml"]) {
  fields(`objects mean the same in ${format}, whatever is in them`, async () => {
    const input = Object.fromEntries(YAML_WORDS.map((word) => [word, [word, { [word]: word }]]));
    const request = withValue(fullRequest(), ["spec", "input"], input);
    const one = await show(request, `get ${NAME} -o ${format}`);
    const list = await show(request, `list -o ${format}`);
    const read = (text: string) => format === "json" ? JSON.parse(text) : parse(text, { version: "1.1" });
    assert.equal(JSON.stringify(read(one.out).spec), JSON.stringify(request.spec));
    assert.equal(JSON.stringify(read(list.out).items[0].spec), JSON.stringify(request.spec));
    check(one, format);
  });
}

fields("nothing has got into what all objects have", () => {
  assert.equal(Object.keys(Object.prototype), []);
  assert.equal(Object.keys(Object), []);
});

for (const [what, text] of Object.entries(LONG)) {
  fields(`long text: ${what}`, async () => {
    const paths: Path[] = [
      ["spec", "input", "note"],
      ["spec", "job"],
      ["status", "lastError", "message"],
      ["status", "claim", "holderIdentity"],
      ["metadata", "annotations", "crd-watcher/key"],
    ];
    for (const path of paths) {
      const request = withValue(fullRequest("STARTED"), path, text);
      for (const words of ["list", `get ${NAME}`]) {
        for (const options of [PIPE, SCREEN]) {
          const begun = performance.now();
          const shown = await show(request, words, options);
          const took = performance.now() - begun;
          const label = `${words} ${options.columns ? "at a terminal" : "in a pipe"}, ${pathText(path)}: ${what}`;
          check(shown, label, options.columns);
          assert.ok(took < LIMIT, `${label} took ${Math.round(took)} ms`);
          assert.ok(
            shown.out.length + shown.notes.length < 65_536,
            `${label} has ${shown.out.length + shown.notes.length} characters`,
          );
        }
      }
    }
  });
}

fields("what can be copied is a command, and nothing else", async () => {
  for (const path of [["spec", "job"], ["status", "waitingFor"], ["spec", "flow"], ["status", "history", 0, "job"]]) {
    for (
      const text of [
        MARKUP["a shell"]!,
        MARKUP["HTML"]!,
        ALL,
        "--all",
        "-A",
        "signal --yes|--all",
        "signal $(id)|`id`",
        "signal yes|; id",
      ]
    ) {
      for (const state of ["REQUESTED", "FAILED"]) {
        const { out } = await show(withValue(fullRequest(state), path, text), `get ${NAME}`);
        for (const line of out.split("\n").filter(isCommand)) {
          assert.match(
            line.replace(/ +# .*$/, ""),
            /^ {2}crd-watcher( --(from|flow|mode|serve)| [A-Za-z0-9][\w.@%+=:,-]*)+$/,
            `${text} in ${pathText(path)}, ${state}`,
          );
        }
      }
    }
  }
});
fields.run();

const others = suite("the hostile set, from a server");
others("the log of the fake cluster: what clients ask for, as a path, in a query, as a method", () => {
  for (const [what, text] of HOSTILE) {
    const url = new URL("http://localhost/api/v1/namespaces/x/configmaps");
    url.pathname += `/${encodeURIComponent(text.toWellFormed())}`;
    url.searchParams.set("fieldSelector", text);
    const line = requestLine({ time: NOW, method: text, url, status: 200, took: 1 });
    assert.not.match(line, HARMFUL, what);
    assert.not.match(line, /\n/, what);
    assert.ok(line.length < 65_536, `${what}: ${line.length} characters`);
  }
});
const event = (text: string) => ({
  metadata: { name: "e", namespace: "default", creationTimestamp: text },
  ...{ type: text, reason: text, message: text, count: 2, lastTimestamp: text, involvedObject: {} },
});
for (const [what, text] of HOSTILE) {
  others(`events and leases: ${what}`, async () => {
    const lease = {
      metadata: { name: text, labels: { [text]: text } },
      spec: { holderIdentity: text, renewTime: text, leaseDurationSeconds: text },
    };
    const events = [event(text), { ...event(text), type: "Warning", lastTimestamp: new Date(NOW).toISOString() }];
    await checkAll(fullRequest("STARTED"), what, [`get ${NAME}`], { lease, events });
  });
}

for (const [what, text] of HOSTILE) {
  others(`refusals: ${what}`, async () => {
    const status = { kind: "Status", status: "Failure", reason: text, message: text, code: 400, details: { name: text } };
    const refusals = [
      { code: 400, body: JSON.stringify(status) },
      { code: 403, body: JSON.stringify({ ...status, code: 403, message: `cannot list resource ${text}` }) },
      { code: 200, body: text },
      { code: 404, body: `<html><title>${text}</title>${text}</html>` },
      { code: 401, body: text },
    ];
    for (const refusal of refusals) {
      for (const words of refusal.code === 400 ? ["list", `get ${NAME}`, `cancel ${NAME}`] : ["list"]) {
        const clock = createVirtualClock(NOW);
        const scene = beginVerb({ clock, connect: () => serverOf([], { refusal }, clock) }, words);
        let message: string | undefined;
        scene.finished.then(() => message = "", (error: Error) => message = error.message);
        const said = await until(() => message === undefined ? undefined : { message }, {
          clock,
          limit: 600_000,
          what: "it has ended",
        });
        check({ code: 1, out: scene.out + saidText(said.message), notes: scene.notes }, `${words} ${refusal.code} ${what}`);
        assert.ok(
          saidText(said.message).length < 65_536,
          `${words} ${refusal.code}: ${saidText(said.message).length} characters`,
        );
      }
    }
  });
}
others.run();
