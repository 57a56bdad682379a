import process from "node:process";
import { connect as connectDeno } from "../../src/adapters/deno.ts";
import { connect as connectOwn } from "../../src/adapters/node.ts";
import { runKubeconfigSuite } from "../support/kubeconfig-suite.ts";

// Where there is the client of Deno, it has the more to say: our own takes the same steps here as in Node.
if (process.env["JSR_URL"]) runKubeconfigSuite("the client of Deno", connectDeno);
else runKubeconfigSuite("our own client in Deno", connectOwn);
