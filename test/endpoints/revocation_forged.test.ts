import { describe, expect, test } from "bun:test";
import { generateKeyPair, SignJWT } from "jose";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { MATRIX, openWorld, type World } from "./revocation_fixture.ts";

const worlds = new Map<string, World>();
for (const row of MATRIX) worlds.set(row.join(), await openWorld(row));

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Order of the group of P-256 (FIPS 186-4 D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same token under (r, n - s), which ECDSA cannot tell from (r, s). */
function twinOf(token: string): string {
  const [header, claims, signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const s = ORDER - BigInt(`0x${bytes.subarray(32).toString("hex")}`);
  const other = Buffer.from(s.toString(16).padStart(64, "0"), "hex");
  const twin = Buffer.concat([bytes.subarray(0, 32), other]).toString("base64url");
  return [header, claims, twin].join(".");
}

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

  test("attack 57: a token of one kind is none of another", async () => {
    const { access, refresh } = await issue();
    const { code } = await issueTestCode(server, { clientId: "app" });
    for (const refresh_token of [access, code]) {
      const answer = await post("app", "/token", { grant_type: "refresh_token", refresh_token });
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: "invalid_grant", error_description: "the refresh token is not valid" },
      ]);
    }
    for (const other of [access, refresh]) {
      const form = { grant_type: "authorization_code", code: other, redirect_uri: REDIRECT_URI };
      const answer = await post("app", "/token", form);
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: "invalid_grant", error_description: "the authorization code is not correct" },
      ]);
    }
    expect(await isActive(access)).toBe(true);
    expect(await isActive(refresh)).toBe(true);
  });

  test("attack 49: a self-made token that names a victim's identifiers revokes nothing", async () => {
    const { access, refresh } = await issue();
    for (const forged of await forgeries(access)) {
      for (const client of ["app", "other"]) {
        const answer = await post(client, "/token/revoke", { token: forged });
        expect([answer.status, await answer.json()]).toMatchObject([
          400,
          { error: "invalid_token" },
        ]);
      }
    }
    const events = (await server.services.store.listAuditRows(1000)).map(({ event }) => event);
    expect(events.filter((event) => event.includes("revoked"))).toEqual([]);
    expect(await isActive(access)).toBe(true);
    expect(await isActive(refresh)).toBe(true);
  });

  // Opaque tokens have a tag instead of a signature, which has one form only.
  if (format === "at+jwt") {
    test("the twin of a signature is its token, and dies with it", async () => {
      const { access } = await issue();
      const twin = twinOf(access);
      expect(twin).not.toBe(access);
      expect(await isActive(twin)).toBe(true);
      expect((await introspect(twin))["jti"]).toBe((await introspect(access))["jti"]);
      expect((await post("app", "/token/revoke", { token: twin })).status).toBe(200);
      expect([await isActive(access), await isActive(twin)]).toEqual([false, false]);
      const { access: other } = await issue();
      expect((await post("app", "/token/revoke", { token: other })).status).toBe(200);
      expect(await isActive(twinOf(other))).toBe(false);
    });
  }
});
