import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

/**
 * TLS over a connection that makes the server wait while the TLS socket is paused. For Deno: its `node:tls` reads on, whoever
 * waits, and holds what has come without a limit (300 MB a second from a server on the same machine). So it is not given the connection
 * itself, but what passes the bytes on as long as they are wanted.
 *
 * @param tcp Must be there, or being opened; it is closed with the TLS socket.
 * @param secure Begins TLS over a stream.
 */
export function holdTls(tcp: Socket, secure: (over: Duplex) => TLSSocket): TLSSocket {
  let held = false;
  const passage = new Duplex({
    read() {
      if (!held) tcp.resume();
    },
    write: (bytes: Buffer, _, done) => void tcp.write(bytes, done),
    final: (done) => void tcp.end(done),
    destroy(error, done) {
      tcp.destroy();
      done(error);
    },
  });
  const socket = secure(passage);
  tcp.on("data", (bytes: Buffer) => {
    passage.push(bytes);
    if (held) tcp.pause();
  });
  tcp.on("end", () => passage.push(null));
  tcp.on("error", (error) => socket.destroy(error));
  tcp.on("close", () => socket.destroy());
  socket.on("pause", () => held = true);
  socket.on("resume", () => {
    held = false;
    tcp.resume();
  });
  socket.on("close", () => tcp.destroy());
  // These would reach the passage only, which nothing waits for.
  return Object.assign(socket, {
    ref: () => (tcp.ref(), socket),
    unref: () => (tcp.unref(), socket),
  });
}
