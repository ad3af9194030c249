/** Requesting party tokens: whom they are for, how long they live, and what they carry on. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decodeJwt } from "jose";
import { DATABASES } from "../support/databases.ts";
import { ISSUER } from "../support/server.ts";
import { BANK, ID_TOKEN, PRINTER, umaServer, VIEWER } from "../support/uma.ts";
import { onEachDatabase } from "./token_fixture.ts";

setDefaultTimeout(60_000);

const servers = await onEachDatabase((database) =>
  umaServer({ database, settings: { rptLifetimeSeconds: 7_200 } }),
);

describe.each(DATABASES)("requesting party tokens on %s", (database) => {
  const uma = servers[database];

  /** A resource that everybody may view, and a ticket for it. */
  async function viewable() {
    const pat = await uma.pat();
    const resource = await uma.resource(pat, "uma2");
    await uma.policy(pat, resource);
    return { pat, resource, ticket: await uma.ticket(pat, resource) };
  }

  test("live as long as RPT_LIFETIME_SECONDS says, beyond other access tokens too", async () => {
    const { ticket } = await viewable();
    const { body } = await uma.redeem(ticket, "uma2");
    expect(body.expires_in).toBe(7_200);
    uma.advance(7_199);
    expect((await uma.introspect(body.access_token)).body.active).toBe(true);
    uma.advance(1);
    expect((await uma.introspect(body.access_token)).body).toEqual({ active: false });
  });

  test("RFC 8707: are for the ticket's resource server, whatever the client may ask for else", async () => {
    const { pat, resource } = await viewable();
    const ask = async (wanted: string) =>
      uma.redeem(await uma.ticket(pat, resource), "uma2", { form: { resource: wanted } });
    const { body } = await ask("https://photos.example");
    expect(decodeJwt(body.access_token).aud).toBe("https://photos.example");
    for (const other of ["https://bank.example", "photos", ISSUER]) {
      expect((await ask(other)).body.error).toBe("invalid_target");
    }
  });

  test("are not the account page's affair, and open neither userinfo nor the protection API", async () => {
    const { pat, resource } = await viewable();
    const form = { claim_token: await uma.idToken("bob"), claim_token_format: ID_TOKEN };
    const { body } = await uma.redeem(await uma.ticket(pat, resource), "uma2", { form });
    const access = await uma.services.store.listAccess(uma.bob, {
      now: uma.services.now(),
      since: 0,
    });
    expect(access.filter(({ scope }) => scope.length === 0)).toEqual([]);
    const headers = { Authorization: `Bearer ${body.access_token}` };
    expect((await uma.get("/userinfo", headers)).status).toBe(401);
  });

  test("are the owner's without any policy, where he is the requesting party", async () => {
    const pat = await uma.pat(undefined, "ada");
    const resource = await uma.resource(pat);
    const redeem = async (username: string) => {
      const form = { claim_token: await uma.idToken(username), claim_token_format: ID_TOKEN };
      return uma.redeem(await uma.ticket(pat, resource), "uma2", { form });
    };
    expect((await redeem("ada")).status).toBe(200);
    expect((await redeem("bob")).body.error).toBe("request_denied");
  });

  test("a ticket without scopes gives those that the client brings, and without them nothing", async () => {
    const { pat, resource } = await viewable();
    const ask = async (form: Record<string, string>) =>
      uma.redeem(await uma.ticket(pat, resource, "uma2", []), "uma2", { form });
    expect((await ask({})).body.error).toBe("request_denied");
    const { body } = await ask({ scope: "view" });
    expect(decodeJwt(body.access_token)["permissions"]).toMatchObject([
      { resource_scopes: ["view"] },
    ]);
  });

  test("opaque ones tell the same at introspection", async () => {
    await uma.addClient({
      client_id: "opaque",
      client_secret: "s",
      grant_types: ["uma_ticket"],
      access_token_format: "opaque",
    });
    const { resource, ticket } = await viewable();
    const { body } = await uma.redeem(ticket, "seed", { client: ["opaque", "s"] });
    expect(body.access_token).toStartWith("tsa_");
    expect((await uma.introspect(body.access_token)).body.permissions).toMatchObject([
      { resource_id: resource },
    ]);
  });

  test("an earlier token is extended, keeps its end, and never for another", async () => {
    const { pat, ticket } = await viewable();
    const first = (await uma.redeem(ticket, "uma2")).body;
    uma.advance(100);
    const next = await viewable();
    const { body } = await uma.redeem(next.ticket, "uma2", { form: { rpt: first.access_token } });
    expect(body.upgraded).toBe(true);
    const { permissions, exp } = (await uma.introspect(body.access_token)).body;
    expect(permissions.map((one: { exp: number }) => one.exp)).toEqual([exp, exp - 100]);
    expect(permissions[0].resource_id).toBe(next.resource);

    const foreign = await uma.redeem(await uma.ticket(pat, next.resource), "uma2", {
      client: VIEWER,
      form: { rpt: body.access_token },
    });
    expect(foreign.body.error_description).toBe("the rpt is not one of this client's");
    await uma.post("/token/revoke", { token: body.access_token }, { basic: PRINTER });
    const dead = await uma.redeem(await uma.ticket(pat, next.resource), "uma2", {
      form: { rpt: body.access_token },
    });
    expect([dead.status, dead.body.upgraded]).toEqual([200, undefined]);
  });

  test("permissions of one resource server are not carried into another's token", async () => {
    const { ticket } = await viewable();
    const first = (await uma.redeem(ticket, "uma2")).body;
    const bank = await uma.pat(BANK);
    const account = await uma.resource(bank);
    await uma.policy(bank, account);
    const form = { rpt: first.access_token };
    const { body } = await uma.redeem(await uma.ticket(bank, account), "uma2", { form });
    expect(body.upgraded).toBeUndefined();
    expect(decodeJwt(body.access_token)).toMatchObject({
      aud: "bank",
      ticket: [{ resource_id: account }],
    });
    expect((await uma.introspect(body.access_token)).body).toEqual({ active: false });
    expect((await uma.introspect(body.access_token, BANK)).body.active).toBe(true);
  });
});
