import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { BODY_BYTES_MAX } from "../../src/http/read_form.ts";
import { DATABASES } from "../support/databases.ts";
import { basicHeader, testServer } from "../support/server.ts";
import { onEachDatabase, stateOf } from "./token_fixture.ts";

const FORM = "application/x-www-form-urlencoded";
const GOOD = "grant_type=client_credentials&scope=api1";
const AUTHORIZATION = basicHeader("app", "s");

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    scope: "api1",
    grant_types: ["client_credentials"],
  });
  const listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    maxRequestBodySize: BODY_BYTES_MAX,
    fetch: (request, socket) =>
      server.server.handle(request, socket.requestIP(request) ?? undefined),
  });
  afterAll(() => listener.stop(true));
  return { server, port: listener.port ?? 0, before: await stateOf(server.url) };
});

/** Sends raw bytes to the port and reads until the first JSON object is there, or the end. */
function raw(port: number, ...pieces: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = "";
  const socket = connect(port, "127.0.0.1", () => {
    for (const piece of pieces) socket.write(piece);
  });
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => {
    received += data;
    if (/\r\n\r\n[\s\S]*\}\s*(0\r\n\r\n)?$/.test(received)) socket.destroy();
  });
  socket.on("close", () => resolve(received));
  // The server may close while we are still sending what it does not want.
  socket.on("error", (error: Error & { code?: string }) =>
    ["ECONNRESET", "EPIPE"].includes(error.code ?? "") ? undefined : reject(error),
  );
  return promise;
}

const head = (...headers: readonly string[]) =>
  [
    "POST /token HTTP/1.1",
    "Host: localhost",
    `Authorization: ${AUTHORIZATION}`,
    `Content-Type: ${FORM}`,
    ...headers,
    "\r\n",
  ].join("\r\n");

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

describe.each(DATABASES)("attack 79: bodies over a real port on %s", (database) => {
  const { server, port, before } = servers[database];
  const url = `http://127.0.0.1:${port}/token`;
  const stillWorks = async () => {
    const headers = { "Content-Type": FORM, Authorization: AUTHORIZATION };
    expect((await fetch(url, { method: "POST", body: GOOD, headers })).status).toBe(200);
  };

  test("a chunked form within the limit is read", async () => {
    const answer = await raw(
      port,
      head("Transfer-Encoding: chunked"),
      chunk(GOOD.slice(0, 9)),
      chunk(GOOD.slice(9)),
      "0\r\n\r\n",
    );
    expect(answer).toStartWith("HTTP/1.1 200 ");
    expect(answer).toContain('"access_token"');
  });

  test("a chunked body over the limit is refused by our own 400", async () => {
    const big = chunk(`x=${"a".repeat(20_000)}`);
    const answer = await raw(
      port,
      head("Transfer-Encoding: chunked"),
      big,
      big,
      big,
      big,
      "0\r\n\r\n",
    );
    expect(answer).toStartWith("HTTP/1.1 400 ");
    expect(answer).toContain("the body is larger than 64 KiB");
    expect(answer.toLowerCase()).toContain("cache-control: no-store");
    await stillWorks();
  });

  test("a chunked body that never ends is refused at the limit", async () => {
    const big = chunk("a".repeat(30_000));
    const answer = await raw(port, head("Transfer-Encoding: chunked"), big, big, big);
    expect(answer).toStartWith("HTTP/1.1 400 ");
    expect(answer).toContain("the body is larger than 64 KiB");
    await stillWorks();
  });

  test("a declared length over the limit is refused without the body", async () => {
    const answer = await raw(port, head("Content-Length: 100000000"));
    expect(answer).toStartWith("HTTP/1.1 400 ");
    expect(answer).toContain("the body is larger than 64 KiB");
    await stillWorks();
  });

  test("ten megabytes are refused, and the server goes on", async () => {
    const headers = { "Content-Type": FORM, Authorization: AUTHORIZATION };
    const body = new Uint8Array(10_485_760).fill(0x61);
    const status = await fetch(url, { method: "POST", body, headers }).then(
      (response) => response.status,
      () => "connection closed",
    );
    expect([400, "connection closed"]).toContain(status);
    await stillWorks();
  });

  test("a caller that goes away in the middle of its form is no fault of ours", async () => {
    const half = head("Content-Length: 1000");
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(half + GOOD, () => socket.destroy()),
    );
    socket.on("close", () => resolve());
    await promise;
    await stillWorks();
    expect(server.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("none of it has changed a row", async () => {
    expect(await stateOf(server.url)).toBe(before);
  });
});
