import { t } from "../../plugin.ts";

/** The `scope` parameter, a list separated by spaces (RFC 6749 §3.3). */
export const ScopeParameter = t.String({
  maxLength: 4096,
  description: "Scopes, separated by spaces; absent, the client's default_scope",
  examples: ["api1 api2"],
});

/** The `scope` parameter of a grant that was given scopes before. */
export const NarrowerScopeParameter = t.String({
  maxLength: 4096,
  description: "Scopes for this access token, out of those granted before; absent, all of them",
  examples: ["api1"],
});

/** An opaque token or code as a parameter. */
export const OpaqueParameter = (description: string, example: string) =>
  t.String({ maxLength: 4096, description, examples: [example] });
