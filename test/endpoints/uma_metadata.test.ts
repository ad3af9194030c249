/** `/.well-known/uma2-configuration` (UMA 2.0 Grant §2, idserver.md A.8). */
import { describe, expect, test } from "bun:test";
import { METADATA_PATH } from "../../src/protocol/server_metadata.ts";
import { UMA_METADATA_PATH } from "../../src/protocol/uma_metadata.ts";
import { core } from "../../src/server.ts";
import { ISSUER, testServer } from "../support/server.ts";
import { GRANT, ID_TOKEN } from "../support/uma.ts";

const server = await testServer({ settings: { registration: "open" } });
const bare = await testServer({ plugins: [core] });
const mounted = await testServer({ issuer: "https://id.example/tenant" });

type Metadata = Readonly<Record<string, unknown>>;
const metadataOf = async (path: string, { get } = server) =>
  (await (await get(path)).json()) as Metadata;

describe("the metadata of UMA", () => {
  test("has every member of idserver.md A.8, and none of them is written by hand", async () => {
    const metadata = await metadataOf(UMA_METADATA_PATH);
    expect(metadata).toMatchObject({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/token`,
      jwks_uri: `${ISSUER}/jwks`,
      registration_endpoint: `${ISSUER}/register`,
      introspection_endpoint: `${ISSUER}/introspect`,
      revocation_endpoint: `${ISSUER}/token/revoke`,
      resource_registration_endpoint: `${ISSUER}/rs/resource_set`,
      permission_endpoint: `${ISSUER}/perm`,
      policies_endpoint: `${ISSUER}/policies`,
      authorization_endpoint: `${ISSUER}/authorize`,
      uma_profiles_supported: [
        "https://docs.kantarainitiative.org/uma/profiles/uma-token-bearer-1.0",
      ],
    });
    expect(metadata["claim_token_profiles_supported"]).toContain(ID_TOKEN);
    expect(metadata["grant_types_supported"]).toEqual(expect.arrayContaining(Object.values(GRANT)));
    expect(metadata).toMatchObject(await metadataOf(METADATA_PATH));
    expect(metadata).not.toHaveProperty("claims_interaction_endpoint");
  });

  test("names endpoints that are there", async () => {
    for (const [name, address] of Object.entries(await metadataOf(UMA_METADATA_PATH))) {
      if (!/_(endpoint|uri)$/.test(name)) continue;
      expect((await server.get(new URL(String(address)).pathname)).status, name).not.toBe(404);
    }
  });

  test("is not there without the plugin, and has the issuer's path before or behind", async () => {
    expect((await bare.get(UMA_METADATA_PATH)).status).toBe(404);
    expect((await bare.post("/perm", {})).status).toBe(404);
    const grants = (await metadataOf(METADATA_PATH, bare))["grant_types_supported"];
    expect(grants).not.toContain("uma_ticket");
    for (const path of [`/tenant${UMA_METADATA_PATH}`, `${UMA_METADATA_PATH}/tenant`]) {
      const { issuer } = await metadataOf(path, mounted);
      expect([path, issuer]).toEqual([path, "https://id.example/tenant"]);
    }
  });

  test("every page may read it", async () => {
    const response = await server.get(UMA_METADATA_PATH, { Origin: "https://app.example" });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
  });
});
