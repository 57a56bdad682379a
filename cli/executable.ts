// The fake API server alone, for `build.ts --executable`, which makes one file of it and of Node.
import process from "node:process";
import { runCommand } from "./command.ts";

process.argv.splice(2, 0, "--mode", "cluster");
void runCommand({ mayBeAsked: false });
