import { afterAll, describe, expect, test } from "bun:test";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { safeFetch } from "../../src/services/safe_fetch.ts";

let visits = 0;
const listener = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    visits += 1;
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") await Bun.sleep(10_000);
    if (pathname === "/away") return Response.redirect("/", 302);
    if (pathname === "/long") return new Response("x".repeat(100_000));
    return new Response(`${request.method} ${await request.text()}`);
  },
});
afterAll(() => listener.stop(true));

const { port } = listener;
const open = {
  ...DEFAULT_SETTINGS,
  outgoingPrivateHosts: ["127.0.0.1"],
  outgoingTimeoutSeconds: 1,
};
const get = (path: string) =>
  safeFetch(`http://127.0.0.1:${port}${path}`, { method: "GET" }, { settings: open });

describe("safeFetch() to a host that the operator excepted", () => {
  test("sends and reads", async () => {
    const url = `http://127.0.0.1:${port}/`;
    const answer = await safeFetch(url, { method: "POST", body: "a=1" }, { settings: open });
    expect(answer).toEqual({ status: 200, text: "POST a=1" });
  });

  test.each([
    ["/slow", "too long"],
    ["/away", "redirects"],
    ["/long", "too long"],
  ])("attack 77: %s is refused", async (path, reason) => {
    await expect(get(path)).rejects.toThrow(reason);
  });
});

describe("attack 77: safeFetch() to everybody else", () => {
  test.each([
    ["plain http", `http://127.0.0.1:${port}/`, "not https"],
    ["a loopback address", `https://127.0.0.1:${port}/`, "not a public one"],
    ["a loopback address in hexadecimal", "https://0x7f000001/", "not a public one"],
    ["a loopback address as one number", "https://2130706433/", "not a public one"],
    ["IPv6 loopback", "https://[::1]/", "not a public one"],
    ["IPv4 in IPv6", "https://[::ffff:127.0.0.1]/", "not a public one"],
    ["the metadata service", "https://169.254.169.254/", "not a public one"],
    ["a private network", "https://10.0.0.1/", "not a public one"],
    ["credentials", "https://user:secret@app.example/", "credentials"],
  ])("%s is refused before anything is sent", async (_name, url, reason) => {
    const before = visits;
    const refused = safeFetch(url, { method: "GET" }, { settings: DEFAULT_SETTINGS });
    await expect(refused).rejects.toThrow(reason);
    expect(visits).toBe(before);
  });

  test("a name that resolves to this machine is refused where the connection takes the address", async () => {
    const before = visits;
    const url = `https://localhost:${port}/`;
    await expect(safeFetch(url, { method: "GET" }, { settings: DEFAULT_SETTINGS })).rejects.toThrow(
      "not a public one",
    );
    expect(visits).toBe(before);
  });
});
