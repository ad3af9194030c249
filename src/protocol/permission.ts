import { isScopeToken } from "./scope.ts";

/** Scopes on one resource: a line of a permission ticket, or what a token grants. */
export interface Permission {
  readonly resourceId: string;
  readonly scopes: readonly string[];
}

/** What a claim of the requesting party must be. */
export interface RequiredClaim {
  readonly type: string;
  readonly value: string;
}

/** One rule of a policy. All of its members must be satisfied (idserver.md A.8). */
export interface PolicyRule {
  /** Ids of the clients it is for; empty is any. */
  readonly clients: readonly string[];
  /** What it allows at most. */
  readonly scopes: readonly string[];
  readonly claims: readonly RequiredClaim[];
  /** Whether the owner must approve each requesting party. */
  readonly consentNeeded: boolean;
  /** The issuer whose claims count; absent, any that this server accepts. */
  readonly provider?: string;
}

/** Most lines of one ticket. */
export const PERMISSIONS_MAX = 50;

/** Most scopes of one resource, line or rule. */
export const RESOURCE_SCOPES_MAX = 50;

/** Longest name of a resource's scope, in characters: UMA 2.0 names scopes by URIs, too. */
export const RESOURCE_SCOPE_LENGTH_MAX = 255;

/** Most characters of a token's permissions as JSON, so that the token stays one that can be sent. */
export const PERMISSIONS_LENGTH_MAX = 4096;

/**
 * Whether the text may name a resource's scope: one scope-token (RFC 6749 §3.3), since clients ask
 * for it among others separated by spaces (UMA 2.0 Grant §3.3.1).
 */
export function isResourceScope(text: string): boolean {
  return text.length <= RESOURCE_SCOPE_LENGTH_MAX && isScopeToken(text);
}

/** Whether permissions are few and short enough for one token. */
export function fitsToken(permissions: readonly Permission[]): boolean {
  return JSON.stringify(permissions).length <= PERMISSIONS_LENGTH_MAX;
}

/** One line for each resource, with the scopes of all lines that name it, each once. */
export function mergePermissions(lines: readonly Permission[]): readonly Permission[] {
  const merged = new Map<string, Set<string>>();
  for (const { resourceId, scopes } of lines) {
    merged.set(resourceId, new Set([...(merged.get(resourceId) ?? []), ...scopes]));
  }
  return [...merged].map(([resourceId, scopes]) => ({ resourceId, scopes: [...scopes] }));
}

/** What both lists have, in the order of the first. */
export function intersect(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((scope) => others.includes(scope));
}

/** What only the first list has. */
export function subtract(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((scope) => !others.includes(scope));
}
