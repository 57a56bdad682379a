/** The official Python client: see foreign.ts. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../support/programs.ts";
import { foreignTests, placeOf } from "./foreign.ts";

const place = placeOf("python");
const pythonOf = (kept: string) => join(kept, "bin/python");

foreignTests({
  name: "Python",
  probe: ["python3", "-c", "import venv, ensurepip"],
  folder: "python",
  async prepare(kept) {
    if (!existsSync(pythonOf(kept))) await runCommand(["python3", "-m", "venv", kept]);
    const pip = [pythonOf(kept), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await runCommand([...pip, "--requirement", join(place, "requirements.txt")]);
    return [pythonOf(kept), join(place, "program.py")];
  },
  page: { fence: "python", program: async (text, kept, temporary) => [pythonOf(kept), temporary.write("page.py", text)] },
});
