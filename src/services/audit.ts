import { createHash } from "node:crypto";
import type { AuditLogStore, AuditRow } from "../store/audit_log.ts";
import { newId } from "./ids.ts";
import { kindOf, type Log } from "./log.ts";

/** What is written to the audit log, one row each. */
export const EVENTS = {
  "request.refused":
    "A request was refused; the detail `code` names the row of the error catalogue",
  "authorization.created": "A user's authorization began",
  "authorization.revoked": "An authorization ended before its time",
  "token.issued": "An opaque access token was issued to a client for itself",
  "token.revoked": "One access token was revoked",
  "refresh_token.rotated": "A refresh token was spent for its successor",
  "refresh_token.reused":
    "A spent refresh token came back after the grace period: the family ended",
  "code.issued": "An administrator issued an authorization code",
  "code.reused": "A spent authorization code came back: what it gave was revoked",
  "challenge.began": "A Challenger client began a process",
  "challenge.solved": "Somebody proved an address by its PIN",
  "user.address_added": "A user made an address that he had proven by its PIN his own",
  "client.written": "An administrator created or changed a client",
  "client.registered": "A client registered itself, or replaced its own metadata",
  "registration.invited":
    "An administrator made an initial access token, by which clients may register",
  "client.disabled": "An administrator disabled a client",
  "client.enabled": "An administrator enabled a client",
  "client.deleted": "An administrator deleted a client",
  "client.tokens_revoked": "An administrator ended all tokens of a client",
  "user.written": "An administrator created or changed a user",
  "user.disabled": "An administrator disabled a user",
  "user.enabled": "An administrator enabled a user",
  "user.deleted": "An administrator deleted a user",
  "user.tokens_revoked": "An administrator ended all tokens of a user",
  "user.second_factor_set":
    "An administrator chose a user's second factor; the detail `second_factor` names it",
  "user.password_set": "A user's password changed, which ended his authorizations",
  "session.began": "A user signed in on our pages",
  "session.ended": "A session ended before its time, because its user signed out or changed",
  "logout.undelivered": "A client was not told that a session ended; the detail `reason` says why",
  "sign_in.failed": "A name and a password, or a code, did not match; the detail `reason` says how",
  "consent.given": "A user let a client do what it asked for",
  "consent.refused": "A user refused a client what it asked for",
  "consent.withdrawn": "A user withdrew what he had let a client do",
  "permission.granted": "A requesting party token was issued (UMA)",
  "permission.requested": "An owner is asked to approve access to his resources (UMA)",
  "permission.approved": "An owner approved access to a resource (UMA)",
  "permission.denied": "An owner refused access to a resource (UMA)",
  "permission.withdrawn": "An owner ended an access to his resource (UMA)",
  "permission.reopened":
    "An owner lifted a refusal or withdrawal, so that it may be asked again (UMA)",
  "key.created": "A key was made",
  "audit.checkpoint":
    "Rows of a chain were deleted after their time; the signed detail tells where it stood",
} as const;

/** Name of an audit event. */
export type AuditEvent = keyof typeof EVENTS;

/** Facts of one event; never a token, code, password or secret. */
export interface AuditFacts {
  readonly clientId?: string | undefined;
  readonly userId?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes the audit log. */
export interface Audit {
  /**
   * Writes one row. A database that refuses it raises a log line, never the request's answer; the
   * row is offered again by `flush`, since a chain with a hole looks like one that was tampered with.
   */
  record(event: AuditEvent, facts: AuditFacts): Promise<void>;
  /** Writes the first refusal of its kind at once, and how many more came once a minute. */
  refuse(facts: AuditFacts & { code: string }): Promise<void>;
  /** Writes what the database refused before, and the counts of repeated refusals that are due. */
  flush(): Promise<void>;
}

/** Kinds of refusals counted at a time; past it, counts are written early. */
const REFUSALS_COUNTED_MAX = 1_000;

/** Rows that wait for a database that refuses them; past it, rows are lost. */
const WAITING_MAX = 10_000;

/** Seconds into which repeated refusals are counted. */
const REFUSAL_WINDOW_SECONDS = 60;

/** What stands before the first row of a chain. */
export const CHAIN_START = "0".repeat(64);

/** Creates the writer of this process's own hash chain (decisions D9). */
export function createAudit(store: AuditLogStore, now: () => number, log: Log): Audit {
  const chain = newId();
  let sequence = 0;
  let previousHash = CHAIN_START;
  const waiting = new Set<AuditRow>();
  let counted = new Map<string, { facts: AuditFacts; since: number; count: number }>();

  async function write(event: AuditEvent, facts: AuditFacts, count = 1): Promise<void> {
    sequence += 1;
    const row = linked({
      id: `${chain}:${String(sequence).padStart(12, "0")}`,
      chain,
      sequence,
      at: now(),
      event,
      clientId: facts.clientId ?? null,
      userId: facts.userId ?? null,
      count,
      details: facts.details ?? {},
      previousHash,
    });
    previousHash = row.hash;
    await store.insertAuditRow(row).catch((error: unknown) => {
      const kept = waiting.size < WAITING_MAX;
      if (kept) waiting.add(row);
      log("error", kept ? "audit.delayed" : "audit.lost", {
        audit_event: event,
        kind: kindOf(error),
      });
    });
  }

  /** Stops at the first row that is refused again: a database that is away is away for all. */
  async function writeWaiting(): Promise<void> {
    try {
      for (const row of waiting) {
        await store.insertAuditRow(row);
        waiting.delete(row);
      }
    } catch (error) {
      log("error", "audit.delayed", { rows: waiting.size, kind: kindOf(error) });
    }
  }

  async function flush(): Promise<void> {
    await writeWaiting();
    const due = counted;
    counted = new Map();
    for (const { facts, count } of due.values()) {
      if (count > 0) await write("request.refused", facts, count);
    }
  }

  return {
    record: (event, facts) => write(event, facts),
    flush,
    async refuse({ code, ...facts }) {
      // A check is one of a few names, and so are reasons without one: no caller makes kinds without end.
      const kind = facts.details?.["check"] ?? facts.details?.["reason"];
      const key = JSON.stringify([code, facts.clientId, facts.userId, kind]);
      const seen = counted.get(key);
      if (seen && now() - seen.since < REFUSAL_WINDOW_SECONDS) {
        seen.count += 1;
        return;
      }
      if (counted.size >= REFUSALS_COUNTED_MAX) await flush();
      const withCode = { ...facts, details: { code, ...facts.details } };
      const repeats = seen?.count ?? 0;
      counted.set(key, { facts: withCode, since: now(), count: 0 });
      await write("request.refused", withCode, repeats + 1);
    },
  };
}

/** The row with its hash, which covers the row and the hash before it. */
function linked(row: Omit<AuditRow, "hash">): AuditRow {
  return { ...row, hash: hashOfRow(row) };
}

/** The hash that a row of a chain must have. */
export function hashOfRow(row: Omit<AuditRow, "hash">): string {
  const { id, at, event, clientId, userId, count, details, previousHash } = row;
  const text = JSON.stringify([id, at, event, clientId, userId, count, details, previousHash]);
  return createHash("sha256").update(text).digest("hex");
}
