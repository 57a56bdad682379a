import type { Health, HealthRegistry, Log, Metrics } from "../mod.ts";
import { addressText, type BindAddress } from "./bind-address.ts";
import { type Endpoint, type EndpointOptions, openEndpoint } from "./endpoint.ts";
import { answerProbe } from "./probes.ts";

/** Where an operator looks in. */
export interface Operations {
  /** Where to count; absent where nobody asks. */
  readonly metrics?: Metrics;
  /** Where to say whether one is ready; absent where nobody asks. */
  readonly health?: Health;
  /** Ends the servers. */
  close(): Promise<void>;
}

/** Where the servers are. */
export interface OperationsOptions {
  readonly metricsBindAddress?: BindAddress | "off";
  readonly healthProbeBindAddress?: BindAddress | "off";
  readonly health: HealthRegistry;
  readonly log: Log;
}

/**
 * Serves metrics and probes where they are wanted: on one server where both are on one address. Loads nothing for what is
 * not wanted.
 *
 * @throws {Error} with one sentence, when it cannot listen there.
 */
export async function openOperations(options: OperationsOptions): Promise<Operations> {
  const { metricsBindAddress: forMetrics = "off", healthProbeBindAddress: forProbes = "off", health, log } = options;
  const endpoints: Endpoint[] = [];
  const open = async (address: BindAddress, served: EndpointOptions) => {
    const endpoint = await openEndpoint(address, served);
    endpoints.push(endpoint);
    for (const path of served.paths) log.info(`Serving ${endpoint.url}${path}`);
  };
  const counted = forMetrics === "off" ? undefined : await collectMetrics();
  const metricsServed = counted &&
    { what: "metrics", flag: "metrics-bind-address", paths: ["/metrics"], answer: counted.answer };
  const probesServed = {
    what: "probes",
    flag: "health-probe-bind-address",
    paths: ["/healthz", "/readyz"],
    answer: (url: URL) => answerProbe(url, health),
  };
  const shared = forMetrics !== "off" && forProbes !== "off" && forMetrics.port !== 0 &&
    addressText(forMetrics) === addressText(forProbes);
  try {
    if (shared) {
      await open(forMetrics, {
        what: "metrics and probes",
        flag: "metrics-bind-address",
        paths: [...metricsServed!.paths, ...probesServed.paths],
        answer: async (url) => await metricsServed!.answer(url) ?? probesServed.answer(url),
      });
    } else {
      if (forMetrics !== "off") await open(forMetrics, metricsServed!);
      if (forProbes !== "off") await open(forProbes, probesServed);
    }
  } catch (error) {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    throw error;
  }
  return {
    metrics: counted?.metrics,
    health: forProbes === "off" ? undefined : health,
    close: async () => void await Promise.all(endpoints.map((endpoint) => endpoint.close())),
  };
}

/** The metrics of this process, under the usual names, and those of the library. */
async function collectMetrics(): Promise<{ metrics: Metrics; answer: EndpointOptions["answer"] }> {
  const [{ collectDefaultMetrics, Registry }, { createPrometheusMetrics }] = await Promise.all([
    import("prom-client"),
    import("../src/adapters/prometheus.ts"),
  ]);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    metrics: createPrometheusMetrics(registry),
    answer: async ({ pathname }) =>
      pathname === "/metrics" ? { status: 200, contentType: registry.contentType, body: await registry.metrics() } : undefined,
  };
}
