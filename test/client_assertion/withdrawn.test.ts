/** What one instance, or the command line, takes away is refused by another, without a restart. */
import { afterAll, describe, expect, test } from "bun:test";
import { expectRefusal, onEachDatabase } from "../endpoints/token_fixture.ts";
import { admin, printed } from "../support/admin.ts";
import {
  ask,
  type ClientKey,
  claimsOf,
  hmacBy,
  newClientKey,
  SHARED,
  signedBy,
} from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

/** How long another instance may go by what it has read (decisions D9), in milliseconds. */
const HEARD_WITHIN_MS = 1_000;

const [key, other] = [await newClientKey("ES256", "first"), await newClientKey("ES256", "second")];
const app = { grant_types: ["client_credentials"], scope: "api1" };
const host = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () => Response.json({ keys: [key.jwk] }),
});
afterAll(() => host.stop(true));

const keyed = (id: string, changes: Record<string, unknown>) => ({
  ...app,
  client_id: id,
  token_endpoint_auth_method: "private_key_jwt",
  ...changes,
});
const jwks = (...keys: readonly ClientKey[]) => ({ jwks: { keys: keys.map(({ jwk }) => jwk) } });

const CLIENTS = [
  keyed("disabled", jwks(key)),
  keyed("deleted", jwks(key)),
  keyed("narrowed", jwks(key, other)),
  keyed("moved", { jwks_uri: `${host.url}jwks` }),
  keyed("turned", jwks(key)),
  ...["rotated", "overlapping"].map((id) => ({
    ...app,
    client_id: id,
    client_secret: SHARED,
    token_endpoint_auth_method: "client_secret_jwt",
  })),
];

const SIGNATURE = "the signature is not correct";
const UNKNOWN = "the client doesn't exist";
const REFUSALS: Readonly<Record<string, string>> = {
  disabled: UNKNOWN,
  deleted: UNKNOWN,
  narrowed: SIGNATURE,
  moved: SIGNATURE,
  turned: "the client cannot be authenticated with secret basic",
  rotated: SIGNATURE,
  overlapping: SIGNATURE,
};

const servers = await onEachDatabase(async (database) => {
  const settings = { outgoingPrivateHosts: ["127.0.0.1"] };
  const first = await testServer({ database, settings });
  const second = await testServer({ url: first.url, secret: first.secret, settings });
  for (const client of CLIENTS) await first.addClient(client);
  return { first, second };
});

async function send(server: TestServer, id: string): Promise<Response> {
  const isShared = id === "rotated" || id === "overlapping";
  const claims = claimsOf(server, id);
  return ask(server, await (isShared ? hmacBy(SHARED, claims) : signedBy(key, claims)));
}

describe.each(DATABASES)("attack 44: what was withdrawn at one instance on %s", (database) => {
  const { first, second } = servers[database];

  test("is refused at another within a second, whatever it has read before", async () => {
    for (const id of Object.keys(REFUSALS)) expect((await send(second, id)).status).toBe(200);
    await admin(first, ["client", "disable", "disabled"]);
    await admin(first, ["client", "delete", "deleted"]);
    await first.addClient(keyed("narrowed", jwks(other)));
    await first.addClient(keyed("moved", jwks(other)));
    await first.addClient({ ...app, client_id: "turned", client_secret: SHARED });
    printed(await admin(first, ["client", "rotate-secret", "rotated"]));
    const rotate = ["client", "rotate-secret", "overlapping", "--overlap", "1m"];
    printed(await admin(first, rotate));
    await Bun.sleep(HEARD_WITHIN_MS);
    for (const id of Object.keys(REFUSALS).filter((each) => each !== "overlapping")) {
      const refusal = [400, "invalid_client", REFUSALS[id] ?? ""] as const;
      await expectRefusal(await send(second, id), refusal);
    }
    expect((await send(second, "overlapping")).status).toBe(200);
    second.advance(60);
    const over = [400, "invalid_client", SIGNATURE] as const;
    await expectRefusal(await send(second, "overlapping"), over);
  });

  test("is accepted again at both when it is given back", async () => {
    await admin(first, ["client", "enable", "disabled"]);
    await first.addClient(keyed("narrowed", jwks(key)));
    await Bun.sleep(HEARD_WITHIN_MS);
    for (const id of ["disabled", "narrowed"]) {
      for (const server of [first, second]) expect((await send(server, id)).status).toBe(200);
    }
  });
});
