import { LOCALES, type Locale, localeOfTag } from "../pages/texts/all.ts";
import type { Services } from "../services/services.ts";
import { readCookie } from "./cookies.ts";

/** Most languages that are read of one header or parameter. */
const TAGS_MAX = 32;

/**
 * The language of a page: what its reader chose on a page of ours, else the first of the client's
 * `ui_locales` that is spoken here (OpenID Connect Core §3.1.2.1), else what the browser prefers
 * (RFC 9110 §12.5.4), else English.
 */
export function chooseLocale(
  request: Request,
  uiLocales: readonly string[],
  services: Pick<Services, "issuer">,
): Locale {
  const remembered = readCookie(request, "locale", services);
  const tags = [
    chosenTag(request),
    remembered,
    ...uiLocales.slice(0, TAGS_MAX),
    ...acceptedTags(request.headers.get("accept-language") ?? ""),
  ];
  for (const tag of tags) {
    const locale = tag === undefined ? undefined : localeOfTag(tag);
    if (locale) return locale;
  }
  return LOCALES[0] ?? "en";
}

/** The language that a link on a page of ours asks for, to be remembered. */
export function chosenLocale(request: Request): Locale | undefined {
  const tag = chosenTag(request);
  return tag === undefined ? undefined : localeOfTag(tag);
}

function chosenTag(request: Request): string | undefined {
  return new URL(request.url).searchParams.get("locale") ?? undefined;
}

/** Tags of an `Accept-Language` header, the dearest first; a weight of 0 means never. */
function acceptedTags(header: string): readonly string[] {
  return header
    .split(",")
    .slice(0, TAGS_MAX)
    .map((part) => {
      const [tag = "", ...parameters] = part.split(";").map((piece) => piece.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}
