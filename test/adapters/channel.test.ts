import type { Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createChannel, type Exchange } from "../../src/adapters/wire/channel.ts";

/** A connection that notes what holds the process. */
function socketOf(): { readonly socket: Socket; readonly holds: () => boolean } {
  let holds = true;
  const socket = { on: () => {}, write: () => {}, ref: () => void (holds = true), unref: () => void (holds = false) };
  return { socket: socket as unknown as Socket, holds: () => holds };
}
const events = { free: () => {}, gone: () => {}, failed: () => {} };

const channels = suite("channels");
channels("one that was opened, and that nobody needed any more, does not hold the process", () => {
  const { socket, holds } = socketOf();
  createChannel(socket, events);
  assert.not(holds());
});
channels("one that serves a request does", () => {
  const { socket, holds } = socketOf();
  const exchange = { begin: () => {}, bytes: new Uint8Array() } as unknown as Exchange;
  createChannel(socket, events).start(exchange);
  assert.ok(holds());
});
channels.run();
