import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Arguments, readCommandLine, type VerbArguments } from "../../cli/arguments.ts";
import { parseBindAddress } from "../../cli/bind-address.ts";
import { parseAge, parseDuration } from "../../cli/duration.ts";

/** A command line that runs a mode. */
function readArguments(words: readonly string[], env = {}): Arguments {
  const line = readCommandLine(words, env);
  if (line.kind !== "mode") throw new Error(`it is ${line.kind}`);
  return line.given;
}

/** A variable of a script was not set. */
const empty = (words: string) =>
  [words, `Flag ${words.split(" ").at(-1)!.slice(0, -1)} is empty: give it a value, or leave it out`] as const;

/** A command line with a verb. */
function readVerb(words: string, env = {}): VerbArguments {
  const line = readCommandLine(words.split(" "), env);
  if (line.kind !== "verb") throw new Error(`it is ${line.kind}`);
  return line.given;
}

const args = suite("command line");
args("without a word: a director of the sample flow", () => {
  assert.equal(readArguments([]), {
    mode: "director",
    serve: false,
    leaderElect: true,
    namespace: "default",
    port: 0,
  });
});

args("Go's spelling and GNU's are one", () => {
  const words = ["-mode", "worker", "-log-level=debug", "--metrics-bind-address", ":8080", "-health-probe-bind-address=[::1]:0"];
  assert.equal(readArguments(words), {
    mode: "worker",
    serve: false,
    leaderElect: true,
    namespace: "default",
    port: 0,
    logLevel: "debug",
    metricsBindAddress: { host: undefined, port: 8080 },
    healthProbeBindAddress: { host: "::1", port: 0 },
  });
});

args("the times of an election, as client-go's flags take them", () => {
  const { leaderElect, leaderElectLeaseDuration, leaderElectRenewDeadline, leaderElectRetryPeriod } = readArguments(
    ["--serve", "-leader-elect=true", "--leader-elect-lease-duration=1m", "--leader-elect-renew-deadline=40s"],
    { CRD_WATCHER_LEADER_ELECT_RETRY_PERIOD: "500ms", CRD_WATCHER_LEADER_ELECT: "false" },
  );
  assert.equal([leaderElect, leaderElectLeaseDuration, leaderElectRenewDeadline, leaderElectRetryPeriod], [
    true,
    60_000,
    40_000,
    500,
  ]);
  assert.is(readArguments(["--serve", "--leader-elect=false"]).leaderElect, false);
});

args("the times of a worker", () => {
  const { grace, leaseDuration } = readArguments(["--mode", "worker", "--grace=0", "--lease-duration", "1m"]);
  assert.equal([grace, leaseDuration], [0, 60_000]);
  for (const text of ["0", "1500ms", "11m", "soon"]) {
    assert.throws(
      () => readArguments(["--mode", "worker", "--lease-duration", text]),
      /^Flag --lease-duration is ".+": expected whole seconds from 1s to 10m, as in 15s$/,
    );
  }
  assert.throws(() => readArguments(["--grace", "5s"]), /^Flag --grace is not for mode director: it is for worker$/);
});

args("a limit of requests as client-go takes it: 0 and less are none", () => {
  assert.is(readArguments(["--kube-api-qps", "20.5", "--kube-api-burst", "30"]).kubeApiQps, 20.5);
  assert.is(readArguments(["--kube-api-qps", "-1"]).kubeApiQps, 0);
  assert.throws(
    () => readArguments(["--kube-api-qps=many"]),
    /^Flag --kube-api-qps is "many": expected a number of requests a second$/,
  );
});

args("the environment stands behind the flags, which go first", () => {
  const env = {
    CRD_WATCHER_MODE: "worker",
    CRD_WATCHER_NAMESPACE: "shop",
    CRD_WATCHER_LOG_FORMAT: "json",
    CRD_WATCHER_CONCURRENCY: "8",
    CRD_WATCHER_CONTEXT: "",
    CRD_WATCHER_SERVE: "true",
    CRD_WATCHER_PORT: "tcp://10.0.0.1:8080",
    CRD_WATCHER_SERVICE_HOST: "10.0.0.1",
  };
  const { mode, namespace, logFormat, concurrency, context, serve, port } = readArguments(["--concurrency", "2"], env);
  assert.equal([mode, namespace, logFormat, concurrency], ["worker", "shop", "json", 2]);
  assert.equal([context, serve, port], [undefined, false, 0]); // empty; not for workers; set by Kubernetes
});

