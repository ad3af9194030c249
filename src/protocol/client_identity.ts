import { type ClientMetadata, words } from "./client_metadata.ts";

/** What users judge a client by, and what its pages are linked as. */
const SHOWN = [
  "client_name",
  "client_uri",
  "logo_uri",
  "tos_uri",
  "policy_uri",
] as const satisfies readonly (keyof ClientMetadata)[];

/**
 * Whether a client that changed its registration is still what its users consented to: it is called
 * and linked as before, codes go to the same addresses, its users have the same subjects, and it may
 * ask for nothing new. The order of lists, and how it proves itself, are none of the users' business.
 */
export function isSameToUsers(before: ClientMetadata, after: ClientMetadata): boolean {
  const gains = (from: readonly string[] = [], to: readonly string[] = []) =>
    to.some((one) => !from.includes(one));
  const moved =
    gains(before.redirect_uris, after.redirect_uris) ||
    gains(after.redirect_uris, before.redirect_uris);
  return (
    SHOWN.every((name) => before[name] === after[name]) &&
    !moved &&
    (before.subject_type ?? "public") === (after.subject_type ?? "public") &&
    before.sector_identifier_uri === after.sector_identifier_uri &&
    !gains(words(before.scope), words(after.scope)) &&
    !gains(before.allowed_resources, after.allowed_resources)
  );
}
