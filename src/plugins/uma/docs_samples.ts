/** Id of a resource. */
export const ID = "019bc1a2-7c00-7000-8000-000000000000";
/** Id of a policy. */
export const POLICY_ID = "019bc1a2-7c01-7000-8000-000000000000";

const RESOURCE = {
  name: "Holiday",
  type: "https://photos.example/album",
  icon_uri: "https://photos.example/album.png",
};
/** A resource in both families of names. */
export const RESOURCES = {
  seed: { ...RESOURCE, uri: "https://photos.example/albums/7", scopes: ["view", "print"] },
  uma2: { ...RESOURCE, description: "The album of 2026", resource_scopes: ["view", "print"] },
};
const RULE = {
  clients: ["print-shop"],
  scopes: ["view"],
  claims: [{ type: "email", value: "bob@example.com" }],
  consent_needed: false,
};
/** A policy in both families of names. */
export const POLICIES = {
  seed: { resource_set_ids: [ID], rules: [RULE] },
  uma2: { resource_ids: [ID], rules: [RULE] },
};
/** What a ticket is asked for. */
export const PERMISSIONS = {
  seed: { resource_set_id: ID, scopes: ["view"] },
  uma2: { resource_id: ID, resource_scopes: ["view"] },
};
/** A ticket, answered. */
export const TICKETS = { seed: { ticket_id: "tst_CkhwVqcA" }, uma2: { ticket: "tst_CkhwVqcA" } };
