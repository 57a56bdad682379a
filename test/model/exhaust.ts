/**
 * The claim protocol, with more going wrong than the tests have time for: `node --max-old-space-size=12000 --import tsx
 * test/model/exhaust.ts '{"lapses":1,"losses":1,"late":1,"crashes":1}' [DIRECTORS]`. Ends with 1 when an invariant breaks.
 */
import process from "node:process";
import { explore } from "./explore.ts";
import { createModel } from "./protocol.ts";

const [wrong = "{}", directors = "1"] = process.argv.slice(2);
const budget = { crashes: 0, lapses: 0, losses: 0, late: 0, failures: 0, cancels: 0, givenUp: 0, ...JSON.parse(wrong) };
const begun = performance.now();
const { states, steps, ends, fault } = explore(createModel({ budget, directors: Number(directors) }));
console.log(`${states} states, ${steps} steps, ${ends} of them ends, ${Math.round((performance.now() - begun) / 1_000)} s`);
console.log(fault ? [fault.what, ...fault.path].join("\n  ") : "all invariants are kept");
process.exit(fault ? 1 : 0);
