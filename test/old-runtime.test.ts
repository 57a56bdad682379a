/** What is heard where the runtime is too old: one sentence, whichever entry of the package was loaded. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const errors = new URL("../src/errors.ts", import.meta.url).href;
const old = suite("a runtime that is too old");

old("is told of by the first file that every entry loads", async () => {
  const { withResolvers } = Promise;
  Reflect.deleteProperty(Promise, "withResolvers");
  try {
    const error: unknown = await import(`${errors}?old`).then(() => undefined, (error) => error);
    assert.is(
      (error as Error).message,
      "crd-watcher needs Node 22.19, Deno 2.5 or a newer one: this runtime has no Promise.withResolvers",
    );
  } finally {
    Object.defineProperty(Promise, "withResolvers", { value: withResolvers, writable: true, configurable: true });
  }
  await import(`${errors}?new`);
});

old("which every entry that needs a newer one loads with itself", async () => {
  const root = new URL("../", import.meta.url);
  const { imports } = JSON.parse(await readFile(new URL("deno.json", root), "utf8")) as { imports: Record<string, string> };
  for (const [entry, path] of Object.entries(imports)) {
    const seen = new Set<string>([new URL(path, root).href]);
    let needs = false;
    for (const file of seen) {
      const source = (await readFile(new URL(file), "utf8")).replaceAll(/\/\*[\s\S]*?\*\//g, "");
      needs ||= source.includes("withResolvers(");
      for (const [, specifier] of source.matchAll(/(?:^|\n)\s*(?:import|export)\b(?!\s+type\b)[^;"'(]*?["'](\.[^"']+)["']/g)) {
        seen.add(new URL(specifier!, file).href);
      }
    }
    if (needs) assert.ok(seen.has(errors), `${entry} does not load src/errors.ts`);
  }
});
old.run();
