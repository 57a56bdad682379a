import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, createVirtualClock, cut, type Snapshot, type Stage, until } from "../../src/fake/mod.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const setUp = (options: { seed?: number; crds?: object[]; journal?: number; stages?: Stage[] } = {}) => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ crds: [widgets], clock, ...options });
  return { clock, fake, client: clientOf(fake) };
};
const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";
const saved = (snapshot: Snapshot): Snapshot => JSON.parse(JSON.stringify(snapshot));

const snapshots = suite("fake: snapshot and restore");

snapshots("everything is as it was, to the byte, uids and versions too", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const before = (await client.get(widgetsPath)).text;
  const snapshot = saved(fake.snapshot());
  await client.patch(`${widgetsPath}/a`, { spec: { size: 2 } });
  await client.post(widgetsPath, widget("b"));
  await client.delete(crdPath);
  assert.is((await client.get(widgetsPath)).status, 404);
  fake.restore(snapshot);
  assert.is((await client.get(widgetsPath)).text, before);
  const { body } = await client.post(widgetsPath, widget("b"));
  assert.is(Number(body.metadata.resourceVersion), snapshot.revision + 1);
});

snapshots(
  "the first update of a volume claim, of a volume, and of a job is a change, afterwards, too, and the second is none",
  async () => {
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a" }] } };
    const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const volume = { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/a" } };
    for (
      const [path, spec] of [
        ["/api/v1/namespaces/default/persistentvolumeclaims", claim],
        ["/api/v1/persistentvolumes", volume],
        ["/apis/batch/v1/namespaces/default/jobs", { template }],
        ["/api/v1/namespaces/default/configmaps", undefined],
      ] as const
    ) {
      const [one, other] = [setUp(), setUp()];
      for (const name of ["a", "b"]) await one.client.post(path, { metadata: { name }, spec });
      await one.client.patch(`${path}/b`, {});
      const snapshot = saved(one.fake.snapshot());
      other.fake.restore(snapshot);
      const seen = await Promise.all([other, one].map(async ({ client }) => {
        const versions = [];
        for (const name of ["a", "a", "b"]) {
          versions.push((await client.patch(`${path}/${name}`, {})).body.metadata.resourceVersion);
        }
        return versions;
      }));
      assert.equal(seen[0], seen[1], path);
    }
  },
);

snapshots("clusters with the same CRD know nothing of each other: what one changes in it, the other has as it was", async () => {
  const [one, other] = [setUp(), setUp()];
  await one.client.post(widgetsPath, widget("a"));
  assert.is((await other.client.get(`${widgetsPath}/a`)).status, 404);
  const { body: crd } = await one.client.get(crdPath);
  crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.size.maximum = 1;
  assert.is((await one.client.put(crdPath, crd)).status, 200);
  const large = { ...widget("b"), spec: { size: 2 } };
  assert.is((await one.client.post(widgetsPath, large)).status, 422);
  assert.is((await other.client.post(widgetsPath, large)).status, 201);
  assert.is((await setUp().client.post(widgetsPath, large)).status, 201);
});

snapshots("another cluster takes it over; what it had is gone", async () => {
  const one = setUp();
  await one.client.post(widgetsPath, widget("a"));
  const other = setUp({ crds: [] });
  await other.client.post("/api/v1/namespaces/default/configmaps", { metadata: { name: "gone" } });
  const snapshot = one.fake.snapshot();
  other.fake.restore(snapshot);
  await other.client.patch(`${widgetsPath}/a`, { spec: { size: 2 } });
  assert.is((await other.client.get("/api/v1/namespaces/default/configmaps/gone")).status, 404);
  assert.is((await one.client.get(`${widgetsPath}/a`)).body.spec.size, 1, "they share nothing");
  other.fake.restore(snapshot);
  assert.is((await other.client.get(`${widgetsPath}/a`)).body.spec.size, 1, "nor with the snapshot");
});

snapshots("watches end; older versions are gone, newer ones are silent until they are reached", async () => {
  const { clock, fake, client } = setUp();
  const older = (await client.get(widgetsPath)).body.metadata.resourceVersion;
  await client.post(widgetsPath, widget("a"));
  const snapshot = fake.snapshot();
  const lines = await client.watch(`${widgetsPath}?watch=1&resourceVersion=${snapshot.revision}`);
  for (const name of ["b", "c"]) await client.post(widgetsPath, widget(name));
  assert.equal([(await lines.next()).type, (await lines.next()).type], ["ADDED", "ADDED"]);
  fake.restore(snapshot);
  assert.is(await lines.next(), undefined);
  assert.is((await (await client.watch(`${widgetsPath}?watch=1&resourceVersion=${older}`)).next()).object.code, 410);

  const future = await client.watch(
    `${widgetsPath}?watch=1&resourceVersion=${snapshot.revision + 2}&allowWatchBookmarks=true&timeoutSeconds=600`,
  );
  let seen = "";
  const first = future.next().then((line) => seen = line.object.metadata.name);
  await clock.advance(120_000);
  assert.is(seen, "", "not even a bookmark");
  for (const name of ["d", "e", "f"]) await client.post(widgetsPath, widget(name));
  await first;
  assert.is(seen, "f");
  fake.close();
});

snapshots("with its revision bumped, every version that was known is too old", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const { metadata } = (await client.post(widgetsPath, widget("b"))).body;
  fake.restore(fake.snapshot(), { bumpRevision: 1_000_000 });
  assert.is(
    (await (await client.watch(`${widgetsPath}?watch=1&resourceVersion=${metadata.resourceVersion}`)).next()).object.code,
    410,
  );
  assert.is((await client.get(`${widgetsPath}/b`)).body.metadata.resourceVersion, metadata.resourceVersion);
});

