import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answerProbe } from "../../cli/probes.ts";
import { createHealth } from "../../mod.ts";

const health = createHealth();
let why: string | undefined;
health.check("informer-sync", () => undefined);
health.check("watch", () => why);
const ask = (path: string) => answerProbe(new URL(path, "http://localhost"), health);

// The shapes are those of a genuine kube-apiserver 1.35, except that it keeps the reason to itself.
const probes = suite("probes");
probes.before.each(() => why = undefined);
probes("ready", () => {
  assert.equal(ask("/readyz"), { status: 200, body: "ok" });
  assert.equal(ask("/readyz?verbose"), {
    status: 200,
    body: "[+]ping ok\n[+]informer-sync ok\n[+]watch ok\nreadyz check passed\n",
  });
});

probes("not ready: the list comes unasked", () => {
  why = "no watch since \u001b12 s";
  assert.equal(ask("/readyz"), {
    status: 500,
    body: "[+]ping ok\n[+]informer-sync ok\n[-]watch failed: no watch since \\u001b12 s\nreadyz check failed\n",
  });
});

probes("alive whatever the checks say", () => {
  why = "no";
  assert.equal(ask("/healthz"), { status: 200, body: "ok" });
  assert.equal(ask("/healthz?verbose"), { status: 200, body: "[+]ping ok\nhealthz check passed\n" });
});

probes("one check alone", () => {
  why = "no";
  assert.equal(ask("/readyz/informer-sync"), { status: 200, body: "ok" });
  assert.equal(ask("/readyz/watch"), { status: 500, body: "no\n" });
  assert.is(ask("/readyz/nothing"), undefined);
});

probes("all but one", () => {
  why = "no";
  assert.equal(ask("/readyz?exclude=watch"), { status: 200, body: "ok" });
  assert.equal(ask("/readyz?verbose&exclude=watch&exclude=etcd"), {
    status: 200,
    body: "[+]ping ok\n[+]informer-sync ok\n[+]watch excluded: ok\n" +
      'warn: some health checks cannot be excluded: no matches for "etcd"\nreadyz check passed\n',
  });
});

probes("nothing elsewhere", () => {
  for (const path of ["/", "/livez", "/readyzz", "/metrics"]) assert.is(ask(path), undefined);
});
probes.run();
