import { connect } from "../../src/adapters/node.ts";
import { runGenuineSuite } from "../support/genuine-suite.ts";

runGenuineSuite("our own client", connect);