for (
  const [what, words, env, sentence] of [
    ["an unknown level", ["--log-level", "loud"], {}, 'Flag --log-level is "loud": expected one of debug, info, warn, error'],
    [
      "an address without a colon",
      ["--metrics-bind-address=8080"],
      {},
      'Flag --metrics-bind-address is "8080": expected HOST:PORT, :PORT for all addresses of this machine, or 0 for none',
    ],
    [
      "an impossible port",
      ["--health-probe-bind-address=:65536"],
      {},
      'Flag --health-probe-bind-address is ":65536": expected HOST:PORT, :PORT for all addresses of this machine, or 0 for none',
    ],
    [
      "a wrong value in the environment",
      [],
      { CRD_WATCHER_CONCURRENCY: "many" },
      'The environment variable CRD_WATCHER_CONCURRENCY is "many": expected a whole number from 1 to 1000',
    ],
    [
      "a wrong mode in the environment",
      [],
      { CRD_WATCHER_MODE: "boss" },
      'The environment variable CRD_WATCHER_MODE: Unknown mode "boss": expected one of director, worker, cluster, demo',
    ],
    [
      "metrics of a fake API server",
      ["--mode", "cluster", "--metrics-bind-address", ":1"],
      {},
      /is not for mode cluster: it is for director and worker$/,
    ],
  ] as const
) {
  args(`complains of ${what}`, () => {
    let said = "";
    try {
      readArguments(words, env);
    } catch (error) {
      said = (error as Error).message;
    }
    if (typeof sentence === "string") assert.is(said, sentence);
    else assert.match(said, sentence);
  });
}

args("addresses as Go's programs take them", () => {
  const cases: Record<string, unknown> = {
    "0": "off",
    ":8080": { host: undefined, port: 8080 },
    "127.0.0.1:8080": { host: "127.0.0.1", port: 8080 },
    "localhost:0": { host: "localhost", port: 0 },
    "[::1]:0": { host: "::1", port: 0 },
    "[fe80::1%eth0]:80": { host: "fe80::1%eth0", port: 80 },
    "[::]:65535": { host: "::", port: 65_535 },
    "8080": undefined,
    "::1:80": undefined,
    "host:": undefined,
    "host:http": undefined,
    ":-1": undefined,
    "http://host:80": undefined,
    "": undefined,
  };
  for (const [text, address] of Object.entries(cases)) assert.equal(parseBindAddress(text), address, text);
});

args("a verb, what comes after it, and its flags wherever they stand", () => {
  const given = readVerb("-n shop cancel a b --status=parked,waiting --status failed --yes -l tenant=a -l tier=free");
  assert.equal([given.verb, given.operands, given.namespace, given.yes], ["cancel", ["a", "b"], "shop", true]);
  assert.equal([given.status, given.selector], [["parked", "waiting", "failed"], "tenant=a,tier=free"]);
  assert.equal(readVerb("start order -l tenant=a --label tier=").label, { tenant: "a", tier: "" });
  assert.equal(readVerb("get -- -x").operands, ["-x"]);
  assert.is(readVerb("list", { CRD_WATCHER_NAMESPACE: "shop", CRD_WATCHER_STATUS: "nothing" }).namespace, "shop");
});

args("an empty value says the same as none where kubectl takes it so", () => {
  const given = readVerb("list -n= --kubeconfig= --context= --master=");
  assert.equal([given.namespace, given.kubeconfig, given.context, given.master], ["default", undefined, undefined, undefined]);
});

args("letters as kubectl takes them", () => {
  for (const words of ["list -Ao json", "list -A -ojson", "list -A -o=json", "-Ao=json list"]) {
    assert.equal([readVerb(words).allNamespaces, readVerb(words).output], [true, "json"], words);
  }
  assert.is(readVerb("list -nshop").namespace, "shop");
  assert.equal([readVerb("list -w").watch, readVerb("list -wA").allNamespaces], [true, true]);
});

args("help and version", () => {
  const kinds = [
    "--help",
    "-h",
    "help",
    "list --help",
    "-h --mode worker",
    "help cancel",
    "cancel x -h",
    "--version",
    "list --version",
  ];
  assert.equal(kinds.map((words) => readCommandLine(words.split(" "))), [
    { kind: "help", of: undefined },
    { kind: "help", of: undefined },
    { kind: "help", of: undefined },
    { kind: "help", of: "list" },
    { kind: "help", of: "worker" },
    { kind: "help", of: "cancel" },
    { kind: "help", of: "cancel" },
    { kind: "version" },
    { kind: "version" },
  ]);
});

