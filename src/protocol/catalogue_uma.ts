import type { CatalogueEntry } from "./catalogue_entry.ts";

/** What every refused grant shares: `invalid_grant`, 401 in the challenger dialect. */
const GRANT = { error: "invalid_grant", status: 400, challengerStatus: 401 } as const;

/** How UMA 2.0 tells a client that it is not authorized, or not yet. */
const UMA2 = { status: 403, source: "UMA 2.0 Grant §3.3.6" } as const;

/** A member of a JSON body is refused. */
const MEMBER = {
  error: "invalid_request",
  status: 400,
  source: "UMA 2.0 Federated Authorization §3",
} as const;

const UNKNOWN_TICKET = {
  description: "the ticket doesn't exist",
  cause:
    "The ticket was never issued, has been used or replaced by a newer one, or is bound to another client.",
  cure: "Use the newest ticket, once; ask the resource server for another when none works.",
} as const;

const EXPIRED_TICKET = {
  description: "the ticket is expired",
  cause: "The ticket is older than its lifetime, 300 seconds unless configured.",
  cure: "Ask the resource server again, and come with the new ticket at once.",
} as const;

/** A resource of a request is not there, or none of the caller's business; both look alike. */
const UNKNOWN_RESOURCE = {
  status: 400,
  description: "resource set {0} doesn't exist",
  source: "UMA 2.0 Federated Authorization §4.3",
  cause: "The resource server has not registered this resource, or not for this owner.",
  cure: "Register the resource with the same access token, and send the id that it got.",
} as const;

