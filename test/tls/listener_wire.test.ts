/** What callers send to the TLS listener of our own, byte by byte, and what the server sees of it. */
import { describe, expect, test } from "bun:test";
import { connect } from "node:http2";
import type { Peer } from "../../src/http/peer.ts";
import { issueCertificate } from "../support/certificates.ts";
import { askHttp2, connected, listen, talk, WEB_CA } from "./talk.ts";

describe("what comes over the wire is what the server sees", () => {
  const seen: { request: Request; peer: Peer }[] = [];
  const port = listen(async (request, peer) => {
    seen.push({ request, peer });
    const headers = new Headers({ "X-Answer": "1" });
    headers.append("Set-Cookie", "a=1");
    headers.append("Set-Cookie", "b=2");
    return new Response(request.method === "HEAD" ? null : await request.text(), { headers });
  });
  const last = () => {
    const found = seen.at(-1);
    if (!found) throw new Error("Nothing has come");
    return found;
  };

  test("address, path, repeated headers, cookies in pieces, and both cookies of the answer", async () => {
    const { headers, text } = await askHttp2(await port, {
      path: "/a%20b?c=d",
      method: "POST",
      headers: { "x-twice": ["1", "2"], cookie: ["a=1", "b=2"] },
      body: "é",
    });
    const { request, peer } = last();
    expect(peer).toEqual({ address: "127.0.0.1", certificates: [] });
    expect(request.url).toBe("https://localhost/a%20b?c=d");
    expect(request.headers.get("x-twice")).toBe("1, 2");
    expect(request.headers.get("cookie")).toBe("a=1; b=2");
    expect([headers[":status"], headers["x-answer"], text]).toEqual([200, "1", "é"]);
    expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  });

  test("the host is never taken from the caller", async () => {
    const evil = "Host: evil.example\r\nConnection: close\r\n\r\n";
    for (const target of ["/x", "http://other.example/x", "//evil.example/../x"]) {
      await talk(await port, `GET ${target} HTTP/1.1\r\n${evil}`);
      expect(new URL(last().request.url).host).toBe("localhost");
    }
  });

  test.each([
    ["two Hosts", "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"],
    ["no Host", "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["TRACE", "TRACE /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    [
      "two lengths",
      "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nGET /",
    ],
    [
      "a length beside chunks",
      "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ["nonsense", "NONSENSE\r\n\r\n"],
    ["a header without end", `GET /x HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(100_000)}\r\n\r\n`],
  ])("%s: the request reaches nobody", async (_, text) => {
    const before = seen.length;
    const answer = await talk(await port, text);
    expect(answer).not.toContain(" 200 ");
    expect(seen.length).toBe(before);
  });

  test("chunks are put together", async () => {
    const text =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    expect(await talk(await port, text)).toEndWith("\r\n\r\nabc");
  });

  test("RFC 9110 §8.6: HEAD has no body, and no length that would be another's", async () => {
    const text = "HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const answer = await talk(await port, text);
    expect(answer).toStartWith("HTTP/1.1 200 ");
    expect(answer).toEndWith("\r\n\r\n");
    expect(answer.toLowerCase()).not.toContain("content-length");
    const { headers } = await askHttp2(await port, { path: "/x", method: "HEAD" });
    expect(headers).not.toHaveProperty("content-length");
  });

  test("the certificates of a connection are read once, whatever is asked on it", async () => {
    const certificate = issueCertificate();
    const two = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n".concat(
      "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    await talk(await port, two, { certificate });
    const [one, other] = seen.slice(-2).map(({ peer }) => peer);
    expect(one?.certificates?.map((der) => Buffer.from(der))).toEqual([
      Buffer.from(certificate.der),
    ]);
    expect(other).toBe(one as Peer);
    await askHttp2(await port, { path: "/x" });
    expect(last().peer.certificates).toEqual([]);
  });

  test("who goes away in the middle of a body hurts nobody", async () => {
    const socket = await connected(await port);
    socket.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
    await Bun.sleep(50);
    socket.destroy();
    await Bun.sleep(50);
    expect((await askHttp2(await port, { path: "/after" })).headers[":status"]).toBe(200);
  });
});

test("who asks for much and takes nothing of it is kept little of", async () => {
  const port = await listen(async () => new Response("x".repeat(500_000)));
  const settings = { initialWindowSize: 0 };
  const session = connect(`https://localhost:${port}`, { ca: WEB_CA.pem, settings });
  const outcomes = Array.from({ length: 60 }, () => {
    const { promise, resolve } = Promise.withResolvers<"kept" | "refused">();
    const stream = session.request({ ":path": "/" });
    stream.on("response", () => resolve("kept"));
    stream.on("error", () => resolve("refused"));
    return promise;
  });
  const kept = (await Promise.all(outcomes)).filter((outcome) => outcome === "kept");
  expect(kept.length).toBeLessThan(12);
  session.destroy();
  expect((await askHttp2(port, { path: "/" })).text).toHaveLength(500_000);
});
