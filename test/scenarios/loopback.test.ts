import { suite } from "uvu";
import { connect } from "../../src/adapters/node.ts";
import { runOneFlowOverLoopback } from "../support/one-flow.ts";

const loopback = suite("scenario: over loopback HTTP");
loopback("a flow through @kubernetes/client-node", () => runOneFlowOverLoopback(connect));
loopback.run();
