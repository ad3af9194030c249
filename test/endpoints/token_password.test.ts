import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, START, testServer } from "../support/server.ts";
import {
  bodyOf,
  claimsOf,
  expectRefusal,
  isActive,
  onEachDatabase,
  RESOURCE_SERVER,
} from "./token_fixture.ts";

const WRONG = [400, "invalid_grant", "resource owner credentials are not valid"] as const;
const APP = { basic: ["app", "s"] } as const;
const PASSWORD = "correct horse battery staple";
/** Two passwords whose first 72 bytes are the same: bcrypt would not tell them apart. */
const LONG = "p".repeat(72);

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  const app = {
    client_id: "app",
    client_secret: "s",
    scope: "openid role profile offline_access",
    grant_types: ["password", "refresh_token"],
  };
  await server.addClient(RESOURCE_SERVER);
  await server.addClient(app);
  await server.addClient({ ...app, client_id: "brief", grant_types: ["password"] });
  await server.addClient({ ...app, client_id: "default", default_scope: "role profile" });
  const ada = await server.addUser({
    username: "Ada",
    password: PASSWORD,
    phone_number: "+491701234567",
    email: "ada@example.org",
  });
  await server.addUser({ username: "long", password: `${LONG}1` });
  await server.addUser({ username: "gone", password: PASSWORD });
  await server.addUser({ username: "passwordless" });
  await addUnverified(server.services, ada);
  return { server, ada };
});

/** A user with a phone number and an e-mail address that he never confirmed. */
async function addUnverified(
  { store, now }: Awaited<ReturnType<typeof testServer>>["services"],
  like: string,
): Promise<void> {
  const row = await store.findUser(like);
  if (!row) throw new TypeError("No such user");
  const unverified = {
    ...row,
    id: "unverified",
    username: "grace",
    phoneNumber: "+491709999999",
    email: "grace@example.org",
    createdAt: now(),
  };
  const user = { row: unverified, identifiers: ["grace"], passwordChanged: false };
  await store.writeParties({ clients: [], users: [user] });
}

describe.each(DATABASES)("RFC 6749 §4.3 password grant on %s", (database) => {
  const { server, ada } = servers[database];
  const login = (
    username: string,
    { password = PASSWORD, scope = "openid role profile", as = "app" } = {},
  ) =>
    server.post(
      "/token",
      { grant_type: "password", username, password, ...(scope !== "" && { scope }) },
      { basic: [as, "s"] },
    );

  test.each([
    ["login", "Ada"],
    ["phone number", "+491701234567"],
    ["phone number as people write it", "+49 (170) 123-45.67"],
    ["e-mail address", "ada@example.org"],
    ["e-mail address in other letters", "ADA@Example.ORG"],
  ])("the %s and the password give tokens to the user", async (_, username) => {
    const body = await bodyOf(await login(username));
    expect(claimsOf(body.access_token)["sub"]).toBe(ada);
  });

  test("the response and its access token say what was granted", async () => {
    const response = await login("Ada");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("pragma")).toBe("no-cache");
    expect(response.headers.get("content-type")).toStartWith("application/json");
    const body = await bodyOf(response);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "openid role profile",
      refresh_token: expect.stringMatching(/^tsr_/),
      id_token: expect.any(String),
    } as never);
    expect(claimsOf(body.access_token)).toEqual({
      iss: ISSUER,
      sub: ada,
      aud: ISSUER,
      client_id: "app",
      scope: "openid role profile",
      iat: START,
      exp: START + 3600,
      jti: expect.any(String),
      authorization_id: expect.any(String),
      auth_time: START,
      acr: "urn:tessera:pwd",
      amr: ["pwd"],
    });
  });

  test("a client that is not registered for refresh_token gets none", async () => {
    const body = await bodyOf(await login("Ada", { as: "brief", scope: "profile" }));
    expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "scope", "token_type"]);
  });

  test("without scope the client's default_scope applies", async () => {
    const body = await bodyOf(await login("Ada", { as: "default", scope: "" }));
    expect(body.scope).toBe("role profile");
  });

  test("a login is compared letter by letter", async () => {
    await expectRefusal(await login("ada"), WRONG);
    await expectRefusal(await login("ADA"), WRONG);
  });

  test("an unverified phone number or e-mail address identifies nobody", async () => {
    expect((await login("grace")).status).toBe(200);
    await expectRefusal(await login("+491709999999"), WRONG);
    await expectRefusal(await login("grace@example.org"), WRONG);
  });

  test("wrong password, unknown user and user without password are refused alike", async () => {
    const answers = await Promise.all([
      login("Ada", { password: "wrong" }),
      login("nobody"),
      login("passwordless"),
    ]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(new Set(texts).size).toBe(1);
    expect(JSON.parse(texts[0] ?? "").error_description).toBe(WRONG[2]);
  });

  test("attack 40: passwords that are equal in their first 72 bytes differ", async () => {
    expect((await login("long", { password: `${LONG}1` })).status).toBe(200);
    await expectRefusal(await login("long", { password: `${LONG}2` }), WRONG);
    await expectRefusal(await login("long", { password: LONG }), WRONG);
  });

  test("attack 20: a disabled user is refused at once, and so is what he holds", async () => {
    const { store, now } = server.services;
    const { access_token: token } = await bodyOf(await login("gone"));
    const user = await store.findUserByIdentifier("gone");
    expect(await isActive(server, token)).toBe(true);
    await store.setUserDisabled(user?.id ?? "", now());
    await expectRefusal(await login("gone"), WRONG);
    expect(await isActive(server, token)).toBe(false);
    await store.setUserDisabled(user?.id ?? "", null);
    expect((await login("gone")).status).toBe(200);
    await store.deleteUser(user?.id ?? "");
    await expectRefusal(await login("gone"), WRONG);
    expect(await isActive(server, token)).toBe(false);
  });

  test("the audit log tells the operator why, and never the password", async () => {
    await login("nobody", { password: "hunter2-in-the-log" });
    const rows = await server.services.store.listAuditRows(1_000);
    const reasons = rows.map(({ details }) => details["reason"]);
    expect(reasons).toContain("unknown user");
    expect(JSON.stringify([rows, server.log])).not.toContain("hunter2-in-the-log");
    expect(JSON.stringify([rows, server.log])).not.toContain(PASSWORD);
  });

  test("a password is taken as it is, spaces included", async () => {
    await expectRefusal(await login("Ada", { password: ` ${PASSWORD} ` }), WRONG);
  });

  test("without a password the user is not looked at", async () => {
    const form = { grant_type: "password", username: "Ada", password: "  ", scope: "role" };
    await expectRefusal(await server.post("/token", form, APP), [
      400,
      "invalid_request",
      "the parameter password is missing",
    ]);
  });
});
