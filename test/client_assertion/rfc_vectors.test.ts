/** Examples of the RFCs' appendices, sent as client assertions or given to our own steps. */
import { describe, expect, test } from "bun:test";
import { membersOf, serializationOf } from "../../src/protocol/client_assertion.ts";
import { decryptBy } from "../../src/services/assertion_decryption.ts";
import { bodyOf } from "../endpoints/token_fixture.ts";
import { ask, lastDiagnosis, SHARED } from "../support/assertions.ts";
import { testServer } from "../support/server.ts";

/** Claims of RFC 7515 Appendix A: joe's, long expired and without `sub`. */
const CLAIMS =
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

const RS256 = {
  jwk: {
    kty: "RSA",
    n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    e: "AQAB",
  },
  header: "eyJhbGciOiJSUzI1NiJ9",
  signature:
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
};

const ES256 = {
  jwk: {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  },
  header: "eyJhbGciOiJFUzI1NiJ9",
  signature:
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
};

const ES512 = {
  jwk: {
    kty: "EC",
    crv: "P-521",
    x: "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
    y: "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
  },
  jws: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
};

const A128KW = {
  key: "GawgguFyGrWKav7AX4VKUg",
  jwe: "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ",
};

const RSA1_5 =
  "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.UGhIOguC7IuEvf_NPVaXsGMoLOmwvc1GyqlIKOK1nN94nHPoltGRhWhw7Zx0-kFm1NJn8LE9XShH59_i8J0PH5ZZyNfGy2xGdULU7sHNF6Gp2vPLgNZ__deLKxGHZ7PcHALUzoOegEI-8E66jX2E4zyJKx-YxzZIItRzC5hlRirb6Y5Cl_p-ko3YvkkysZIFNPccxRU7qve1WYPxqbb2Yw8kZqa2rMWI5ng8OtvzlV7elprCbuPhcCdZ6XDP0_F8rkXds2vE4X-ncOIM8hAYHHi29NX0mcKiRaD0-D-ljQTP-cFPgwCp6X-nZZd9OHBv-B3oWh2TbqmScqXMR4gp_A.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.9hH0vgRfYgPnAHOd8stkvw";

const server = await testServer();
const app = { grant_types: ["client_credentials"], scope: "api1" };
const register = (keys: readonly { kty: string }[]) =>
  server.addClient({
    ...app,
    client_id: "joe",
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [...keys] },
  });
const saidOf = async (assertion: string, id = "joe") =>
  (await bodyOf(await ask(server, assertion, { client_id: id }), 400)).error_description;

describe("RFC 7515 Appendix A", () => {
  test.each([
    ["A.2 RS256", RS256],
    ["A.3 ES256", ES256],
  ])("%s: the signature holds, so that the claims are judged", async (_name, vector) => {
    await register([vector.jwk]);
    const { header, signature } = vector;
    // It has no `sub`: message 17, which comes after the signature.
    expect(await saidOf(`${header}.${CLAIMS}.${signature}`)).toBe(
      "the client id passed in JWT is not correct",
    );
    const altered = CLAIMS.replace("joe", "").replace(/fQ$/, "IH0");
    for (const wrong of [
      `${header}.${altered}.${signature}`,
      `${header}.${CLAIMS}.${signature.replace(/^./, "A")}`,
    ]) {
      expect(await saidOf(wrong)).toBe("the signature is not correct");
    }
  });

  test("A.1 HS256: the claims are joe's, and a client with keys is not heard by an HMAC", async () => {
    const jws = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
    expect(membersOf(jws, 0)).toEqual({ typ: "JWT", alg: "HS256" });
    expect(membersOf(jws, 1)).toEqual({
      iss: "joe",
      exp: 1_300_819_380,
      "http://example.com/is_root": true,
    });
    expect(await saidOf(jws)).toBe("the signature is not correct");
  });

  test("A.4 ES512: a payload that is no JSON object is message 16, though it is signed", async () => {
    await register([ES512.jwk]);
    expect(await saidOf(ES512.jws)).toBe("the JWS payload cannot be extracted");
  });

  test("A.5: what is not secured is message 15", async () => {
    expect(await saidOf(`eyJhbGciOiJub25lIn0.${CLAIMS}.`)).toBe(
      "the client assertion is not a JWS token",
    );
  });
});

describe("RFC 7516 Appendix A", () => {
  test("A.3: AES key wrap is decrypted to the text of the example", async () => {
    const key = new Uint8Array(Buffer.from(A128KW.key, "base64url"));
    const algorithms = { alg: "A128KW", enc: "A128CBC-HS256" } as const;
    expect(await decryptBy(A128KW.jwe, key, algorithms)).toBe("Live long and prosper.");
    expect(await decryptBy(A128KW.jwe, key, { ...algorithms, alg: "A256KW" })).toBeUndefined();
    const cut = `${A128KW.jwe.slice(0, -1)}A`;
    expect(await decryptBy(cut, key, algorithms)).toBeUndefined();
    expect(serializationOf(A128KW.jwe)).toBe("JWE");
  });

  test("A.2: RSAES-PKCS1-v1_5 is refused (attack 33)", async () => {
    const method = { token_endpoint_auth_method: "client_secret_jwt" };
    await server.addClient({ ...app, ...method, client_id: "shared", client_secret: SHARED });
    for (const jwe of [RSA1_5, A128KW.jwe]) {
      expect(await saidOf(jwe, "shared")).toBe("the jwe token cannot be decrypted");
    }
    const rows = await server.services.store.listAuditRows(20);
    const reasons = rows.map(({ details }) => details["reason"]);
    expect(reasons).toContain('JWE: alg "RSA1_5" is not accepted');
    expect(await lastDiagnosis(server)).toMatchObject({ check: "decryption" });
  });
});
