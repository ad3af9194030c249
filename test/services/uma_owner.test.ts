/** What owners decide, and that it is theirs alone. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { approveRequest, versionOf } from "../../src/services/uma_answers.ts";
import { denyRequest, reopenRequest, withdrawAccess } from "../../src/services/uma_owner.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { umaServer } from "../support/uma.ts";

setDefaultTimeout(60_000);

const servers = await onEachDatabase((database) => umaServer({ database }));

describe.each(DATABASES)("an owner of resources on %s", (database) => {
  const uma = servers[database];
  const { services } = uma;

  /** A resource of Ada that needs her consent, and what asking for it comes to. */
  async function consented() {
    const pat = await uma.pat(undefined, "ada");
    const resource = await uma.resource(pat);
    await uma.policy(pat, resource, { consent_needed: true });
    const ask = async () => {
      const ticket = await uma.ticket(await uma.pat(undefined, "ada"), resource);
      return (await uma.redeem(ticket, "uma2")).body;
    };
    const of = async (state: "pending" | "denied" | "withdrawn") => {
      const page = { start: 0, count: 1_000, now: services.now() };
      const all = await services.store.listUmaRequests(uma.ada, state, page);
      return all.filter((one) => one.resource.id === resource).map(({ request }) => request);
    };
    /** Approves the request as somebody who sees what it is about. */
    const approve = async (id: string, userId: string) => {
      const [found] = await services.store.findUmaResources([resource]);
      const [request] = await of("pending");
      const client = await services.store.findClient(request?.clientId ?? "");
      const version = found && client ? versionOf(found, client) : "";
      return approveRequest({ id, version }, userId, services);
    };
    return { resource, ask, of, approve };
  }

  /** Events about permissions of one test, each once and in their order. */
  const eventsSince = async (at: number) => {
    const rows = await services.store.listAuditRows(100_000);
    const own = rows.filter((row) => row.at >= at && row.event.startsWith("permission."));
    return [...new Set(own.map(({ event }) => event))].sort();
  };

  test("is asked once for the same, refuses, and lifts that again", async () => {
    const { ask, of, approve } = await consented();
    for (const _ of [1, 2, 3]) expect((await ask()).error).toBe("request_submitted");
    const [request, ...more] = await of("pending");
    expect(more).toEqual([]);
    const id = request?.id ?? "";
    expect(await approve(id, uma.bob)).toBe("answered");
    expect(await denyRequest(id, uma.bob, services)).toBe(false);
    expect(await denyRequest(id, uma.ada, services)).toBe(true);
    expect(await approve(id, uma.ada)).toBe("answered");
    expect((await ask()).error).toBe("request_denied");
    uma.advance(30 * 86_400);
    expect((await ask()).error).toBe("request_denied");
    expect(await reopenRequest(id, uma.bob, services)).toBe(false);
    expect(await reopenRequest(id, uma.ada, services)).toBe(true);
    expect((await ask()).error).toBe("request_submitted");
  });

  test("approves for good, withdraws at once, and who was withdrawn asks in vain until that is lifted", async () => {
    uma.advance(1);
    const began = services.now();
    const { resource, ask, of, approve } = await consented();
    await ask();
    const [request] = await of("pending");
    expect(await approve(request?.id ?? "", uma.ada)).toBe("approved");
    uma.advance(30 * 86_400);
    const { access_token: token } = await ask();
    expect((await uma.introspect(token)).body.active).toBe(true);
    const list = await services.store.listUmaAccess(uma.ada, services.now());
    const access = list.find((one) => one.resource.id === resource);
    if (!access) throw new TypeError("no access");
    expect(await withdrawAccess(access, uma.ada, services)).toBe(true);
    expect((await uma.introspect(token)).body).toEqual({ active: false });
    expect((await ask()).error).toBe("request_denied");
    const [withdrawn] = await of("withdrawn");
    expect(withdrawn?.scopes).toEqual(["view"]);
    expect(await reopenRequest(withdrawn?.id ?? "", uma.ada, services)).toBe(true);
    expect((await ask()).error).toBe("request_submitted");
    expect(await eventsSince(began)).toEqual([
      "permission.approved",
      "permission.granted",
      "permission.reopened",
      "permission.requested",
      "permission.withdrawn",
    ]);
  });

  test("a request that nobody answers goes after seven days (D7)", async () => {
    const { ask, of } = await consented();
    await ask();
    uma.advance(7 * 86_400);
    expect(await of("pending")).toEqual([]);
  });
});
