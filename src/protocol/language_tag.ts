/** Members of client metadata that people read, and that may so be given per language (RFC 7591 §2.2). */
const READABLE = ["client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri"] as const;

/** A member of client metadata that people read. */
export type ReadableMember = (typeof READABLE)[number];

/** The member that a name such as `client_name#de` gives a translation of; undefined for other names. */
export function translatedMember(name: string): ReadableMember | undefined {
  const [, base, tag = ""] = /^([a-z_]+)#(.{1,35})$/.exec(name) ?? [];
  return READABLE.find(
    (member) => member === base && /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(tag),
  );
}