snapshots("so it is of what there was nothing of when the snapshot was made", async () => {
  const { clock, fake, client } = setUp();
  const before = fake.snapshot();
  const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  const { metadata } = (await client.post(leases, { metadata: { name: "a" } })).body;
  fake.restore(before, { bumpRevision: 1_000_000 });
  const lines = await client.watch(`${leases}?watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=1`);
  await clock.advance(1_000);
  assert.is((await lines.next())?.object.code, 410);
});

snapshots("fault 4: a uid is given out twice after a restore: none is, nor a name, whichever cluster goes on", async () => {
  const known = new Set<string>();
  const seed = 7;
  const story = async ({ fake, client }: ReturnType<typeof setUp>, snapshots: Snapshot[]) => {
    for (let round = 0; round < 3; round++) {
      const { metadata } = (await client.post(widgetsPath, { ...widget("x"), metadata: { generateName: "w-" } })).body;
      for (const given of [metadata.uid, metadata.name]) {
        assert.not.ok(known.has(given), `${given} was given out twice`);
        known.add(given);
      }
      // What is gone is remembered by whoever saw it.
      if (round === 1) await client.delete(`${widgetsPath}/${metadata.name}`);
      snapshots.push(saved(fake.snapshot()));
    }
  };
  const one = setUp({ seed });
  const first = [saved(one.fake.snapshot())];
  await story(one, first);
  const second: Snapshot[] = [];
  for (const snapshot of first) {
    const other = setUp({ seed });
    other.fake.restore(snapshot);
    await story(other, second);
  }
  for (const snapshot of second) {
    const third = setUp({ seed });
    third.fake.restore(snapshot, { bumpRevision: 100 });
    await story(third, []);
  }
  one.fake.restore(first[2]!);
  await story(one, []);
  one.fake.restore(first[2]!);
  await story(one, []);
  assert.is(known.size, 2 * 3 * (1 + first.length + second.length + 2));
});

snapshots("with a seed, what goes on from a snapshot is the same in every run", async () => {
  const { fake, client } = setUp({ seed: 7 });
  await client.post(widgetsPath, widget("a"));
  const runs = await Promise.all([1, 2].map(async () => {
    const other = setUp({ seed: 7 });
    other.fake.restore(fake.snapshot());
    return (await other.client.post(widgetsPath, widget("b"))).text;
  }));
  assert.is(runs[0], runs[1]);
});

