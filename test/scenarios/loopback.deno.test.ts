import { suite } from "uvu";
import { connect } from "../../src/adapters/deno.ts";
import { runOneFlowOverLoopback } from "../support/one-flow.ts";

const loopback = suite("scenario: over loopback HTTP, in Deno");
loopback("a flow through whichever client is reached", () => runOneFlowOverLoopback(connect));
loopback.run();