for (
  const [words, sentence] of [
    ["lsit", 'Unknown verb "lsit": did you mean list?'],
    ["worker", 'Unknown verb "worker": a mode is a flag, --mode worker'],
    [
      "frobnicate",
      'Unknown verb "frobnicate": expected one of start, list, get, watch, cancel, suspend, resume, retry, signal, delete, graph, check, completion',
    ],
    ["list --staus parked", "Unknown flag --staus: did you mean --status?"],
    ["list -q", "Unknown flag -q: see --help"],
    ["list --selector", "Flag --selector needs a value: --selector LABELS"],
    ["list --selector --watch", "Flag --selector needs a value: --selector LABELS"],
    ["list -n", "Flag -n needs a value: -n VALUE"],
    [
      "list --status done",
      'Flag --status is "done": expected one or more of running, waiting, parked, failed, succeeded, cancelled, with commas between them',
    ],
    ["list --since yesterday", 'Flag --since is "yesterday": expected a time such as 10m, 2h30m or 7d'],
    ["list -o html", 'Flag --output is "html": expected one of name, json, yaml, wide'],
    ["graph -o json", 'Flag --output is "json": expected one of mermaid, dot'],
    [
      "graph --selector a=b",
      "Flag --selector is not for graph: it is for list, get, watch, cancel, suspend, resume, retry, signal, delete and check",
    ],
    ["list --wait", "Flag --wait is not for list: it is for start, cancel, resume, retry and signal"],
    ["list --key a", "Flag --key is not for list: it is for start"],
    ["list --serve", "Flag --serve is not for list: it is for mode director"],
    [
      "graph -A",
      "Flag -A is not for graph: it is for list, get, watch, cancel, suspend, resume, retry, signal, delete and check",
    ],
    [
      "--mode worker --status parked",
      "Flag --status is not for mode worker: it is for list, get, watch, cancel, suspend, resume, retry, signal and delete",
    ],
    ["list --yes=perhaps", "Flag --yes is not for list: it is for cancel, suspend, resume, retry, signal and delete"],
    ["list --watch=perhaps", 'Flag --watch is a switch: "perhaps" is neither true nor false'],
    ["list x", 'Unexpected argument "x": it is crd-watcher list, see list --help'],
    ["start a b", 'Unexpected argument "b": it is crd-watcher start [FLOW], see start --help'],
    ["list --mode worker", "Give a verb or --mode, not both: list"],
    [
      "start order -l nothing",
      'Flag --label is "nothing": expected NAME=VALUE, neither of them with blanks, several with commas between them',
    ],
    ["version", 'Unknown verb "version": it is a flag, --version'],
    ...["start order --key=", "start order --input=", "start order --flow=", "start order -l a=b --label="].map(empty),
    ...["delete --status succeeded --older=", "cancel -l a=b --selector=", "get a --output=", "retry a --from="].map(empty),
  ] as const
) {
  args(`complains of "${words}"`, () => {
    let said = "";
    try {
      readCommandLine(words.split(" "));
    } catch (error) {
      said = (error as Error).message;
    }
    assert.is(said, sentence);
  });
}

args("ages in days, too", () => {
  const cases: Record<string, number | undefined> = {
    "7d": 604_800_000,
    "1d12h": 129_600_000,
    "90m": 5_400_000,
    "1.5d": 129_600_000,
    "12h1d": undefined,
    "d": undefined,
    "": undefined,
  };
  for (const [text, ms] of Object.entries(cases)) assert.is(parseAge(text), ms, text);
});

args("durations as Go takes them", () => {
  const cases: Record<string, number | undefined> = {
    "15s": 15_000,
    "1m30s": 90_000,
    "1.5h": 5_400_000,
    ".5s": 500,
    "500ms": 500,
    "250us": 0.25,
    "1h0m0.5s": 3_600_500,
    "0": 0,
    "15": undefined,
    "15 s": undefined,
    "-1s": undefined,
    "s": undefined,
    "1.2.3s": undefined,
    "1d": undefined,
    "": undefined,
  };
  for (const [text, ms] of Object.entries(cases)) assert.is(parseDuration(text), ms, text);
});
args.run();
