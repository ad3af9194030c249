/** Proofs as RFC 9449 prints them, by a clock that stands where theirs stood. */
import { describe, expect, test } from "bun:test";
import { calculateJwkThumbprint } from "jose";
import { DPOP_ALGORITHMS } from "../../src/protocol/dpop.ts";
import { checkDpopProof, type ProvenRequest } from "../../src/services/dpop_proof.ts";
import { dpopKey, proofOf } from "../support/dpop.ts";
import { ISSUER, START, testServer } from "../support/server.ts";

const HEADER =
  "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";

/** §4.1 and §5: a proof for the token endpoint. */
const AT_TOKEN = `${HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`;

/** §7.1: a proof for a resource. */
const AT_RESOURCE = `${HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`;

/** §6.1: the thumbprint of the key of both. */
const JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

const { services } = await testServer();

const check = (proof: string, request: Partial<ProvenRequest>, now: number) =>
  checkDpopProof(
    proof,
    { method: "POST", target: "https://server.example.com/token", needsNonce: false, ...request },
    { ...services, now: () => now },
  );

const resource = {
  method: "GET",
  target: "https://resource.example.org/protectedresource",
  accessToken: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
};

describe("RFC 9449's own proofs", () => {
  test("§4.1: the token request's, once", async () => {
    expect(await check(AT_TOKEN, {}, 1_562_262_616)).toBe(JKT);
    await expect(check(AT_TOKEN, {}, 1_562_262_617)).rejects.toThrow("jti was used before");
  });

  test("§7.1: the resource request's, for its access token alone", async () => {
    const other = { ...resource, accessToken: `${resource.accessToken}x` };
    await expect(check(AT_RESOURCE, other, 1_562_262_618)).rejects.toThrow("ath");
    expect(await check(AT_RESOURCE, resource, 1_562_262_618)).toBe(JKT);
  });

  test("neither stands for the other, and neither lives to this day", async () => {
    await expect(check(AT_TOKEN, resource, 1_562_262_616)).rejects.toThrow("htm");
    await expect(check(AT_RESOURCE, { method: "GET" }, 1_562_262_618)).rejects.toThrow("htu");
    await expect(check(AT_TOKEN, {}, START)).rejects.toThrow("iat is too old");
    await expect(check(AT_TOKEN, {}, 1_562_262_616 - 11)).rejects.toThrow("iat is in the future");
  });

  test("a proof that is altered anywhere is none", async () => {
    const [header = "", claims = "", signature = ""] = AT_TOKEN.split(".");
    const flip = (text: string) => (text[9] === "A" ? "B" : "A");
    const altered = (text: string) => text.slice(0, 9) + flip(text) + text.slice(10);
    for (const parts of [
      [header, altered(claims), signature],
      [header, claims, altered(signature)],
      [altered(header), claims, signature],
      [header, claims, ""],
      [header, claims],
    ]) {
      await expect(check(parts.join("."), {}, 1_562_262_616)).rejects.toThrow();
    }
  });
});

test("RFC 7638 §3.1: the thumbprint of the key it prints", async () => {
  const n =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  expect(await calculateJwkThumbprint({ kty: "RSA", n, e: "AQAB", alg: "RS256" })).toBe(
    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
  );
});

describe("RFC 9449 §4.2 every algorithm that is announced", () => {
  test.each([...DPOP_ALGORITHMS])("%s", async (alg) => {
    const key = await dpopKey(alg);
    const request = { target: `${ISSUER}/token` };
    expect(await check(await proofOf(key), request, START)).toBe(key.jkt);
  });
});
