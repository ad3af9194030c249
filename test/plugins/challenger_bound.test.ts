import { describe, expect, test } from "bun:test";
import { dpopKey, withProof } from "../support/dpop.ts";
import {
  ADA,
  challengerServer,
  EXCHANGE,
  earnCode,
  info,
  read,
  redeem,
  redeeming,
} from "./challenger_fixture.ts";

const t = await challengerServer();

async function boundToken() {
  const key = await dpopKey();
  const { code } = await earnCode(t);
  const headers = await withProof(key, { path: "/challenger/token" });
  const { status, body } = await read(
    await t.post("/challenger/token", redeeming(code), { headers }),
  );
  expect([status, body["token_type"]]).toEqual([200, "DPoP"]);
  return { key, token: String(body["access_token"]) };
}

const ask = async (headers: Record<string, string>) => t.get("/challenger/info", headers);

describe("a token that a DPoP proof bound, at /info", () => {
  test("RFC 9449 §7.2: whoever stole it gets no address by it as a bearer token", async () => {
    const { key, token } = await boundToken();
    for (const headers of [
      { Authorization: `Bearer ${token}` },
      { Authorization: `DPoP ${token}` },
      {
        Authorization: `Bearer ${token}`,
        ...(await withProof(key, { path: "/challenger/info", claims: { htm: "GET" }, token })),
      },
      {
        Authorization: `DPoP ${token}`,
        ...(await withProof(await dpopKey(), {
          path: "/challenger/info",
          claims: { htm: "GET" },
          token,
        })),
      },
    ]) {
      const response = await ask(headers);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^DPoP .*error="invalid_/);
      expect(await response.json()).not.toHaveProperty("address");
    }
  });

  test("RFC 9449 §7.1: with a proof of its key it tells the address", async () => {
    const { key, token } = await boundToken();
    const proof = await withProof(key, {
      path: "/challenger/info",
      claims: { htm: "GET" },
      token,
    });
    const { status, body } = await read(await ask({ Authorization: `DPoP ${token}`, ...proof }));
    expect([status, body["address"]]).toEqual([200, ADA]);
  });

  test("a token that is bound to nothing is a bearer token and no DPoP token", async () => {
    const { code } = await earnCode(t);
    const { body } = await redeem(t, redeeming(code));
    expect((await info(t, body["access_token"])).status).toBe(200);
    expect((await ask({ Authorization: `DPoP ${body["access_token"]}` })).status).toBe(403);
  });
});

test("RFC 9068 §4: a token for another resource opens nothing at /info", async () => {
  const resource = "https://bank.example/api";
  await t.addClient({
    client_id: EXCHANGE.id,
    client_secret: EXCHANGE.secret,
    profile: "challenger",
    redirect_uris: [EXCHANGE.redirectUri],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_post",
    allowed_resources: [resource],
  });
  const { code } = await earnCode(t);
  const { status, body } = await redeem(t, { ...redeeming(code), resource });
  expect(status).toBe(200);
  const told = await info(t, body["access_token"]);
  expect([told.status, told.body["code"]]).toEqual([404, 9753]);
});
