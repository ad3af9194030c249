import { t } from "../../plugin.ts";

/** The `scope` parameter, a list separated by spaces (RFC 6749 §3.3). */
export const ScopeParameter = t.String({
  maxLength: 4096,
  description: "Scopes, separated by spaces; absent, the client's default_scope",
  examples: ["api1 api2"],
});

/** An opaque token or code as a parameter. */
export const OpaqueParameter = (description: string) => t.String({ maxLength: 4096, description });
