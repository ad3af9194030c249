import { SignJWT } from "jose";
import { kindOf } from "./log.ts";
import type { Services } from "./services.ts";

/** Pause between two rounds, in milliseconds. */
const ROUND_MS = 60_000;

/**
 * Steps of one round; the next one goes on. A million rows a minute, since each assertion and each DPoP
 * proof leaves one that expires a minute later.
 */
const STEPS_MAX = 2000;

/**
 * Starts the rounds that delete what has expired, rotate keys that are due, write the counts of
 * repeated refusals and uses of secrets, and prune the audit log. Every instance may run them. Returns the end of it.
 */
export function startSweep(services: Services): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    round = round
      .then(() => sweep(services))
      .catch((error: unknown) => {
        services.log("error", "sweep.failed", { kind: kindOf(error) });
      });
  }, ROUND_MS);
  return async () => {
    clearInterval(timer);
    await round;
  };
}

/** One round. */
export async function sweep(services: Services): Promise<void> {
  const { store, audit, keys, secretUses, now } = services;
  await audit.flush();
  await secretUses.flush();
  await keys.maintain();
  for (let step = 0; step < STEPS_MAX; step++) {
    if ((await store.sweepExpired(now())) === 0) break;
  }
  await pruneAudit(services);
}

/** Longest time that audit rows are kept beyond their own, in seconds, so that few checkpoints are needed. */
const PRUNE_STEP_SECONDS = 86_400;

/**
 * Deletes audit rows past their time. Before rows of a chain go, a checkpoint signed by the server
 * tells where the chain stood, so that what remains can still be verified (decisions D9).
 */
export async function pruneAudit({
  store,
  audit,
  keys,
  issuer,
  settings,
  now,
}: Services): Promise<void> {
  const { auditRetentionSeconds: keptSeconds } = settings;
  const stepSeconds = Math.min(PRUNE_STEP_SECONDS, keptSeconds);
  const before = now() - keptSeconds;
  for (const link of await store.findPrunable(before - (before % stepSeconds))) {
    const { kid, algorithm, privateKey } = await keys.current("ES256");
    const signature = await new SignJWT({ ...link })
      .setProtectedHeader({ alg: algorithm, kid, typ: "audit-checkpoint+jwt" })
      .setIssuer(issuer)
      .setIssuedAt(now())
      .sign(privateKey);
    await audit.record("audit.checkpoint", { details: { ...link, signature } });
    await store.pruneChain(link.chain, link.sequence);
  }
}
