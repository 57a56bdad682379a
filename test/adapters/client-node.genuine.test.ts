import { connect } from "../../src/adapters/node.ts";
import { runGenuineSuite } from "../support/genuine-suite.ts";

runGenuineSuite("@kubernetes/client-node", connect);
