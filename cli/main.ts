#!/usr/bin/env node
import module from "node:module";
import process from "node:process";
import { runtimeFault } from "../src/adapters/runtime-version.ts";

// Nothing else is imported here: in a runtime that is too old it would fail in its own words.
const fault = runtimeFault(process.versions);
if (fault !== undefined) {
  process.stderr.write(`${fault}\n`);
  process.exit(1);
}
// A third of the start is compiling. Where the cache cannot be written it is done without.
module.enableCompileCache?.();
const mayBeAsked = "Deno" in globalThis && await (await import("./permissions.ts")).askForPermissions(process.argv.slice(2));
await (await import("./command.ts")).runCommand({ mayBeAsked });
