import { Gauge, Registry } from "prom-client";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createPrometheusMetrics } from "../../src/adapters/prometheus.ts";

/** What Prometheus is told, without the words for people. */
const samples = async (registry: Registry) =>
  (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("# HELP"));

const metrics = suite("prometheus metrics");
metrics("a counter adds up, by its labels", async () => {
  const registry = new Registry();
  const claims = createPrometheusMetrics(registry).counter({ name: "claims_total", help: "Claims", labels: ["outcome"] });
  claims({ outcome: "won" });
  claims({ outcome: "won" }, 2);
  claims({ outcome: "lost" });
  assert.equal(await samples(registry), [
    "# TYPE claims_total counter",
    'claims_total{outcome="won"} 3',
    'claims_total{outcome="lost"} 1',
  ]);
});

metrics("asked for twice, also through another port over the registry, it is the same metric", async () => {
  const registry = new Registry();
  const description = { name: "seen_total", help: "Seen" };
  createPrometheusMetrics(registry).counter(description)();
  createPrometheusMetrics(registry).counter(description)();
  assert.equal(await samples(registry), ["# TYPE seen_total counter", "seen_total 2"]);
});

metrics("a name that is taken by another type is refused", () => {
  const registry = new Registry();
  const port = createPrometheusMetrics(registry);
  port.counter({ name: "seen", help: "Seen" });
  assert.throws(
    () => port.gauge({ name: "seen", help: "Seen" }, {}, () => 1),
    /^Cannot make the metric seen: the registry has one of that name, a Counter$/,
  );
  new Gauge({ name: "mine", help: "Set by hand", registers: [registry] });
  assert.throws(() => port.gauge({ name: "mine", help: "Read" }, {}, () => 1), /that is set, not read$/);
});

metrics("what is no registry is told so at once", () => {
  const no =
    /^Cannot make metrics: registry is (undefined|an object), expected a Registry of prom-client(; did you mean "options.registry"\?)?$/;
  assert.throws(() => createPrometheusMetrics(undefined as never), no);
  assert.throws(() => createPrometheusMetrics({ registry: new Registry() } as never), no);
});

metrics("a histogram counts into its buckets", async () => {
  const registry = new Registry();
  const took = createPrometheusMetrics(registry)
    .histogram({ name: "took_seconds", help: "Took", labels: ["verb"], buckets: [0.1, 1] });
  took(0.05, { verb: "GET" });
  took(3, { verb: "GET" });
  assert.equal(await samples(registry), [
    "# TYPE took_seconds histogram",
    'took_seconds_bucket{le="0.1",verb="GET"} 1',
    'took_seconds_bucket{le="1",verb="GET"} 1',
    'took_seconds_bucket{le="+Inf",verb="GET"} 2',
    'took_seconds_sum{verb="GET"} 3.05',
    'took_seconds_count{verb="GET"} 2',
  ]);
});

metrics("a gauge is read when it is asked for, and gone once it is taken away", async () => {
  const registry = new Registry();
  const port = createPrometheusMetrics(registry);
  let depth = 3;
  const description = { name: "depth", help: "Depth", labels: ["name"] };
  const take = port.gauge(description, { name: "a" }, () => depth);
  port.gauge(description, { name: "b" }, () => undefined);
  assert.equal(await samples(registry), ["# TYPE depth gauge", 'depth{name="a"} 3']);
  depth = 4;
  assert.equal(await samples(registry), ["# TYPE depth gauge", 'depth{name="a"} 4']);
  take();
  assert.equal(await samples(registry), ["# TYPE depth gauge"]);
});

metrics("a gauge without labels that has nothing to say says nothing, not 0", async () => {
  const registry = new Registry();
  createPrometheusMetrics(registry).gauge({ name: "age_seconds", help: "Age" }, {}, () => undefined);
  assert.equal(await samples(registry), ["# TYPE age_seconds gauge"]);
});

metrics("of two readings with the same labels the newer counts, and the older again after it", async () => {
  const registry = new Registry();
  const port = createPrometheusMetrics(registry);
  port.gauge({ name: "depth", help: "Depth", labels: ["a", "b"] }, { a: "1", b: "2" }, () => 1);
  const take = port.gauge({ name: "depth", help: "Depth", labels: ["a", "b"] }, { b: "2", a: "1" }, () => 2);
  assert.equal((await samples(registry)).slice(1), ['depth{b="2",a="1"} 2']);
  take();
  assert.equal((await samples(registry)).slice(1), ['depth{b="2",a="1"} 1']);
});
metrics.run();
