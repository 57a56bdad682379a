/** controller-runtime, and client-go below it: see foreign.ts. */
import { join } from "node:path";
import process from "node:process";
import { runCommand } from "../support/programs.ts";
import { fileOf, foreignTests, placeOf } from "./foreign.ts";

const place = placeOf("controller-runtime");
/** Where go keeps what it has downloaded and compiled: below the user's home, which programs of tests have not. */
const env = { HOME: process.env["HOME"] ?? "/" };
const build = async (folder: string, program: string): Promise<readonly string[]> => {
  await runCommand(["go", "build", "-C", folder, "-o", program, "."], env);
  return [program];
};

foreignTests({
  name: "Go, controller-runtime",
  probe: ["go", "version"],
  folder: "go",
  prepare: (kept) => build(place, join(kept, "program")),
  page: {
    fence: "go",
    program(text, _kept, temporary) {
      for (const file of ["go.mod", "go.sum"]) temporary.write(`page/${file}`, fileOf("controller-runtime", file));
      temporary.write("page/main.go", text);
      return build(join(temporary.path, "page"), join(temporary.path, "page/program"));
    },
  },
});
