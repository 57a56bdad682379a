/** Where the documents lead. That the same holds in what is packed: programs/package.node.test.ts. */
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Folder, temporaryFolder } from "./support/files.ts";
import { deadLinks } from "./support/links.ts";

const links = suite("links of the documents");
links("lead to what is there", () => assert.equal(deadLinks(fileURLToPath(new URL("../", import.meta.url))), []));

links("are told of where they do not", () => {
  const folder: Folder = temporaryFolder();
  try {
    folder.write(
      "a.md",
      [
        "# One `two`: three, four",
        "## Same",
        "## Same",
        "[ok](b/c.md#a-b) [ok](#one-two-three-four) [ok](#same-1) [ok](b) [ok](https://example.com/x)",
        "`[no](link.md)`",
        "```md",
        "[no](link.md)",
        "# no-heading",
        "```",
        "[dead](x.md) [dead](b/c.md#no) [dead](#same-2) [dead](#no-heading) [dead](../outside.md)",
        "[named]: y.md",
        "",
      ].join("\n"),
    );
    folder.write("b/c.md", "### A [b](c.md)\n");
    folder.write("node_modules/d.md", "[dead](x.md)\n");
    assert.equal(deadLinks(folder.path), [
      "a.md: x.md",
      "a.md: b/c.md#no",
      "a.md: #same-2",
      "a.md: #no-heading",
      "a.md: ../outside.md",
      "a.md: y.md",
    ]);
  } finally {
    folder.remove();
  }
});
links.run();
