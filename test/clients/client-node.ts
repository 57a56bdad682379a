import { KubeConfig } from "@kubernetes/client-node";
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from "../../src/fake/mod.ts";
import { mountFakeCluster } from "../../src/fake/msw.ts";
import { listen } from "../../src/fake/server.ts";
import { widgets } from "../fake/widgets.ts";

/** A fake cluster as `@kubernetes/client-node` meets it. */
export interface Place {
  readonly fake: FakeCluster;
  readonly config: KubeConfig;
}

/** Where the widgets of the default namespace are. */
export const at = { group: "example.com", version: "v1", namespace: "default", plural: "widgets" };

/** A widget, as a user of client-node sees it. */
export interface Widget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    resourceVersion?: string;
    uid?: string;
  };
  spec: { size: number; color?: string };
  readonly status?: { phase?: string };
}

/** A widget to create. */
export const widget = (name: string, size: number = 1, labels: Record<string, string> = {}): Widget => ({
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name, labels },
  spec: { size },
});

/** The ways to a fake cluster: a socket, and none. */
export const mounts: Readonly<Record<string, (fake: FakeCluster) => Promise<{ config: KubeConfig; close(): Promise<void> }>>> = {
  async "loopback HTTP"(fake) {
    const server = await listen(fake);
    const config = new KubeConfig();
    config.loadFromString(server.kubeconfig());
    return { config, close: server.close };
  },
  async MSW(fake) {
    const mount = await mountFakeCluster(fake);
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: "fake", server: mount.url, skipTLSVerify: true }, { name: "fake" });
    return { config, close: mount.close };
  },
};

/** Runs a story on a fake cluster with widgets, and cleans up after it. */
export async function onFake(
  mount: (typeof mounts)[string],
  story: (place: Place) => Promise<void>,
  options: FakeClusterOptions = {},
): Promise<void> {
  const fake = createFakeCluster({ crds: [widgets], ...options });
  const { config, close } = await mount(fake);
  try {
    await story({ fake, config });
  } finally {
    fake.close();
    await close();
  }
}
