/** What clients that sign show to the server, and must stay between the two. */
import { expect } from "bun:test";
import { SignJWT } from "jose";
import { deriveKey } from "../src/services/assertion_decryption.ts";
import { encrypted, formOf } from "./support/assertions.ts";
import type { ServerProcess } from "./support/process.ts";

/** A client whose secret makes HMACs. */
export const SIGNING_CLIENT = {
  client_id: "signing-app",
  client_secret: "recognizable-hmac-secret-4d8-of-more-than-32-bytes",
  token_endpoint_auth_method: "client_secret_jwt",
  grant_types: ["client_credentials"],
  scope: "api1",
  default_scope: "api1",
};

/** Authenticates in both forms, and fails in each way; gives every secret and assertion that was sent. */
export async function runAssertions({ issuer }: ServerProcess): Promise<readonly string[]> {
  const { client_id: id, client_secret: secret } = SIGNING_CLIENT;
  const key = deriveKey(secret, 256);
  const shown = [secret, Buffer.from(key).toString("base64url")];
  const make = (claims: Record<string, unknown> = {}, by = secret) => {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: id, sub: id, aud: issuer, exp: now + 60, jti: crypto.randomUUID() };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(by));
  };
  const wrap = (text: string, by = key) => encrypted(text, by, { alg: "A256KW", enc: "A256GCM" });
  const send = async (status: number, assertion: string) => {
    const form = { grant_type: "client_credentials", client_id: id, ...formOf(assertion) };
    const body = new URLSearchParams(form);
    const answer = await fetch(`${issuer}/token`, { method: "POST", body });
    expect([answer.status, await answer.text()]).toEqual([status, expect.any(String)]);
    shown.push(
      assertion,
      ...assertion
        .split(".")
        .slice(1)
        .filter((part) => part.length > 20),
    );
  };
  const good = await make();
  await send(200, good);
  await send(400, good);
  await send(200, await wrap(await make()));
  await send(400, await wrap(await make(), deriveKey("another", 256)));
  await send(400, await make({}, "another recognizable secret of 32 bytes"));
  await send(400, await make({ aud: secret }));
  await send(400, await make({ aud: good }));
  await send(400, await make({ exp: 1 }));
  return shown;
}
