import { expect } from "bun:test";
/** What UMA must say, typed from idserver.md A.8, decisions D7 and UMA 2.0, not from the code. */
import type { ExpectedRefusal } from "./catalogue_table.ts";

const body = (text: string, detail: string, code?: number): ExpectedRefusal => ({
  error: "invalid_request",
  text,
  detail,
  ...(code !== undefined && { code }),
});

const grant = (error: string, text: string, detail?: string): ExpectedRefusal => ({
  error,
  text,
  challenger: 401,
  ...(detail !== undefined && { detail }),
});

const forbidden = (
  error: string,
  text: string,
  members: readonly string[] = [],
): ExpectedRefusal => ({
  error,
  text,
  status: 403,
  members: Object.fromEntries(members.map((member) => [member, expect.anything()])),
});

const notFound = (text: string): ExpectedRefusal => ({ error: "not_found", text, status: 404 });

const NO_SUCH = "resource set nowhere doesn't exist";

/** Every refusal of the protection API and of the grant. */
export const UMA_REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  uma_member_missing: body("the parameter scopes needs to be specified", "scopes", 25),
  uma_url_malformed: body("the url icon_uri is not well formed", "icon_uri", 26),
  uma_resource_unknown: notFound("resource cannot be found"),
  uma_policy_unknown: notFound("policy cannot be found"),
  uma_resource_set_invalid: { error: "invalid_resource_set_id", text: NO_SUCH },
  uma_resource_invalid: { error: "invalid_resource_id", text: NO_SUCH },
  uma_scope_invalid: { error: "invalid_scope", text: "one or more scopes are not valid" },
  uma_policy_scope_invalid: {
    error: "invalid_scope",
    text: "one or more scopes don't belong to a resource set",
  },
  uma_script_refused: body("a rule must not have a script", "script"),
  uma_provider_unknown: body("the provider of a rule is not accepted here", "provider"),
  uma_consent_impossible: body("nobody could give the consent that a rule needs", "consent_needed"),
  uma_owner_refused: {
    ...forbidden(
      "unauthorized_client",
      "the client {client} may not register resources for this owner",
    ),
    detail: "owner",
  },
  uma_owner_unknown: body("the owner doesn't exist", "owner"),
  uma_too_much: { error: "invalid_request", text: "the ticket would hold more than a token can" },
  uma_precondition_failed: {
    error: "precondition_failed",
    text: "the precondition of the request does not hold",
    status: 412,
  },
  ticket_unknown: grant("invalid_ticket", "the ticket doesn't exist"),
  ticket_expired: grant("expired_ticket", "the ticket is expired"),
  permission_ticket_unknown: grant("invalid_grant", "the ticket doesn't exist"),
  permission_ticket_expired: grant("invalid_grant", "the ticket is expired"),
  resources_gone: grant("invalid_grant", "some resources don't exist"),
  policy_unsatisfied: grant("invalid_grant", "the authorization policy is not satisfied"),
  rpt_incorrect: grant("invalid_grant", "the rpt is not one of this client's", "rpt"),
  need_info: forbidden(
    "need_info",
    "the authorization server needs more about the requesting party",
    ["ticket", "required_claims"],
  ),
  request_submitted: forbidden(
    "request_submitted",
    "the owner of the resource is asked to approve",
    ["ticket", "interval"],
  ),
  request_denied: forbidden(
    "request_denied",
    "the client is not authorized to have these permissions",
  ),
};
