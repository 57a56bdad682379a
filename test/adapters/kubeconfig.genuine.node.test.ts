import { connect } from "../../src/adapters/node.ts";
import { runKubeconfigSuite } from "../support/kubeconfig-suite.ts";

runKubeconfigSuite("our own client", connect);
