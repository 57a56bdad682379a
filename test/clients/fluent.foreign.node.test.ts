/** kubernetes-fluent-client, on which Pepr is built: see foreign.ts. */
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../support/programs.ts";
import { foreignTests, placeOf } from "./foreign.ts";

const place = placeOf("fluent");

foreignTests({
  name: "kubernetes-fluent-client",
  probe: ["npm", "--version"],
  folder: "fluent",
  async prepare(kept) {
    // It finds its packages where it stands.
    for (const file of ["package.json", "program.mjs"]) copyFileSync(join(place, file), join(kept, file));
    if (!existsSync(join(kept, "node_modules"))) {
      await runCommand(["npm", "install", "--prefix", kept, "--no-audit", "--no-fund", "--ignore-scripts"]);
    }
    return ["node", join(kept, "program.mjs")];
  },
});
