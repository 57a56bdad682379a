/**
 * Records what the built-in resources of a genuine API server are, as data for the fake: `npm run builtins`.
 *
 * KUBEBUILDER_ASSETS names the folder with the binaries; `go` compiles a program that reads the Go types of the same version
 * (`types/`), for what OpenAPI does not tell.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { deflateRawSync } from "node:zlib";
import { genuineAssets, startApiServer } from "../apiserver.ts";
import { asker } from "./asking.ts";
import { documentsOf } from "./documents.ts";
import { kindsOf } from "./kinds.ts";
import { type GoTypes, structsOf } from "./structs.ts";

const data = new URL("../../../src/fake/builtin/data/", import.meta.url);
const [assets] = genuineAssets();
if (!assets) {
  console.error("KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: setup-envtest fetches one");
  process.exit(2);
}

function write(name: string, about: string, text: string): void {
  const quoted = JSON.stringify(text);
  writeFileSync(
    new URL(`${name}.ts`, data),
    `/** ${about} Made by \`npm run builtins\`. */\nexport const ${name}: string =\n  ${quoted};\n`,
  );
  console.log(`${name}: ${quoted.length} characters`);
}

/** Types of which differences are shown, or values as they are inside, by the group that they are in. */
const shownInside = {
  core: [
    "PodSpec",
    "EphemeralContainer",
    "PersistentVolumeClaimSpec",
    "PersistentVolumeSource",
    "Taint",
    "NodeAddress",
    "PodIP",
    "HostIP",
    "VolumeNodeAffinity",
  ],
  resource: ["ResourceClaimSpec", "ResourceClaimTemplateSpec", "AllocationResult"],
};

/** The structs of the server itself, of the version whose types `types/` reads. */
function internalTypes(): string {
  const version = /k8s\.io\/api v0\.(\S+)/.exec(readFileSync(new URL("./types/go.mod", import.meta.url), "utf8"))![1]!;
  const folder = (module: string) =>
    JSON.parse(execFileSync("go", ["mod", "download", "-json", module], { encoding: "utf8" })).Dir as string;
  const [server, api] = [folder(`k8s.io/kubernetes@v1.${version}`), folder(`k8s.io/api@v0.${version}`)];
  const cwd = new URL("./internal/", import.meta.url);
  return Object.entries(shownInside).map(([group, types]) => {
    const files = [`${server}/pkg/apis/${group}/types.go`, `${api}/${group}/v1/types.go`];
    return execFileSync("go", ["run", ".", ...files, ...types], { cwd, encoding: "utf8" }).trimEnd();
  }).join("\n");
}

const types = new URL("./types/", import.meta.url);
const goTypes = JSON.parse(execFileSync("go", ["run", "."], { cwd: types, encoding: "utf8", maxBuffer: 2 ** 26 })) as GoTypes;
const internals = internalTypes();
const server = await startApiServer({ assets: assets.folder });
try {
  const ask = asker(server);
  const documents = await documentsOf(ask);
  const kinds = await kindsOf(ask, goTypes);
  write(
    "kinds",
    "The kinds that a genuine server has by default: discovery, columns, and how each is handled.",
    JSON.stringify({ texts: kinds.texts, rows: kinds.rows }),
  );
  write("structs", "The Go types of the built-in kinds, a line each.", structsOf(goTypes, kinds.types, documents.schemas));
  write("internals", "The Go structs that the server has of pods, nodes, volumes and claims in itself, a line each.", internals);
  const packed = deflateRawSync(documents.text, { level: 9 }).toString("base64");
  write("openapi", "The OpenAPI documents of the built-in groups, deflated.", packed);
} finally {
  await server.stop();
}
