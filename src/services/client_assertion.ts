import {
  ASSERTION_TYPE,
  judgeClaims,
  membersOf,
  SKEW_SECONDS,
  serializationOf,
} from "../protocol/client_assertion.ts";
import { type Check, Diagnosis, shown } from "../protocol/diagnosis.ts";
import type { Params } from "../protocol/form.ts";
import { malformedParameter, missingParameter, OAuthError } from "../protocol/oauth_error.ts";
import type { Client } from "../store/clients.ts";
import { decryptAssertion } from "./assertion_decryption.ts";
import { type VerifiedAssertion, verifySignature } from "./assertion_signature.ts";
import { liveSecrets, type UsableSecret, usableSecrets } from "./client_secrets.ts";
import { hashSecret } from "./ids.ts";
import type { Services } from "./services.ts";

/**
 * The assertion of a request and the client that it names, unverified (idserver.md A.4): a JWS by its
 * `iss`, a JWE by the body's `client_id`, since nobody has opened it yet. Throws `parameter_missing`
 * and `parameter_malformed` for half a pair and for another type (RFC 7521 §4.2).
 */
export function claimAssertion(
  params: Params,
): { readonly clientId: string; readonly credential: string } | undefined {
  const credential = params.get("client_assertion");
  const type = params.get("client_assertion_type");
  if (credential === undefined && type === undefined) return undefined;
  if (type === undefined) throw missingParameter("client_assertion_type");
  if (type !== ASSERTION_TYPE) throw malformedParameter("client_assertion_type");
  if (credential === undefined) throw missingParameter("client_assertion");
  const named = serializationOf(credential) === "JWS" ? membersOf(credential, 1)?.["iss"] : "";
  const usable = typeof named === "string" && named !== "" && !named.includes("\0");
  return { clientId: usable ? named : (params.get("client_id") ?? ""), credential };
}

/**
 * Verifies an assertion made by the client's secret (decisions D4): an HMAC, or a JWE around one or
 * around what the client's key signed. Throws messages 12 to 19 of the seed in its order.
 */
export async function verifySecretAssertion(
  text: string,
  client: Client,
  services: Services,
): Promise<void> {
  const secrets = usableSecrets(client, services);
  if (secrets.length === 0) {
    const live = liveSecrets(client, services.now()).length;
    const reason = `none of the client's ${live} live secrets can be read under the server's seal`;
    const cause = new Diagnosis("secret", reason);
    throw new OAuthError("client_without_secret", { values: [client.id], cause });
  }
  try {
    await verifyBySecrets(text, { client, secrets }, services);
  } catch (error) {
    throw withoutSecrets(error, secrets);
  }
}

/** A client and the secrets that it may have used. */
interface Sharer {
  readonly client: Client;
  readonly secrets: readonly UsableSecret[];
}

async function verifyBySecrets(
  text: string,
  { client, secrets }: Sharer,
  services: Services,
): Promise<void> {
  const form = serializationOf(text);
  if (form === undefined) throw notJwe("form", "it has neither 3 nor 5 parts");
  checkEncryption(form, client);
  if (form === "JWS") {
    return accept(
      await verifySignature({ text, client, secrets, byKey: false }, services),
      client,
      services,
    );
  }
  const inner = await open(text, { client, secrets }, services);
  const verified = verifySignature({ text: inner, client, secrets, byKey: true }, services);
  await accept(await asExtraction(verified), client, services);
}

/** The same refusal, without a reason that repeats what a client put in the wrong place: its secret. */
function withoutSecrets(error: unknown, secrets: readonly UsableSecret[]): unknown {
  if (!(error instanceof OAuthError) || !(error.cause instanceof Diagnosis)) return error;
  const { check, reason } = error.cause;
  const holdsOne = secrets.some(({ text }) => reason.includes(shown(text).slice(1, HEAD_LENGTH)));
  if (!holdsOne) return error;
  return new OAuthError(error.code, {
    values: [check],
    cause: new Diagnosis(check, `${check}: it holds the client's secret`),
  });
}

/** How much of a secret gives it away, in characters; shorter ones than this make no HMAC. */
const HEAD_LENGTH = 24;

/** Verifies an assertion signed by the client's key, encrypted to ours or not. Throws messages 13 to 19. */
export async function verifyKeyAssertion(
  text: string,
  client: Client,
  services: Services,
): Promise<void> {
  const form = serializationOf(text);
  if (form === undefined) throw notJws("it has neither 3 nor 5 parts");
  checkEncryption(form, client);
  const signed = form === "JWS" ? text : await open(text, { client, secrets: [] }, services);
  const verified = await verifySignature(
    { text: signed, client, secrets: [], byKey: true },
    services,
  );
  await accept(verified, client, services);
}

/** Message 13: a client that is registered for encryption sends nothing in clear. */
function checkEncryption(form: "JWS" | "JWE", { metadata }: Client): void {
  const registered = metadata.token_endpoint_auth_encryption_alg;
  if (form === "JWE" || registered === undefined) return;
  throw notJwe("encryption", `it is not encrypted, registered ${registered}`);
}

/** What a JWE holds. Another JWE, or something unsigned, is message 15 (attack 30). */
async function open(
  text: string,
  { client, secrets }: Sharer,
  services: Services,
): Promise<string> {
  const texts = secrets.map((secret) => secret.text);
  const inner = await decryptAssertion(text, { client, secrets: texts }, services);
  if (serializationOf(inner) !== "JWS") throw notJws("the JWE holds no JWS");
  return inner;
}

/** A signature inside a JWE that does not hold is message 16 in the seed. */
async function asExtraction(verifying: Promise<VerifiedAssertion>): Promise<VerifiedAssertion> {
  try {
    return await verifying;
  } catch (error) {
    if (!(error instanceof OAuthError) || error.code !== "assertion_signature_incorrect")
      throw error;
    throw new OAuthError("assertion_not_extracted", { cause: error.cause });
  }
}

/** Judges the claims, then spends the assertion: last, and by one statement, whichever instance is asked. */
async function accept(
  { claims, secret }: VerifiedAssertion,
  client: Client,
  services: Services,
): Promise<void> {
  const { issuer, settings, now, store } = services;
  const older = client.metadata.assertion_audience === "token_endpoint";
  const { jti, deadAt } = judgeClaims(claims, {
    clientId: client.id,
    audiences: older ? [issuer, `${issuer}/token`] : [issuer],
    now: now(),
    lifetimeSeconds: settings.assertionLifetimeSeconds,
  });
  const id = `client_assertion:${hashSecret(JSON.stringify([client.id, jti]))}`;
  // Another instance, whose clock may be ahead, must not sweep it while this one would take it.
  if (!(await store.insertRecord({ id, value: {}, expiresAt: deadAt + SKEW_SECONDS }))) {
    const cause = new Diagnosis("jti", "jti: an assertion with the same one was accepted before");
    throw new OAuthError("assertion_replayed", { cause });
  }
  if (secret) services.secretUses.note(secret.row);
}

const notJwe = (check: Check, reason: string) =>
  new OAuthError("assertion_not_jwe", { cause: new Diagnosis(check, reason) });

const notJws = (reason: string) =>
  new OAuthError("assertion_not_jws", { cause: new Diagnosis("form", reason) });
