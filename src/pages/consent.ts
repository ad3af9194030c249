import { form, hidden } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, phraseHtml, plain } from "./page.ts";
import type { Texts } from "./texts/all.ts";

/** What the consent page shows. */
export interface ConsentView {
  readonly target: string;
  readonly client: ConsentClient;
  /** Name of the user who is asked. */
  readonly user: string;
  /** The session in which the user saw the page, so that nobody else answers it. */
  readonly sessionId: string;
  /** Scopes that the user has not agreed to yet, then those that he has. */
  readonly wishes: readonly string[];
  readonly known: readonly string[];
  /** Resources that the access is for (RFC 8707). */
  readonly resources: readonly string[];
  readonly redirectUri: string;
}

/** What is told about the application. */
export interface ConsentClient {
  readonly name: string;
  /** Which registration of the client the page shows, so that no other is answered. */
  readonly version: string;
  /** Nobody here has checked who runs it. */
  readonly unchecked: boolean;
  readonly termsUri: string | undefined;
  readonly policyUri: string | undefined;
}

/** The page that asks the user whether an application may do what it wants. */
export function consentPage(frame: Frame, view: ConsentView): Html {
  const { texts, root } = frame;
  const { client, user } = view;
  const accountLink = `<a href="${escapeHtml(root)}/account">${escapeHtml(texts.accountTitle)}</a>`;
  const body = [
    client.unchecked ? `<p class="notice bad">${escapeHtml(texts.consentUnchecked)}</p>` : "",
    scopeGroup(texts.consentWishes, view.wishes, { texts, id: "wishes" }),
    scopeGroup(texts.consentKnown, view.known, { texts, id: "known", quiet: true }),
    facts(view, texts),
    form(
      view.target,
      `${hidden("session", view.sessionId)}
${hidden("client", client.version)}
${hidden("scope", [...view.wishes, ...view.known].join(" "))}
<div class="choices pair">
<button class="main" name="action" value="allow">${escapeHtml(texts.consentAllow)}</button>
<button name="action" value="refuse">${escapeHtml(texts.consentRefuse)}</button>
</div>`,
    ),
    policyLinks(client, texts),
    `<p class="fine">${phraseHtml(texts.consentRemembered, accountLink)}</p>`,
  ];
  return page(frame, {
    title: texts.consentTitle,
    aside: phrase("{0}", client.name),
    lead: phrase(texts.consentLead, client.name, user),
    body: body.filter((part) => part !== "").join("\n"),
  });
}

/** What a scope lets an application do, in words; one that we do not know is named. */
export function scopeInWords(scope: string, texts: Texts): string {
  const known: Readonly<Record<string, string>> = {
    openid: texts.scopeOpenid,
    profile: texts.scopeProfile,
    email: texts.scopeEmail,
    phone: texts.scopePhone,
    address: texts.scopeAddress,
    offline_access: texts.scopeOfflineAccess,
    uma_protection: texts.scopeUmaProtection,
  };
  return Object.hasOwn(known, scope) ? (known[scope] ?? scope) : plain(texts.scopeOther, scope);
}

function scopeGroup(
  heading: string,
  scopes: readonly string[],
  { texts, id, quiet }: { texts: Texts; id: string; quiet?: boolean },
): Html {
  if (scopes.length === 0) return "";
  const items = scopes.map((scope) => `<li>${escapeHtml(scopeInWords(scope, texts))}</li>`);
  return `<section class="group" aria-labelledby="${id}">
<h2 id="${id}">${escapeHtml(heading)}</h2>
<ul class="wishes${quiet ? " known" : ""}">
${items.join("\n")}
</ul>
</section>`;
}

function facts({ resources, redirectUri }: ConsentView, texts: Texts): Html {
  const where = resources.map((uri) => `<dd>${escapeHtml(uri)}</dd>`).join("");
  return `<dl class="facts">
${where === "" ? "" : `<div><dt>${escapeHtml(texts.consentResources)}</dt>${where}</div>`}
<div><dt>${escapeHtml(texts.consentReturn)}</dt><dd>${escapeHtml(placeOf(redirectUri, texts))}</dd></div>
</dl>`;
}

/** Where terms of service and a privacy policy can be read; either may be absent. */
export interface Policies {
  readonly termsUri?: string | undefined;
  readonly policyUri?: string | undefined;
}

/** A line with what there is of them; empty where there is neither. */
export function policyLinks({ termsUri, policyUri }: Policies, texts: Texts): Html {
  const link = (uri: string | undefined, label: string) =>
    uri === undefined
      ? []
      : [`<a href="${escapeHtml(uri)}" rel="noopener noreferrer">${escapeHtml(label)}</a>`];
  const links = [...link(termsUri, texts.termsOfService), ...link(policyUri, texts.privacyPolicy)];
  return links.length === 0 ? "" : `<p class="more fine">${links.join("\n")}</p>`;
}

/** Where a redirect URI leads, as far as its reader can judge it: a host, or an app of the device. */
export function placeOf(redirectUri: string, texts: Texts): string {
  const { protocol, host, hostname } = new URL(redirectUri);
  const isWeb = protocol === "https:" || protocol === "http:";
  if (!isWeb) return `${texts.consentReturnApp} (${protocol.slice(0, -1)})`;
  return ["127.0.0.1", "[::1]", "localhost"].includes(hostname)
    ? `${texts.consentReturnApp} (${host})`
    : host;
}
