/**
 * The declarations of the package, as the strictest of its users has them checked.
 *
 * @module
 */
import process from "node:process";
import type { Folder } from "./files.ts";
import type { UserProject } from "./package.ts";
import { startCommand } from "./programs.ts";

/** Options that are asked for by nobody else, and that change what a declaration means. */
const STRICTEST = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  target: "es2022",
  types: ["node"],
  noEmit: true,
};

/** How a compiler finds a module. */
export interface Resolution {
  readonly module: string;
  readonly moduleResolution: string;
}

/** As Node finds it, and as bundlers do. */
export const RESOLUTIONS: readonly Resolution[] = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];

/**
 * Checks all modules and a program of a user in his project, without skipLibCheck.
 *
 * @param compiler The file of a tsc.
 * @returns What is wrong; not with the declarations of others, which is theirs.
 */
export async function typeErrors(
  project: UserProject,
  folder: Folder,
  compiler: string,
  { modules, resolution }: { readonly modules: readonly string[]; readonly resolution: Resolution },
): Promise<string[]> {
  const uses = modules.map((name, index) => `import * as entry${index} from "${name}";\nexport { entry${index} };\n`);
  folder.write("project/entries.ts", uses.join(""));
  folder.write("project/consumer.ts", CONSUMER);
  folder.write("project/tsconfig.json", {
    compilerOptions: { ...STRICTEST, ...resolution },
    files: ["entries.ts", "consumer.ts"],
  });
  const check = startCommand(project.inside([process.execPath, compiler, "--pretty", "false"]));
  const code = await check.exited;
  const lines = check.output.trim().split("\n").filter((line) => /^[^ ].*error TS|^error /.test(line));
  if (code !== 0 && lines.length === 0) return [`it ended with ${code}: ${check.output}${check.errors}`];
  return lines.filter((line) => !/^node_modules\/(?!crd-watcher\/)/.test(line));
}

const CONSUMER = `
import { defineFlow, implementFlow, runWorker, type Running } from "crd-watcher";
import { connect } from "crd-watcher/node";
const order = defineFlow("order", ["charge", "ship"]);
const cluster = await connect();
// @ts-expect-error A misspelt job.
runWorker(order, { chrage: async () => {} }, { cluster });
const worker: Running = runWorker(order, { charge: async ({ signal }) => void signal.aborted, ship: async () => {} }, { cluster });
await worker.finished;
const trip = defineFlow("trip", { start: "a", jobs: { a: { on: { x: "b", y: "c" } }, b: { next: "c" }, c: {} } });
const trips = implementFlow(trip, { a: async () => ({ outcome: "x" }), b: async () => {}, c: async () => {} });
await Promise.all([runWorker(trips, { cluster }), runWorker([trips], { cluster })].map(({ finished }) => finished));
`;
