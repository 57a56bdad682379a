import { connect } from "../../src/adapters/deno.ts";
import { runKubeconfigSuite } from "../support/kubeconfig-suite.ts";

runKubeconfigSuite("the client of Deno", connect);
