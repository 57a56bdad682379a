import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { requestStateCrd } from "../../src/testing/mod.ts";

const crds = suite("test kit: the CRD");
crds("is the one of crds/; where it is not, `npm run crd` writes it anew", async () => {
  assert.equal(requestStateCrd, parse(await readFile(new URL("../../crds/request-state.yaml", import.meta.url), "utf8")));
});
crds.run();
