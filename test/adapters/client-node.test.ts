import { connect } from "../../src/adapters/node.ts";
import { runAdapterSuite } from "../support/adapter-suite.ts";

// 32 calls at once; undici opens a connection early while one is about to come free.
runAdapterSuite("@kubernetes/client-node", connect, { connections: 70 });