/** Refusals of the protection API and of the grant `uma_ticket` (idserver.md A.8, decisions D7). */
export const UMA_MESSAGES = {
  uma_member_missing: {
    ...MEMBER,
    description: "the parameter {0} needs to be specified",
    taler: 25,
    cause: "The JSON body has no such member, or an empty one.",
    cure: "Send the member that the message and detail name.",
  },
  uma_url_malformed: {
    ...MEMBER,
    description: "the url {0} is not well formed",
    taler: 26,
    cause: "The member is not an absolute URI, or has a scheme that runs or reads something.",
    cure: "Send an absolute URI such as https://photos.example/album/1.",
  },
  uma_resource_unknown: {
    error: "not_found",
    status: 404,
    description: "resource cannot be found",
    source: "UMA 2.0 Federated Authorization §3.2",
    cause: "There is no such resource, or it is another resource server's or another owner's.",
    cure: "Use an id that this access token lists.",
  },
  uma_policy_unknown: {
    error: "not_found",
    status: 404,
    description: "policy cannot be found",
    source: "idserver.md A.8",
    cause: "There is no such policy, or it is another resource server's or another owner's.",
    cure: "Use an id that this access token lists.",
  },
  uma_resource_set_invalid: { error: "invalid_resource_set_id", ...UNKNOWN_RESOURCE },
  uma_resource_invalid: { error: "invalid_resource_id", ...UNKNOWN_RESOURCE },
  uma_scope_invalid: {
    error: "invalid_scope",
    status: 400,
    description: "one or more scopes are not valid",
    source: "UMA 2.0 Federated Authorization §4.3",
    cause: "A scope is not among those that the resource is registered with.",
    cure: "Ask for registered scopes, or register the resource with more.",
  },
  uma_policy_scope_invalid: {
    error: "invalid_scope",
    status: 400,
    description: "one or more scopes don't belong to a resource set",
    source: "idserver.md A.8",
    cause: "A rule names a scope that one of the policy's resources is not registered with.",
    cure: "Name scopes that all resources of the policy have, or write a policy for each.",
  },
  uma_script_refused: {
    ...MEMBER,
    description: "a rule must not have a script",
    parameter: "script",
    cause:
      "This server runs no scripts of policies, and a rule without its script would allow more than was meant.",
    cure: "Say what is meant by clients, scopes, claims and consent_needed.",
  },
  uma_provider_unknown: {
    ...MEMBER,
    description: "the provider of a rule is not accepted here",
    parameter: "provider",
    cause: "The rule asks for claims of an issuer that UMA_CLAIM_TOKEN_ISSUERS does not name.",
    cure: "Name this server or a configured issuer, or leave provider out.",
  },
  uma_consent_impossible: {
    ...MEMBER,
    description: "nobody could give the consent that a rule needs",
    parameter: "consent_needed",
    cause: "The resource belongs to the resource server itself, and no user is there to ask.",
    cure: "Register the resource for a user, or leave consent_needed out.",
  },
  uma_owner_refused: {
    error: "unauthorized_client",
    status: 403,
    description: "the client {0} may not register resources for this owner",
    parameter: "owner",
    source: "decisions.md D7",
    cause:
      "The owner is the user whose access token it is. By client_credentials only a client with uma_owner_delegation may name one.",
    cure: "Use an access token of the user, or register the client with uma_owner_delegation.",
  },
  uma_owner_unknown: {
    ...MEMBER,
    description: "the owner doesn't exist",
    parameter: "owner",
    cause: "No user has this subject at the client.",
    cure: "Send the sub of the user's ID token.",
  },
  uma_too_much: {
    ...MEMBER,
    description: "the ticket would hold more than a token can",
    source: "UMA 2.0 Federated Authorization §4.1",
    cause: "The permissions of one ticket have more than 4,096 characters as JSON.",
    cure: "Ask for fewer resources or scopes at a time.",
  },
  uma_precondition_failed: {
    error: "precondition_failed",
    status: 412,
    description: "the precondition of the request does not hold",
    source: "RFC 9110 §13.1",
    cause:
      "If-Match names another version than the present one, If-None-Match this one, or somebody changed it meanwhile.",
    cure: "Read it again, and repeat the change with its new ETag.",
  },
  ticket_unknown: {
    ...GRANT,
    ...UNKNOWN_TICKET,
    error: "invalid_ticket",
    source: "idserver.md A.8",
  },
  ticket_expired: {
    ...GRANT,
    ...EXPIRED_TICKET,
    error: "expired_ticket",
    source: "idserver.md A.8",
  },
  permission_ticket_unknown: { ...GRANT, ...UNKNOWN_TICKET, source: "UMA 2.0 Grant §3.3.6" },
  permission_ticket_expired: { ...GRANT, ...EXPIRED_TICKET, source: "UMA 2.0 Grant §3.3.6" },
  resources_gone: {
    ...GRANT,
    description: "some resources don't exist",
    source: "idserver.md A.8",
    cause: "A resource of the ticket was deleted since the resource server asked for the ticket.",
    cure: "Ask the resource server again.",
  },
  policy_unsatisfied: {
    ...GRANT,
    description: "the authorization policy is not satisfied",
    source: "idserver.md A.8",
    cause:
      "No policy lets this client have all that the ticket asks for: it may lack claims, the owner's consent, or the right. By uma_ticket the three look alike, and the ticket stays.",
    cure: "Send a claim token, ask the owner, or use the UMA 2.0 name of the grant, which tells them apart.",
  },
  rpt_incorrect: {
    ...GRANT,
    description: "the rpt is not one of this client's",
    parameter: "rpt",
    source: "UMA 2.0 Grant §3.3.1",
    cause:
      "The requesting party token to extend was never issued, or to another client, or it is bound to a key that this request does not show.",
    cure: "Send the client's own token, with the key that it is bound to, or none.",
  },
  need_info: {
    ...UMA2,
    error: "need_info",
    description: "the authorization server needs more about the requesting party",
    cause:
      "A policy looks at claims of the requesting party, and no claim token was sent, or not a good one. The answer has a new ticket.",
    cure: "Come again with the new ticket and a claim token as required_claims asks.",
  },
  request_submitted: {
    ...UMA2,
    error: "request_submitted",
    description: "the owner of the resource is asked to approve",
    cause:
      "The policy needs the owner's consent, and he has not answered. The answer has a new ticket.",
    cure: "Come again with the new ticket after interval seconds or more, within seven days.",
  },
  request_denied: {
    ...UMA2,
    error: "request_denied",
    description: "the client is not authorized to have these permissions",
    cause: "No policy lets this client and requesting party have all of it, or the owner refused.",
    cure: "Ask the owner of the resource; the ticket is spent.",
  },
} as const satisfies Record<string, CatalogueEntry>;
