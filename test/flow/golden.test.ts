import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATES } from "../../src/request-state.ts";
import { goldenCases, outcomeOf } from "./cases.ts";

const golden = suite("flow: golden cases");
const cases = await goldenCases();
for (const each of cases) golden(each.name, () => assert.equal(outcomeOf(each), each.output));
golden.run();
void STATES;
