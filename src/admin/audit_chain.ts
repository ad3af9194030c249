import { jwtVerify } from "jose";
import { CHAIN_START, hashOfRow } from "../services/audit.ts";
import type { KeyRing } from "../services/key_ring.ts";
import type { AuditRow } from "../store/audit_log.ts";

/** What verifying one chain has shown. */
export interface ChainReport {
  readonly chain: string;
  readonly rows: number;
  /** Numbers of the oldest and the newest row that are there. */
  readonly first: number;
  readonly last: number;
  /** What breaks the chain; absent when it holds. */
  readonly fault?: string;
}

/** Where a chain stood when rows of it were deleted, as a verified signature says. */
export type Checkpoints = ReadonlySet<string>;

/**
 * Verifies one chain, given in order: every row has the hash of its content, and the hash before
 * it; numbers are without gap; and it begins at its start or where a checkpoint says.
 */
export function verifyChain(
  chain: string,
  rows: readonly AuditRow[],
  checkpoints: Checkpoints,
): ChainReport {
  const [first] = rows;
  const start = first?.sequence ?? 0;
  const report = { chain, rows: rows.length, first: start, last: rows.at(-1)?.sequence ?? 0 };
  const isStart = start === 1 && first?.previousHash === CHAIN_START;
  const link = { chain, sequence: start - 1, hash: first?.previousHash ?? "" };
  if (first && !isStart && !checkpoints.has(keyOf(link))) {
    return { ...report, fault: `no signed checkpoint stands before row ${start}` };
  }
  const broken = rows.find((row, index) => !follows(row, rows[index - 1]));
  return broken
    ? { ...report, fault: `row ${broken.sequence} was changed, or one before it is gone` }
    : report;
}

function follows(row: AuditRow, before: AuditRow | undefined): boolean {
  const isLinked =
    before === undefined ||
    (row.sequence === before.sequence + 1 && row.previousHash === before.hash);
  const id = `${row.chain}:${String(row.sequence).padStart(12, "0")}`;
  return isLinked && row.id === id && row.hash === hashOfRow(row);
}

/** The checkpoints among the rows whose signature is by one of our keys, whatever the key's age. */
export async function verifiedCheckpoints(
  rows: readonly AuditRow[],
  keys: KeyRing,
): Promise<Checkpoints> {
  const signatures = rows
    .filter(({ event }) => event === "audit.checkpoint")
    .map(({ details }) => details["signature"]);
  const links = await Promise.all(signatures.map((signature) => readCheckpoint(signature, keys)));
  return new Set(links.flatMap((link) => (link ? [keyOf(link)] : [])));
}

interface Link {
  readonly chain: unknown;
  readonly sequence: unknown;
  readonly hash: unknown;
}

async function readCheckpoint(signature: unknown, keys: KeyRing): Promise<Link | undefined> {
  if (typeof signature !== "string") return undefined;
  const keyOfHeader = async ({ kid = "", alg }: { kid?: string; alg?: string }) => {
    const found = await keys.findPublic(kid);
    if (!found || found.algorithm !== alg) throw new TypeError("The key is not ours");
    return found.key;
  };
  const verified = await jwtVerify(signature, keyOfHeader, { typ: "audit-checkpoint+jwt" }).catch(
    () => undefined,
  );
  if (!verified) return undefined;
  const { chain, sequence, hash } = verified.payload;
  return { chain, sequence, hash };
}

function keyOf({ chain, sequence, hash }: Link): string {
  return JSON.stringify([chain, sequence, hash]);
}
