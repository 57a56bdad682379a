import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isJudged } from "../../src/fake/cel/judged.ts";
import { compileRules, type RuleNode } from "../../src/fake/cel/rules.ts";
import { trustedNode } from "../../src/fake/cel/trusted.ts";
import { judgeSpec } from "../../src/fake/crd/validation.ts";
import type { CrdSpec } from "../../src/fake/crd/crd.ts";
import type { JsonObject } from "../../src/fake/types/json.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { requestStateCrd } from "../../src/request-state-crd.ts";
import { judgedTexts } from "../support/judged-texts.ts";

const texts = judgedTexts(requestStateCrd);
const [spec, schema] = texts.map((text) => JSON.parse(text)) as [CrdSpec, JsonObject];

/** What is known of rules, all the way down. */
const shown = (node: RuleNode | undefined): unknown =>
  node && {
    rules: node.rules.map(({ program, messageProgram, ...rule }) => {
      const { message, messageText, reason, fieldPath, name, typeName, optionalOld } = rule;
      return {
        usesOld: program.uses("oldSelf"),
        type: program.type,
        cost: program.cost,
        of: messageProgram?.cost,
        message,
        messageText,
        reason,
        fieldPath,
        name,
        typeName,
        optionalOld,
      };
    }),
    usesOld: node.rules.map(({ usesOld }) => usesOld),
    type: node.type?.kind,
    broken: node.broken,
    properties: [...node.properties].map(([name, below]) => [name, shown(below)]),
    items: shown(node.items),
    values: shown(node.values),
  };

const own = suite("this project's own CRD");

own("is known again: else, `npm run crd`", () => {
  assert.equal(texts.map(isJudged), [true, true]);
});

own("nothing is wrong with it, where it is judged", () => {
  assert.equal(judgeSpec(spec), []);
  const { faults, unsupported } = compileRules(schema, new Set());
  assert.equal({ faults, unsupported }, { faults: [], unsupported: [] });
});

own("its rules are those that they are where they are judged", () => {
  assert.equal(shown(trustedNode(schema)), shown(compileRules(schema, new Set()).root));
});

own("with one letter that is another it is judged", () => {
  const text = JSON.stringify(requestStateCrd).replace("self.job == oldSelf.job", "self.jab == oldSelf.job");
  assert.throws(() => createFakeCluster({ crds: [JSON.parse(text)] }), /undefined field 'jab'/);
});

own.run();
