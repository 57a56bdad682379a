import { isResource } from "../../src/fake/instruments/resource-names.ts";
import type { FakeCluster, Stage } from "../../src/fake/mod.ts";
import { meantText } from "../../src/text.ts";

const ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly resources: readonly { readonly resource: string }[] }[];
  }[];
}

/** The resources that are served, with their groups. */
async function servedBy(fake: FakeCluster): Promise<readonly string[]> {
  const names = await Promise.all(["api", "apis"].map(async (path) => {
    const response = await fake.fetch(new Request(`http://fake/${path}`, { headers: { accept: ACCEPT } }));
    const { items } = await response.json() as Discovery;
    return items.flatMap(({ metadata: { name = "" }, versions }) =>
      versions.flatMap(({ resources }) => resources.map(({ resource }) => name === "" ? resource : `${resource}.${name}`))
    );
  }));
  return names.flat();
}

/** Stages about what nobody serves as yet, each in a line: its CRD may come, or its name is mistyped. */
export async function idleStages(fake: FakeCluster, stages: readonly Stage[]): Promise<string[]> {
  if (stages.length === 0) return [];
  const served = await servedBy(fake);
  return stages.filter(({ resource }) => !served.some((each) => isResource(resource, each))).map(({ name, resource }) => {
    const words = resource.includes(".") ? served : served.map((each) => each.split(".", 1)[0]!);
    return `The stage "${name}" waits: no resource "${resource}" is served as yet${meantText(resource, words)}`;
  });
}
