/** The TLS listener of our own: who the client is, in either HTTP, and what callers cannot do to it. */
import { describe, expect, test } from "bun:test";
import { connect as connectHttp2, constants } from "node:http2";
import { connect as connectPlain } from "node:net";
import { listenTls } from "../../src/http/tls_listener.ts";
import { issueCa, issueCertificate } from "../support/certificates.ts";
import { testServer } from "../support/server.ts";
import { BY_NAME, CA, CREDENTIALS, REFUSED } from "./fixture.ts";
import { askHttp2, connected, heard, listen, talk, WEB, WEB_CA } from "./talk.ts";

const client = issueCertificate({ issuer: CA });
const server = await testServer({ settings: { tlsClientCas: () => CA.pem } });
await server.addClient({ ...BY_NAME, client_id: "named" });
const { handle } = server.server;

const FORM = new URLSearchParams({ ...CREDENTIALS, client_id: "named" }).toString();
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };

/** A request for tokens in HTTP/1.1, as bytes; the connection ends with its answer. */
const byHttp1 = (form: string) =>
  [
    "POST /token HTTP/1.1",
    "Host: localhost",
    `Content-Type: ${FORM_TYPE["content-type"]}`,
    `Content-Length: ${form.length}`,
    "Connection: close",
    "",
    form,
  ].join("\r\n");

const byHttp2 = (body: string) =>
  ({ path: "/token", method: "POST", headers: FORM_TYPE, body }) as const;

describe("who the client is", () => {
  const between = issueCa("between", { issuer: CA });
  const below = issueCertificate({ issuer: between });
  const stranger = issueCertificate();
  const port = listen(handle);

  test.each([
    ["its certificate", { certificate: client }, 200],
    [
      "a certificate of an intermediate CA, which comes along",
      { certificate: below, chain: [between] },
      200,
    ],
    ["the same without the CA", { certificate: below }, 400],
    ["no certificate", {}, 400],
    ["a stranger's certificate", { certificate: stranger }, 400],
  ])("shows %s, in HTTP/1.1 and HTTP/2", async (_, caller, status) => {
    const one = await talk(await port, byHttp1(FORM), caller);
    expect(one).toStartWith(`HTTP/1.1 ${status} `);
    const { headers, text } = await askHttp2(await port, byHttp2(FORM), caller);
    expect(headers[":status"]).toBe(status);
    if (status === 400) expect(JSON.parse(text)).toMatchObject(REFUSED);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "is the same in a resumed session of %s",
    async (maxVersion) => {
      for (const [certificate, status] of [
        [client, 200],
        [undefined, 400],
      ] as const) {
        const first = await connected(await port, { certificate, maxVersion });
        let session = first.getSession();
        first.on("session", (ticket: Buffer) => {
          session = Buffer.from(ticket);
        });
        const said = heard(first);
        first.write(byHttp1(FORM));
        expect(await said).toStartWith(`HTTP/1.1 ${status} `);
        const again = await connected(await port, { certificate, maxVersion, session });
        expect(again.isSessionReused()).toBe(true);
        const answer = heard(again);
        again.write(byHttp1(FORM));
        expect(await answer).toStartWith(`HTTP/1.1 ${status} `);
      }
    },
  );

  test("each of many callers at once gets his own answer", async () => {
    const at = await port;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        askHttp2(at, byHttp2(FORM), index % 2 === 0 ? { certificate: client } : {}),
      ),
    );
    const statuses = answers.map(({ headers }) => headers[":status"]);
    expect(statuses).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 200 : 400)));
  });

  test("a body of more than 64 KiB is refused in words, and the next request is answered", async () => {
    const form = `${FORM}&x=${"a".repeat(2_000_000)}`;
    expect(await talk(await port, byHttp1(form))).toContain("too large");
    const half = await askHttp2(await port, byHttp2(form.slice(0, 900_000)));
    expect(half.text).toContain("too large");
    expect(await talk(await port, byHttp1(FORM), { certificate: client })).toContain(
      "access_token",
    );
  });
});

test("RFC 9113 §8.1: who sends without end gets his answer, and the end of his stream alone", async () => {
  const port = await listen(handle);
  const session = connectHttp2(`https://localhost:${port}`, { ca: WEB_CA.pem });
  const stream = session.request({ ":path": "/token", ":method": "POST", ...FORM_TYPE });
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = Promise.withResolvers<void>();
  stream.on("close", ended.resolve);
  stream.on("error", ended.reject);
  const flood = setInterval(() => {
    if (!stream.destroyed && stream.writableLength < 1_000_000)
      stream.write(Buffer.alloc(65_536, 97));
  }, 5);
  await ended.promise;
  clearInterval(flood);
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  expect(text).toContain("too large");
  const next = session.request({ ":path": "/health/live" });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  next.on("response", ({ ":status": status }) => resolve(status));
  expect(await promise).toBe(200);
  session.destroy();
});

describe("connections end in time", () => {
  const IDLE_MS = 300;
  const port = listen(handle, { idleMs: IDLE_MS });

  async function secondsUntilClosed(socket: { on(event: "close", done: () => void): unknown }) {
    const started = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on("close", resolve);
    await promise;
    return (performance.now() - started) / 1000;
  }

  test("without a handshake", async () => {
    const socket = connectPlain(await port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    expect(await secondsUntilClosed(socket)).toBeLessThan(5);
  });

  test("with half a request, however often a header follows", async () => {
    const socket = await connected(await port);
    socket.on("error", () => {}).resume();
    socket.write("GET /x HTTP/1.1\r\nHost: a\r\n");
    const drip = setInterval(() => socket.write("X: y\r\n"), 50);
    expect(await secondsUntilClosed(socket)).toBeLessThan(5);
    clearInterval(drip);
  });

  test("after an answer; until then a connection serves on", async () => {
    const socket = await connected(await port);
    const request = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
    const both = heard(socket);
    socket.write(request);
    await Bun.sleep(IDLE_MS / 2);
    socket.write(request);
    expect((await both).match(/HTTP\/1\.1 200 /g)?.length).toBe(2);
  });

  test("when the listener closes", async () => {
    const listener = await listenTls({
      host: "127.0.0.1",
      port: 0,
      cert: WEB.pem,
      key: WEB.keyPem,
      handle,
    });
    const socket = await connected(listener.port);
    socket.on("error", () => {}).resume();
    const closed = secondsUntilClosed(socket);
    await listener.close();
    expect(await closed).toBeLessThan(5);
    await expect(connected(listener.port)).rejects.toThrow();
  });
});

test("a key that is not the certificate's is said at once", async () => {
  const wrong = { host: "127.0.0.1", port: 0, cert: WEB.pem, key: WEB_CA.keyPem };
  await expect(listenTls({ ...wrong, handle })).rejects.toThrow(
    "TLS_CERT_FILE and TLS_KEY_FILE must hold a certificate and its key",
  );
});
