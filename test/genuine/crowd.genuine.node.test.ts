import { join } from "node:path";
import { systemClock } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { meetings, type Place } from "../support/crowd.ts";
import { runCommand } from "../support/programs.ts";

async function genuine({ folder }: Assets): Promise<Place> {
  const server = await startApiServer({ assets: folder });
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  await kubectl("apply", "-f", "crds");
  await kubectl("wait", "--for=condition=Established", "-f", "crds");
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // the storage of a new resource is prepared, writes are refused
  return {
    clock: systemClock,
    connect: () => connect({ kubeconfig: server.kubeconfigPath }),
    end: (work) => work,
    close: server.stop,
  };
}

for (const assets of genuineAssets()) meetings(`genuine API server ${assets.name}`, () => genuine(assets));
