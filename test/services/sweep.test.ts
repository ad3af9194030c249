import { describe, expect, test } from "bun:test";
import { compactVerify } from "jose";
import { hashOfRow } from "../../src/services/audit.ts";
import { sweep } from "../../src/services/sweep.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { ISSUER, testServer } from "../support/server.ts";

const DAY = 86_400;
const settings = { auditRetentionSeconds: 30 * DAY };

const servers = Object.fromEntries(
  await Promise.all(
    DATABASES.map(
      async (database) => [database, await testServer({ database, settings })] as const,
    ),
  ),
) as Record<DatabaseName, Awaited<ReturnType<typeof testServer>>>;

describe.each(DATABASES)("decisions D9: the sweep on %s", (database) => {
  const server = servers[database];
  const { services } = server;
  const { store, audit, keys } = services;
  const events = async () => (await store.listAuditRows(1000)).map(({ event }) => event);

  test("prunes old audit rows and leaves a signed checkpoint from which the rest verifies", async () => {
    for (const clientId of ["1", "2", "3"]) await audit.record("token.revoked", { clientId });
    const [chain = ""] = await store.listChains();
    const last = (await store.readChain(chain)).at(-1);
    server.advance(31 * DAY);
    await audit.record("token.revoked", { clientId: "young" });
    await sweep(services);
    const [young, checkpoint, ...more] = await store.readChain(chain);
    expect(more).toEqual([]);
    expect(young?.clientId).toBe("young");
    expect(young?.previousHash).toBe(last?.hash ?? "");
    expect(checkpoint).toMatchObject({
      event: "audit.checkpoint",
      previousHash: young?.hash,
      details: { chain, sequence: 3, hash: last?.hash },
    });
    for (const row of [young, checkpoint]) expect(row && hashOfRow(row)).toBe(row?.hash ?? "");
    const signature = String(checkpoint?.details["signature"]);
    const { kid } = await keys.current("ES256");
    const found = await keys.findPublic(kid);
    if (!found) throw new TypeError(kid);
    const { payload, protectedHeader } = await compactVerify(signature, found.key);
    expect(protectedHeader).toEqual({ alg: "ES256", kid, typ: "audit-checkpoint+jwt" });
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({
      iss: ISSUER,
      iat: services.now(),
      chain,
      sequence: 3,
      hash: last?.hash,
    });
  });

  test("prunes at most once a day, so that checkpoints do not breed", async () => {
    const before = (await events()).length;
    for (let minute = 0; minute < 60; minute++) {
      server.advance(60);
      await audit.record("token.revoked", { clientId: "busy" });
    }
    // From now on a row a minute is past its time.
    server.advance(30 * DAY - 3600);
    for (let minute = 0; minute < 60; minute++) {
      server.advance(60);
      await sweep(services);
    }
    const checkpoints = (await events()).filter((event) => event === "audit.checkpoint");
    expect(before).toBe(2);
    expect(checkpoints.length).toBeLessThanOrEqual(2);
  });

  test("deletes what has expired, step by step, and rotates keys that are due", async () => {
    const now = services.now();
    const ids = Array.from({ length: 1_200 }, (_, index) => `old-${index}`);
    await Promise.all(ids.map((id) => store.insertRecord({ id, value: 1, expiresAt: now - 1 })));
    await store.insertRecord({ id: "young", value: 1, expiresAt: now });
    const generations = async () =>
      (await store.listKeys()).filter(({ algorithm }) => algorithm === "ES256").length;
    const before = await generations();
    await sweep(services);
    expect(await store.sweepExpired(now)).toBe(0);
    expect(await store.findRecord("young")).toBeDefined();
    expect(await generations()).toBe(before);
    server.advance(services.settings.keyRotationSeconds);
    await sweep(services);
    expect(await generations()).toBe(before + 1);
  });

  test("writes the counts of repeated refusals that are due", async () => {
    for (let time = 0; time < 4; time++) await audit.refuse({ code: "token_unknown" });
    await sweep(services);
    const refusals = (await store.listAuditRows(10)).filter(
      ({ event }) => event === "request.refused",
    );
    expect(refusals.map(({ count }) => count)).toEqual([3, 1]);
  });
});
