import type { ErrorCode } from "../../protocol/catalogue.ts";

/** What every operation of the protection API may be refused for. */
export const BEARER_ERRORS: readonly ErrorCode[] = [
  "bearer_missing",
  "bearer_several",
  "bearer_incorrect",
  "bearer_scope_insufficient",
  "parameter_in_url",
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
];

/** What a JSON body may be refused for. */
export const BODY_ERRORS: readonly ErrorCode[] = [
  "body_unreadable",
  "body_too_large",
  "body_malformed",
  "too_many_parameters",
  "parameter_repeated",
  "json_malformed",
  "parameter_malformed",
  "uma_member_missing",
];

/** What the rules of a policy may be refused for. */
export const RULE_ERRORS: readonly ErrorCode[] = [
  "uma_resource_set_invalid",
  "uma_policy_scope_invalid",
  "uma_script_refused",
  "uma_provider_unknown",
  "uma_consent_impossible",
];

/** What a new description of a resource may be refused for. */
export const OWNER_ERRORS: readonly ErrorCode[] = [
  "uma_url_malformed",
  "uma_owner_refused",
  "uma_owner_unknown",
];