snapshots(
  "custom resources that are there again are followed, and their stages begin anew, in another cluster, too",
  async () => {
    const grown: Stage = {
      name: "grown",
      resource: "widgets.example.com",
      delay: 1_000,
      when: "!has(self.status)",
      status: { phase: "Grown" },
    };
    const one = setUp({ stages: [grown] });
    await one.client.post(widgetsPath, widget("a"));
    const snapshot = one.fake.snapshot();
    for (const { clock, fake, client } of [one, setUp({ stages: [grown] }), setUp({ stages: [grown], crds: [] })]) {
      const seen: string[] = [];
      fake.follow(
        "widgets.example.com",
        ({ type, object }) => seen.push(`${type} ${(object as { metadata: { name: string } }).metadata.name}`),
      );
      seen.length = 0;
      fake.restore(snapshot);
      assert.equal(seen, ["ADDED a"]);
      await clock.advance(1_000);
      assert.equal((await client.get(`${widgetsPath}/a`)).body.status, grown.status);
      fake.close();
    }
  },
);

const crds = "apiextensions.k8s.io/customresourcedefinitions";
for (
  const [what, collections, refusal] of [
    ["no list", { "/configmaps": 5 }, 'its collection "/configmaps" has 5, expected a list of objects'],
    ["no object", { "/configmaps": [1] }, 'its collection "/configmaps" has 1, expected an object with a name'],
    ["no JSON", { "/configmaps": ["x"] }, 'its collection "/configmaps" has "x", expected an object with a name'],
    ["no name", { "/configmaps": [{ metadata: {} }] }, 'has {"metadata":{}}, expected an object with a name'],
    [
      "no spec",
      { [crds]: [{ metadata: { name: "a.b" }, status: { conditions: [{ type: "Established", status: "True" }] } }] },
      'its CustomResourceDefinition "a.b" is not as it is stored: ',
    ],
  ] as const
) {
  snapshots(`a snapshot in which there is ${what} is refused, and all is as it was`, async () => {
    const { fake, client } = setUp();
    await client.post(widgetsPath, widget("a"));
    const before = fake.snapshot();
    const error = (() => {
      try {
        fake.restore({ ...before, collections: { ...before.collections, ...collections } as Snapshot["collections"] });
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    assert.instance(error, TypeError);
    assert.match(error!.message, "Cannot restore the snapshot: ");
    assert.match(error!.message, refusal);
    assert.equal(fake.snapshot(), before);
    assert.is((await client.get(`${widgetsPath}/a`)).status, 200);
  });
}

snapshots("what is no snapshot is refused", () => {
  const { fake } = setUp();
  const short = (short: unknown) => () => fake.restore({ ...fake.snapshot(), short } as Snapshot);
  assert.throws(short(5), /its short is 5, expected keys by collection$/);
  assert.throws(short({ "/configmaps": 5 }), /its short objects of "\/configmaps" are 5, expected a list of keys$/);
  assert.throws(short({ "/configmaps": ["a/b"] }), /its short object "a\/b" is not in its collection "\/configmaps"$/);
  assert.throws(() => fake.restore({} as Snapshot), /^Cannot restore {}: expected a snapshot/);
  assert.throws(() => fake.restore({ ...fake.snapshot(), revision: -1 }), /expected a snapshot/);
  assert.throws(() => fake.restore(fake.snapshot(), { bumpRevision: -1 }), /bumpRevision is -1/);
});
snapshots.run();

const expiry = suite("fake: the past is forgotten");

expiry("by the clock, after five to ten minutes: lists and continue tokens, not watches", async () => {
  const { clock, client } = setUp();
  for (const name of ["a", "b"]) await client.post(widgetsPath, widget(name));
  const { metadata } = (await client.get(`${widgetsPath}?limit=1`)).body;
  const page = () => client.get(`${widgetsPath}?limit=1&continue=${metadata.continue}`);
  const exact = () => client.get(`${widgetsPath}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`);
  await client.post(widgetsPath, widget("c"));
  await clock.advance(299_000);
  assert.equal([(await page()).status, (await exact()).status], [200, 200]);
  await clock.advance(301_000);
  assert.equal([(await page()).status, (await exact()).status], [410, 410]);
  const lines = await client.watch(`${widgetsPath}?watch=1&resourceVersion=${metadata.resourceVersion}`);
  assert.is((await lines.next()).object.metadata.name, "c");
  await lines.cancel();
});

expiry("at once, where it is told to: watches too", async () => {
  const { fake, client } = setUp();
  for (const name of ["a", "b"]) await client.post(widgetsPath, widget(name));
  const { metadata } = (await client.get(`${widgetsPath}?limit=1`)).body;
  await client.post(widgetsPath, widget("c"));
  fake.compact();
  assert.is((await client.get(`${widgetsPath}?limit=1&continue=${metadata.continue}`)).status, 410);
  const lines = await client.watch(`${widgetsPath}?watch=1&resourceVersion=${metadata.resourceVersion}`);
  assert.is((await lines.next()).object.code, 410);
});
expiry.run();

const journals = suite("fake: the journal");

const story = async (seed: number) => {
  const { clock, fake, client } = setUp({ seed });
  fake.faults.add({ match: { verb: "patch" }, fault: cut() });
  const lines = await client.watch(`${widgetsPath}?watch=1`);
  const answers = [];
  for (const generateName of ["w-", "w-"]) {
    answers.push(await client.post(widgetsPath, { ...widget("x"), metadata: { generateName } }));
    await clock.advance(1_500);
  }
  const { name } = answers[0]!.body.metadata;
  await client.patch(`${widgetsPath}/${name}`, { spec: { size: 2 } }).catch(() => {});
  await client.delete(`${widgetsPath}/${name}`);
  const list = await client.get(widgetsPath);
  fake.close();
  await lines.cancel();
  return { journal: JSON.stringify(fake.requests), answers: answers.map(({ text }) => text), list: list.text };
};

journals("the same story with the same seed is the same to the byte", async () => {
  assert.equal(await story(7), await story(7));
  assert.is.not((await story(7)).list, (await story(8)).list);
});

journals("tells a story in lines, and what was written", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  await client.post(`${widgetsPath}?dryRun=All`, widget("b"));
  await client.get("/version");
  assert.equal(fake.requests.lines(), [
    "create widgets.example.com default 201",
    "create widgets.example.com default 201",
    "get /version 200",
  ]);
  assert.is(fake.requests.writes({ resource: "widgets" }).length, 1);
  assert.is(fake.requests.matching({ resource: "widgets.example.com", verb: "create" }).length, 2);
  fake.requests.clear();
  assert.equal(fake.requests.lines(), []);
});

journals("keeps the newest", async () => {
  const { fake, client } = setUp({ journal: 2 });
  for (const path of ["/healthz", "/livez", "/readyz"]) await client.get(path);
  assert.equal(fake.requests.map(({ path }) => path), ["/livez", "/readyz"]);
  assert.throws(() => createFakeCluster({ journal: 0 }), /journal is 0/);
});
journals.run();

const waiting = suite("fake: until");

waiting("lets virtual time pass until it is so, and says what did not become so", async () => {
  const clock = createVirtualClock();
  let rung = false;
  const cancel = clock.setTimer(10_000, () => rung = true);
  assert.is(await until(() => rung && "rung", { clock }), "rung");
  cancel();
  assert.ok(clock.monotonic() < 12_000);
  const vain = async (options: { what?: string }) => {
    const error = await until(() => false, { clock, limit: 500, ...options }).then(() => assert.unreachable(), (error) => error);
    return error.message;
  };
  assert.match(await vain({ what: "the flow is over" }), "Waited 500 ms of virtual time in vain until the flow is over");
  assert.match(await vain({}), /in vain until \(\) ?=> ?false: the limit that was given, in milliseconds$/);
});

waiting("a condition may itself take time, and may throw", async () => {
  const clock = createVirtualClock();
  const slow = () => new Promise<number>((resolve) => clock.setTimer(3_000, () => resolve(clock.monotonic())));
  assert.ok(await until(slow, { clock }) >= 3_000);
  const error = await until(() => Promise.reject(new RangeError("no")), { clock }).then(() => undefined, (error) => error);
  assert.instance(error, RangeError);
  assert.match(
    await until(() => new Promise<string>(() => {}), { clock, limit: 1_000, what: "it is asked" }).catch(({ message }) =>
      message
    ),
    "in vain until it is asked",
  );
});

waiting("real time passes where the clock is a real one", async () => {
  let count = 0;
  assert.is(await until(() => ++count === 3 && count), 3);
});
waiting.run();
