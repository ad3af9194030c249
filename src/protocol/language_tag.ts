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

/**
 * The text of a language out of texts by tag: that of the very tag, else of one that means the same
 * language in any region (RFC 4647 §3.4); undefined when there is none.
 */
export function localizedText(
  texts: Readonly<Record<string, string>>,
  language: string,
): string | undefined {
  const primary = (tag: string) => tag.toLowerCase().split(/[-_]/)[0];
  const entries = Object.entries(texts);
  const same = entries.find(([tag]) => tag.toLowerCase() === language.toLowerCase());
  return (same ?? entries.find(([tag]) => primary(tag) === primary(language)))?.[1];
}
