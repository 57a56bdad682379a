import { connect } from "../../src/adapters/deno.ts";
import { runAdapterSuite } from "../support/adapter-suite.ts";

runAdapterSuite("@cloudydeno/kubernetes-client", connect);
