import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { applyCrd, playReference, type Send, sendTo, tryWrite } from "../fake/cel-transitions.ts";
import { writes } from "../fake/cel-writes.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { sendOver } from "./send.ts";

/** Until 1.34 a server shows the type of a value; from 1.35 on the value, or nothing for an object. */
const dialect = (version: string) => (text: string) =>
  /^v1\.(\d|[12]\d|3[0-4])\b/.test(version)
    ? text.replaceAll(
      /Invalid value: (null: |"[^"]*": )?/g,
      (_, value) => `Invalid value: ${value === "null: " ? '"null"' : value ? '"string"' : '"object"'}: `,
    )
    : text;

for (const assets of genuineAssets()) tests(assets);

function tests({ folder, name }: Assets) {
  const transitions = suite(`genuine API server ${name}: the CRD's rules`);
  let server: ApiServer;
  let fake: FakeCluster;
  let genuine: Send;

  transitions.before(async () => {
    server = await startApiServer({ assets: folder });
    genuine = sendOver(server);
    fake = createFakeCluster();
    await applyCrd(genuine);
    await applyCrd(sendTo(fake));
  });
  transitions.after(async () => {
    fake.close();
    await server.stop();
  });

  for (const write of writes) {
    transitions(write.name, async () => {
      const answer = await tryWrite(genuine, write);
      const expected = (await tryWrite(sendTo(fake), write)).map(dialect(server.version));
      assert.equal(answer, expected);
      assert.is(answer.length === 0, write.refusal === undefined);
    });
  }

  transitions("let the reference pass", async () => {
    assert.equal(await playReference(genuine), [201, 200, 200, 200, 200, 200]);
  });
  transitions.run();
}
