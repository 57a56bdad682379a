import { connect } from "../../src/adapters/deno.ts";
import { runGenuineSuite } from "../support/genuine-suite.ts";

runGenuineSuite("@cloudydeno/kubernetes-client", connect);
