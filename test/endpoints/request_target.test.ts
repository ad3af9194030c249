import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { BODY_BYTES_MAX } from "../../src/http/read_form.ts";
import { type TestServer, testServer } from "../support/server.ts";

const plain = await listen(await testServer());
const mounted = await listen(await testServer({ issuer: "http://localhost/id" }));
afterAll(() => Promise.all([plain.stop(), mounted.stop()]));

describe("attack 79: a body that is too large, whatever Host and mount say", () => {
  const body = "x".repeat(140_000);
  const chunked = (path: string, host: string) =>
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
    `Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`;

  test.each(["localhost", "x", "a.example"])(
    "chunked to the host %s is 400 at once",
    async (host) => {
      expect(await exchange(plain.port, chunked("/token", host))).toStartWith("HTTP/1.1 400");
    },
  );

  test("chunked below an issuer's path is 400 at once", async () => {
    expect(await exchange(mounted.port, chunked("/id/token", "localhost"))).toStartWith(
      "HTTP/1.1 400",
    );
  });
});

describe("decisions D1: Host cannot change which path is asked for", () => {
  const asked: [string, string, string][] = [
    ["no Host", "GET /x/metrics HTTP/1.0\r\n\r\n", "404"],
    ["no Host, a known path", "GET /health/ready HTTP/1.0\r\n\r\n", "200"],
    ["a path hidden in the query", "GET /x?a=b/health/live HTTP/1.0\r\n\r\n", "404"],
    [
      "a slash in Host",
      "GET /docs/metrics HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n",
      "404",
    ],
    ["an empty Host", "GET /x/metrics HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "404"],
    ["a short Host", "GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200"],
  ];
  test.each(asked)("%s", async (_name, request, status) => {
    const answer = await exchange(plain.port, request);
    // Bun may refuse nonsense itself; what must not happen is another path's answer.
    expect(answer.slice(9, 12)).toBeOneOf([status, "400"]);
  });

  test("a secret in the URL is seen without a Host, too", async () => {
    const answer = await exchange(
      plain.port,
      "POST /y?client_secret=abc/token HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
    );
    expect(answer).toContain(" 404 ");
  });

  test("a path is exact: no slash more", async () => {
    const answer = await exchange(plain.port, "GET /jwks/ HTTP/1.0\r\n\r\n");
    expect(answer).toContain(" 404 ");
  });
});

async function listen(server: TestServer) {
  const listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    maxRequestBodySize: BODY_BYTES_MAX,
    fetch: (request) => server.server.handle(request),
  });
  return { port: listener.port ?? 0, stop: () => listener.stop(true) };
}

/** Sends raw bytes and returns what comes back until the server closes, or nothing for five seconds. */
function exchange(port: number, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(request));
  socket.setTimeout(5_000, () => socket.destroy(new Error("no answer")));
  socket.on("data", (chunk) => {
    answer += chunk.toString();
    if (answer.includes("\r\n\r\n")) socket.end();
  });
  socket.on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
  socket.on("close", () => resolve(answer));
  return promise;
}
