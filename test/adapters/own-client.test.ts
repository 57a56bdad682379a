import { connect } from "../../src/adapters/node.ts";
import { runAdapterSuite } from "../support/adapter-suite.ts";

runAdapterSuite("our own client", connect, { connections: 32 });
