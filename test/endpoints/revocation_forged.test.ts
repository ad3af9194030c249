import { describe, expect, test } from "bun:test";
import { generateKeyPair, SignJWT } from "jose";
import { MATRIX, openWorld, type World } from "./revocation_fixture.ts";

const worlds = new Map<string, World>();
for (const row of MATRIX) worlds.set(row.join(), await openWorld(row));

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe.each(MATRIX)("RFC 8725 §2: forged tokens on %s, %s access tokens", (database, format) => {
  const world = worlds.get([database, format].join());
  if (!world) throw new TypeError(database);
  const { server, post, issue, isActive, introspect } = world;

  /** Tokens that a stranger made out of what he knows of a victim's, and of any token of his own. */
  async function forgeries(victim: string): Promise<readonly string[]> {
    const claims = await introspect(victim);
    const stolen = { ...claims, jti: String(claims["jti"]), sub: "mallory", scope: "api1 api2" };
    const { kid } = await server.services.keys.current("ES256");
    const own = await generateKeyPair("ES256", { extractable: true });
    const jwk = await crypto.subtle.exportKey("jwk", own.publicKey);
    const header = { alg: "ES256", typ: "at+jwt", kid } as const;
    const signed = (extra: object) =>
      new SignJWT(stolen).setProtectedHeader({ ...header, ...extra }).sign(own.privateKey);
    const [, , signature = ""] = (await signed({})).split(".");
    const [genuineHeader = "", , genuineSignature = ""] = victim.split(".");
    return [
      await signed({}),
      await signed({ jwk, kid: "mallory" }),
      `${encode({ ...header, alg: "none" })}.${encode(stolen)}.`,
      `${encode({ ...header, alg: "none" })}.${encode(stolen)}.${signature}`,
      ...(format === "at+jwt" ? [`${genuineHeader}.${encode(stolen)}.${genuineSignature}`] : []),
    ];
  }

  test("attack 48: claims under another signature are not echoed, to nobody", async () => {
    const { access } = await issue();
    for (const forged of await forgeries(access)) {
      for (const caller of ["app", "other", "rs", "admin"]) {
        expect(await introspect(forged, caller)).toEqual({ active: false });
      }
    }
    expect(await isActive(access)).toBe(true);
  });

  test("attack 49: a self-made token that names a victim's identifiers revokes nothing", async () => {
    const { access, refresh } = await issue();
    const listed = async () => (await server.services.store.listAuditRows(1000)).length;
    for (const forged of await forgeries(access)) {
      const before = await listed();
      for (const client of ["app", "other"]) {
        const answer = await post(client, "/token/revoke", { token: forged });
        expect([answer.status, await answer.json()]).toMatchObject([
          400,
          { error: "invalid_token" },
        ]);
      }
      const revocations = (await server.services.store.listAuditRows((await listed()) - before + 1))
        .map(({ event }) => event)
        .filter((event) => event.includes("revoked"));
      expect(revocations).toEqual([]);
    }
    expect(await isActive(access)).toBe(true);
    expect(await isActive(refresh)).toBe(true);
  });
});
