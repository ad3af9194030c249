import { describe, expect, test } from "bun:test";
import { definePlugin, t } from "../../src/plugin.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";
import { core } from "../../src/server.ts";
import { countSecondFactor } from "../../src/services/second_factor.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

const PHONE = "+41791234567";
const BASIC = { basic: ["shop", "s"] } as const;

interface Sent {
  readonly address: Readonly<Record<string, string>>;
  readonly code: string;
}

const servers = Object.fromEntries(
  await Promise.all(DATABASES.map(async (name) => [name, await open(name)] as const)),
);

describe.each(DATABASES)("decisions D6: POST /code and the password grant on %s", (database) => {
  const { server, outbox } = servers[database] as Opened;

  test("a code that was sent stands in for the password, once", async () => {
    const [name] = await addUser(server);
    const code = await ask(name);
    const given = await grant(name, code);
    expect(given.status).toBe(200);
    expect(await given.json()).toMatchObject({ token_type: "Bearer", scope: "api1" });
    expect(await message(await grant(name, code))).toBe("resource owner credentials are not valid");
  });

  test("amr_values picks one of the two ways", async () => {
    const [name] = await addUser(server);
    const code = await ask(name);
    expect((await grant(name, code, { amr_values: "pwd" })).status).toBe(400);
    expect((await grant(name, "pw", { amr_values: "sms" })).status).toBe(400);
    expect((await grant(name, "pw", { amr_values: "pwd" })).status).toBe(200);
    expect((await grant(name, code, { amr_values: "sms" })).status).toBe(200);
  });

  test("the amr of the token tells how the user proved himself", async () => {
    const [name] = await addUser(server);
    const { access_token } = (await (await grant(name, await ask(name))).json()) as Tokens;
    const seen = await server.post("/introspect", { token: access_token }, BASIC);
    expect(await seen.json()).toMatchObject({ active: true, amr: ["sms"] });
  });

  test("five attempts spend a code, the right one included", async () => {
    const [name] = await addUser(server);
    const code = await ask(name);
    const wrong = code === "000000" ? "000001" : "000000";
    for (let i = 0; i < 5; i++) expect((await grant(name, wrong)).status).toBe(400);
    expect((await grant(name, code)).status).toBe(400);
  });

  test("a code is dead after its lifetime", async () => {
    const [name] = await addUser(server);
    const code = await ask(name);
    server.advance(300);
    expect((await grant(name, code)).status).toBe(400);
  });

  test("a newer code replaces the older", async () => {
    const [name] = await addUser(server);
    const first = await ask(name);
    const second = await ask(name);
    if (first !== second) expect((await grant(name, first)).status).toBe(400);
    expect((await grant(name, second)).status).toBe(200);
  });

  test("a code belongs to the client that asked for it, and to the address it was sent to", async () => {
    const [name] = await addUser(server);
    const [other] = await addUser(server);
    const code = await ask(name);
    const elsewhere = await server.post(
      "/token",
      { grant_type: "password", username: name, password: code, scope: "api1" },
      { basic: ["other", "s"] },
    );
    expect(elsewhere.status).toBe(400);
    expect((await grant(other, code)).status).toBe(400);
    expect((await grant(name, code)).status).toBe(200);
  });

  test("right credentials with a refused scope leave the code unspent, less an attempt", async () => {
    const [name] = await addUser(server);
    const code = await ask(name);
    const refused = await grant(name, code, { scope: "admin" });
    expect(await message(refused)).toBe("the scopes admin are not allowed or invalid");
    expect((await grant(name, code)).status).toBe(200);
  });

  test("of twenty requests with one code, one wins", async () => {
    const [name] = await addUser(server);
    const code = await ask(name);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => grant(name, code, { amr_values: "sms" })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("an unknown address is answered alike, and counts its sendings alike", async () => {
    const nobody = `+4479${Math.floor(Math.random() * 1e8)
      .toString()
      .padStart(8, "0")}`;
    const [name] = await addUser(server);
    const statuses: Record<string, number[]> = { [nobody]: [], [name]: [] };
    for (const address of [nobody, name]) {
      for (let i = 0; i < 4; i++) {
        const response = await server.post("/code", { phone_number: address }, BASIC);
        statuses[address]?.push(response.status);
        if (response.status === 200) expect(await response.text()).toBe("");
      }
    }
    expect(statuses[nobody]).toEqual([200, 200, 200, 429]);
    expect(statuses[name]).toEqual([200, 200, 200, 429]);
    expect(outbox.some(({ address }) => address["CONTACT_PHONE"] === nobody)).toBe(false);
    expect(await server.services.store.findUserByIdentifier(nobody)).toBeUndefined();
  });

  test("codes that a client has sent keep nobody from the code of a sign-in", async () => {
    const [name, id] = await addUser(server);
    for (let i = 0; i < 3; i++) await ask(name);
    expect((await server.post("/code", { phone_number: name }, BASIC)).status).toBe(429);
    await server.services.store.setSecondFactor(id, "sms");
    const user = await server.services.store.findUser(id);
    if (!user) throw new TypeError("The user is gone");
    for (let i = 0; i < 3; i++) await countSecondFactor(user, server.services);
    await expect(countSecondFactor(user, server.services)).rejects.toThrow(OAuthError);
  });

  const sendJson = (parameters: Record<string, string>) => {
    const headers = { "Content-Type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(parameters) };
    return server.server.handle(new Request("http://localhost/code", init));
  };

  test("JSON as in the seed's system works, with the client's credentials in it too", async () => {
    const [phone_number] = await addUser(server);
    const given = { phone_number, client_id: "poster", client_secret: "s" };
    expect((await sendJson(given)).status).toBe(200);
    // What no form may hold, JSON may not either: a database takes no NUL.
    const nul = await sendJson({ ...given, client_id: "poster\0" });
    expect(await message(nul)).toBe("the parameter client_id is malformed");
  });

  const refused: [string, Record<string, string>, string][] = [
    ["no address", {}, "the parameter phone_number is missing"],
    ["a blank number", { phone_number: " " }, "the parameter phone_number is missing"],
    ["a wrong number", { phone_number: "079" }, "the parameter phone_number is malformed"],
    [
      "two addresses",
      { phone_number: PHONE, email: "a@b.example" },
      "the parameter email is malformed",
    ],
    ["a list of mails", { email: "a@b.example,c@d.example" }, "the parameter email is malformed"],
    ["a display name", { email: "A <a@b.example>" }, "the parameter email is malformed"],
    ["an option", { email: "-f@b.example" }, "the parameter email is malformed"],
  ];
  test.each(refused)("%s is refused", async (_name, form, text) => {
    expect(await message(await server.post("/code", form, BASIC))).toBe(text);
  });

  test("only an authenticated client that is registered for it may send codes", async () => {
    const send = (options: object) => server.post("/code", { phone_number: PHONE }, options);
    expect(await message(await send({}))).toBe("the client doesn't exist");
    expect(await message(await send({ basic: ["other", "s"] }))).toBe(
      "the client other may not send confirmation codes",
    );
    const open = await server.post("/code", { phone_number: PHONE, client_id: "spa" });
    expect(await message(open)).toBe("the client spa is public and cannot use this endpoint");
  });

  test("attack 63: a user with a second factor cannot use the password grant", async () => {
    const [name, id] = await addUser(server);
    await server.services.store.setSecondFactor(id, "sms");
    expect(await message(await grant(name, "pw"))).toBe("resource owner credentials are not valid");
    expect(await message(await grant(name, await ask(name)))).toBe(
      "resource owner credentials are not valid",
    );
  });

  async function ask(phone: string): Promise<string> {
    const before = outbox.length;
    expect((await server.post("/code", { phone_number: phone }, BASIC)).status).toBe(200);
    while (outbox.length === before) await Bun.sleep(1);
    const sent = outbox.at(-1);
    expect(sent?.address).toEqual({ CONTACT_PHONE: phone });
    expect(sent?.code).toMatch(/^\d{6}$/);
    return sent?.code ?? "";
  }

  function grant(username: string, password: string, more: Record<string, string> = {}) {
    const form = { grant_type: "password", username, password, scope: "api1", ...more };
    return server.post("/token", form, BASIC);
  }
});

interface Tokens {
  readonly access_token: string;
}

interface Opened {
  readonly server: TestServer;
  readonly outbox: readonly Sent[];
}

async function open(database: DatabaseName): Promise<Opened> {
  const outbox: Sent[] = [];
  const carrier = {
    addressType: "phone",
    address: t.Object({ CONTACT_PHONE: t.String() }),
    send: async (sent: Sent) => void outbox.push(sent),
  };
  const plugins = [core, definePlugin({ name: "outbox", deliveries: [carrier] })];
  const server = await testServer({ database, plugins });
  const grant_types = ["password"];
  const shared = { client_secret: "s", grant_types, scope: "api1" };
  await server.addClient({ client_id: "shop", ...shared, confirmation_codes: true });
  await server.addClient({ client_id: "other", ...shared });
  await server.addClient({
    client_id: "poster",
    ...shared,
    confirmation_codes: true,
    token_endpoint_auth_method: "client_secret_post",
  });
  await server.addClient({ client_id: "spa", grant_types, scope: "api1" });
  return { server, outbox };
}

let phones = 10_000_000;

/** A new user, by a phone number of his own that nothing was sent to yet. */
async function addUser(server: TestServer): Promise<readonly [phone: string, id: string]> {
  phones += 1;
  const phone_number = `+4176${phones}`;
  const id = await server.addUser({ username: `user${phones}`, password: "pw", phone_number });
  return [phone_number, id];
}

async function message(response: Response): Promise<unknown> {
  const body = (await response.json()) as Record<string, unknown>;
  return body["error_description"];
}
