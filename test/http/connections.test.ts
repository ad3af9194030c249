import { describe, expect, test } from "bun:test";
import { Socket } from "node:net";
import { createConnections } from "../../src/http/connections.ts";

const LIMITS = { idleMs: 50, requestMs: 150 };

/** The server's end of a connection from one address and port. */
function socketFrom(port: number): Socket {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: "192.0.2.1" });
  Object.defineProperty(socket, "remotePort", { value: port });
  return socket;
}

describe("connections end in time", () => {
  test("a port that is used again before the end of its last connection is heard of", async () => {
    const connections = createConnections(LIMITS);
    const [first, second] = [socketFrom(1), socketFrom(1)];
    connections.watch(first);
    connections.watch(second);
    connections.watch(second); // each is told of twice: as connection, and when it is secure
    first.emit("close");
    await Bun.sleep(LIMITS.idleMs * 2);
    expect(second.destroyed).toBe(true);
  });

  test("while a request is under way there is more time, and no more than that", async () => {
    const connections = createConnections(LIMITS);
    const [asking, done] = [socketFrom(1), socketFrom(2)];
    for (const socket of [asking, done]) connections.watch(socket);
    connections.begin(asking);
    connections.begin(done)();
    await Bun.sleep(LIMITS.idleMs * 2);
    expect([asking.destroyed, done.destroyed]).toEqual([false, true]);
    await Bun.sleep(LIMITS.requestMs);
    expect(asking.destroyed).toBe(true);
  });
});
