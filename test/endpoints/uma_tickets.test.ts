/** Tickets and the tokens they are turned into (attacks 64, 65, 66). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decodeJwt } from "jose";
import { DATABASES } from "../support/databases.ts";
import { FAMILIES, ID_TOKEN, PRINTER, umaServer, VIEWER } from "../support/uma.ts";
import { onEachDatabase } from "./token_fixture.ts";

setDefaultTimeout(60_000);

const servers = await onEachDatabase((database) => umaServer({ database }));

/** What a ticket that is not there is called by either name (idserver.md A.8, UMA 2.0 Grant §3.3.6). */
const UNKNOWN = { seed: "invalid_ticket", uma2: "invalid_grant" } as const;
const EXPIRED = { seed: "expired_ticket", uma2: "invalid_grant" } as const;

describe.each(DATABASES)("tickets on %s", (database) => {
  const uma = servers[database];

  /** A resource that everybody may view, and a ticket for it. */
  async function viewable(family: (typeof FAMILIES)[number], rule = {}) {
    const pat = await uma.pat();
    const resource = await uma.resource(pat, family);
    await uma.policy(pat, resource, rule, family);
    return { pat, resource, ticket: await uma.ticket(pat, resource, family) };
  }

  describe.each(FAMILIES)("in the names of %s", (family) => {
    test("attack 65: a ticket is used once", async () => {
      const { ticket } = await viewable(family);
      expect((await uma.redeem(ticket, family)).status).toBe(200);
      const { status, body } = await uma.redeem(ticket, family);
      expect([status, body.error]).toEqual([400, UNKNOWN[family]]);
      expect(JSON.stringify(body)).not.toContain(ticket);
    });

    test("attack 65: of many at once, one gets a token", async () => {
      const { ticket } = await viewable(family);
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => uma.redeem(ticket, family)),
      );
      const lost = answers.filter(({ status }) => status !== 200);
      expect(lost).toHaveLength(11);
      for (const { body } of lost) expect(body.error).toBe(UNKNOWN[family]);
    });

    test("attack 65: a ticket expires, and no refusal prolongs it", async () => {
      const { ticket } = await viewable(family, { clients: ["nobody"] });
      if (family === "seed") expect((await uma.redeem(ticket, family)).status).toBe(400);
      uma.advance(300);
      expect((await uma.redeem(ticket, family)).body.error).toBe(EXPIRED[family]);
    });

    test("attack 65: text that was never a ticket, and tokens of other kinds", async () => {
      const { services } = uma;
      const kinds = ["access", "refresh", "code", "ticket"] as const;
      const forged = kinds.map((kind) => services.secret.mintOpaque(kind, services.now()).text);
      for (const ticket of [...forged, "x", "tst_", "\u{1F3AB}"]) {
        expect((await uma.redeem(ticket, family)).body.error).toBe(UNKNOWN[family]);
      }
      expect((await uma.redeem("", family)).body).toMatchObject({
        error: "invalid_request",
        error_description: "the parameter ticket is missing",
        code: 25,
      });
    });

    test("attack 64: there is never a refresh token", async () => {
      await uma.addClient({
        client_id: "greedy",
        client_secret: "s",
        grant_types: ["uma_ticket", "refresh_token", "client_credentials"],
        scope: "uma_protection openid offline_access",
      });
      const { ticket } = await viewable(family);
      const { body } = await uma.redeem(ticket, family, { client: ["greedy", "s"] });
      expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "token_type"]);
    });

    test("attack 66: a token never has scopes beyond ticket, resource and rule", async () => {
      const { pat, resource, ticket } = await viewable(family, { scopes: ["view", "print"] });
      const narrow = await uma.redeem(ticket, family);
      expect(decodeJwt(narrow.body.access_token)["permissions"]).toMatchObject([
        { resource_scopes: ["view"] },
      ]);
      const second = await uma.ticket(pat, resource, family);
      const form = { scope: "print" };
      const wide = await uma.redeem(second, family, { form });
      expect(decodeJwt(wide.body.access_token)["permissions"]).toMatchObject([
        { resource_scopes: ["view", "print"] },
      ]);
      for (const scope of ["admin", "openid", "print print"]) {
        const third = await uma.ticket(pat, resource, family);
        const { body } = await uma.redeem(third, family, { form: { scope } });
        expect([scope, body.error]).toEqual([scope, "invalid_scope"]);
      }
      // A scope that the resource loses is lost to tickets and tokens that have it already.
      const fourth = await uma.ticket(pat, resource, family);
      const change =
        family === "seed" ? { name: "n", scopes: ["print"] } : { resource_scopes: ["print"] };
      const path = `/rs/resource_set/${resource}`;
      expect((await uma.call("PUT", path, { token: pat, body: change })).status).toBe(200);
      expect((await uma.redeem(fourth, family)).body.access_token).toBeUndefined();
      expect((await uma.introspect(narrow.body.access_token)).body).toEqual({ active: false });
      expect((await uma.introspect(wide.body.access_token)).body.permissions).toMatchObject([
        { resource_scopes: ["print"] },
      ]);
    });

    test("a ticket over several resources is granted as a whole or not at all", async () => {
      const { pat, resource } = await viewable(family);
      const other = await uma.resource(pat, family);
      const line = (id: string) =>
        family === "seed"
          ? { resource_set_id: id, scopes: ["view"] }
          : { resource_id: id, resource_scopes: ["view"] };
      const bulk = async () => {
        const body = [line(resource), line(other)];
        const answer = await uma.call("POST", "/perm/bulk", { token: pat, body });
        return answer.body.ticket_id ?? answer.body.ticket;
      };
      const refused = await uma.redeem(await bulk(), family);
      expect(refused.body.access_token).toBeUndefined();
      await uma.policy(pat, other, {}, family);
      const { body } = await uma.redeem(await bulk(), family);
      const { permissions } = (await uma.introspect(body.access_token)).body;
      expect(permissions).toHaveLength(2);
    });
  });

  test("attack 65: a ticket that a client was given is no other client's", async () => {
    const claims = [{ type: "email", value: "bob@example.com" }];
    const { ticket } = await viewable("uma2", { claims });
    const { body } = await uma.redeem(ticket, "uma2", { client: PRINTER });
    const form = { claim_token: await uma.idToken("bob", VIEWER), claim_token_format: ID_TOKEN };
    const stolen = await uma.redeem(body.ticket, "uma2", { client: VIEWER, form });
    expect(stolen.body.error).toBe("invalid_grant");
    const own = { claim_token: await uma.idToken("bob"), claim_token_format: ID_TOKEN };
    expect((await uma.redeem(body.ticket, "uma2", { form: own })).status).toBe(200);
  });

  test("a denied ticket of UMA 2.0 is spent, one of uma_ticket stays (D7)", async () => {
    const { pat, resource, ticket } = await viewable("uma2", { scopes: [] });
    expect((await uma.redeem(ticket, "uma2")).body.error).toBe("request_denied");
    await uma.policy(pat, resource);
    expect((await uma.redeem(ticket, "uma2")).body.error).toBe("invalid_grant");
    const second = await viewable("seed", { scopes: [] });
    expect((await uma.redeem(second.ticket, "seed")).status).toBe(400);
    await uma.policy(second.pat, second.resource);
    expect((await uma.redeem(second.ticket, "seed")).status).toBe(200);
  });

  test("a line of tickets that is told to bring more ends with the seventh day, too", async () => {
    const claims = [{ type: "email", value: "bob@example.com" }];
    const { ticket } = await viewable("uma2", { claims });
    const { store, secret, now } = uma.services;
    const key = secret.readOpaque(ticket)?.key ?? "";
    const first = await store.findUmaTicket(key);
    if (!first) throw new TypeError("The ticket is not there");
    // As if it had been rotated for seven days less a minute.
    const createdAt = now() - 7 * 86_400 + 60;
    const old = { ...first, createdAt, clientId: "printer", expiresAt: now() + 30 };
    const text = secret.mintOpaque("ticket", createdAt);
    await store.rotateUmaTicket(key, { ...old, key: text.key }, []);
    const { body } = await uma.redeem(text.text, "uma2", {
      form: { claim_token: "x", claim_token_format: ID_TOKEN },
    });
    expect(body.error).toBe("need_info");
    uma.advance(60);
    expect((await uma.redeem(body.ticket, "uma2")).body.error_description).toBe(
      "the ticket is expired",
    );
  });

  test("what waits for an owner lives seven days from its first ticket, and no longer (D7)", async () => {
    const pat = await uma.pat(undefined, "ada");
    const resource = await uma.resource(pat);
    await uma.policy(pat, resource, { consent_needed: true });
    let ticket = await uma.ticket(pat, resource);
    for (let day = 0; day < 7; day += 1) {
      const { body } = await uma.redeem(ticket, "uma2");
      expect([day, body.error]).toEqual([day, "request_submitted"]);
      ticket = body.ticket;
      uma.advance(86_400);
    }
    expect((await uma.redeem(ticket, "uma2")).body.error_description).toBe("the ticket is expired");
  });
});
