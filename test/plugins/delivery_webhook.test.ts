import { afterAll, describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { webhookDelivery } from "../../src/plugins/deliveries/webhook.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const LETTER = { address: { CONTACT_PHONE: "+41791234567" }, code: "1234-5678" };

/** What the operator's service got, and what it answers next. */
const got: { headers: Record<string, string>; body: string }[] = [];
let answer = () => new Response(null, { status: 204 });

const service = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    got.push({ headers: request.headers.toJSON(), body: await request.text() });
    return answer();
  },
});
afterAll(() => service.stop(true));

const settings = {
  ...DEFAULT_SETTINGS,
  outgoingPrivateHosts: ["127.0.0.1"],
  outgoingTimeoutSeconds: 1,
};
const url = `http://127.0.0.1:${service.port}/codes`;
const delivery = webhookDelivery("phone", { url, secret: SECRET, settings });

describe("the delivery webhook (Standard Webhooks 1.0)", () => {
  test("posts address, code and language, which a library of the standard verifies", async () => {
    await delivery.send({ ...LETTER, language: "de" });
    const { headers, body } = got.at(-1) ?? { headers: {}, body: "" };
    expect(headers["content-type"]).toBe("application/json");
    const verified = new Webhook(SECRET).verify(body, headers);
    expect(verified).toEqual({
      type: "code.deliver",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: { address_type: "phone", ...LETTER, language: "de" },
    });
    const other = new Webhook(`whsec_${Buffer.alloc(32, 8).toString("base64")}`);
    expect(() => other.verify(body, headers)).toThrow();
    expect(() => new Webhook(SECRET).verify(body.replace("1234", "4321"), headers)).toThrow();
  });

  test("each letter has an id of its own", async () => {
    await delivery.send(LETTER);
    await delivery.send(LETTER);
    const ids = got.slice(-2).map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    ["400", () => new Response(null, { status: 400 })],
    ["500", () => new Response(null, { status: 500 })],
    ["a redirect", () => Response.redirect(`${url}/elsewhere`, 307)],
    ["an endless answer", () => new Response("x".repeat(10_000))],
  ])("%s is a failure, and is not followed", async (_, refusal) => {
    answer = refusal;
    const before = got.length;
    await expect(delivery.send(LETTER)).rejects.toThrow();
    expect(got.length).toBe(before + 1);
  });

  test("a service that does not answer in time is a failure", async () => {
    const silent = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data() {} },
    });
    const slow = webhookDelivery("phone", {
      url: `http://127.0.0.1:${silent.port}/`,
      secret: SECRET,
      settings,
    });
    await expect(slow.send(LETTER)).rejects.toThrow("took too long");
    silent.stop(true);
  });

  test.each(["http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://[::1]/", "http://a.example/"])(
    "%s is not asked unless it is configured (attack 77)",
    async (target) => {
      const strict = webhookDelivery("phone", {
        url: target,
        secret: SECRET,
        settings: DEFAULT_SETTINGS,
      });
      await expect(strict.send(LETTER)).rejects.toThrow(/not https|not a public one/);
    },
  );
});
