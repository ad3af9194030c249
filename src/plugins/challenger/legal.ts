import { Elysia } from "elysia";
import { answering, OAuthError, type Services } from "../../plugin.ts";
import {
  knownLegalText,
  type LegalDocument,
  type LegalName,
  readLegalDocument,
  selectLegalText,
} from "./legal_texts.ts";
import { legalDocs } from "./page_docs.ts";

/** How long caches may keep a text without asking again, in seconds. */
const MAX_AGE_SECONDS = 300;

/** The operator's HTML runs nothing and loads nothing; its own style sheet may be inside it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups";

/** `GET /terms` and `GET /privacy`. Throws `TypeError` at start-up when the folder is no good. */
export function legalEndpoint(prefix: string, services: Services) {
  const answers = legalAnswers(services);
  const texts = (name: LegalName, request: Request) =>
    answering({ dialect: "challenger", clientId: undefined }, async () => answers(name, request));
  return new Elysia()
    .get(`${prefix}/terms`, ({ request }) => texts("terms", request), {
      detail: legalDocs("terms", services),
    })
    .get(`${prefix}/privacy`, ({ request }) => texts("privacy", request), {
      detail: legalDocs("privacy", services),
    });
}

/** Answers a request for a legal text. Throws `legal_text_absent` and `legal_type_unacceptable`. */
export type LegalAnswers = (name: LegalName, request: Request) => Response;

/** The operator's texts; undefined for one that he has not configured. */
export type LegalDocuments = Readonly<Record<LegalName, LegalDocument | undefined>>;

/** Read once for each configuration. */
const documentsOf = new WeakMap<Services["settings"], LegalDocuments>();

/** The texts of `LEGAL_FOLDER`, read once. Throws `TypeError` that names it when it is no good. */
export function legalDocuments({ settings }: Pick<Services, "settings">): LegalDocuments {
  const known = documentsOf.get(settings);
  if (known) return known;
  const { legalFolder, termsVersion, privacyVersion } = settings;
  const read = (name: LegalName, version: string | undefined) =>
    legalFolder === undefined ? undefined : readLegalDocument(legalFolder, name, version);
  const documents = {
    terms: read("terms", termsVersion),
    privacy: read("privacy", privacyVersion),
  };
  documentsOf.set(settings, documents);
  return documents;
}

/** Answers with the texts of `LEGAL_FOLDER`. Throws what {@linkcode legalDocuments} throws. */
export function legalAnswers(services: Pick<Services, "settings">): LegalAnswers {
  const documents = legalDocuments(services);
  return (name, { headers }) => {
    const document = documents[name];
    if (!document) throw new OAuthError("legal_text_absent");
    return answer(document, headers);
  };
}

/** GNU Taler's answer for legal texts (challenger.md B.2): 200, or 304 for one that is known. */
function answer(document: LegalDocument, asked: Headers): Response {
  const chosen = selectLegalText(document, asked);
  const known = knownLegalText(document, chosen, asked);
  const headers = {
    ETag: (known ?? chosen).etag,
    "Taler-Terms-Version": document.version,
    Vary: "Accept, Accept-Language",
    "Cache-Control": `public, max-age=${MAX_AGE_SECONDS}`,
    "Avail-Languages": document.languages.join(", "),
  };
  if (known) return new Response(null, { status: 304, headers });
  const { bytes, type, language } = chosen;
  return new Response(bytes, {
    headers: {
      ...headers,
      "Content-Type": type.startsWith("text/") ? `${type}; charset=utf-8` : type,
      "Content-Language": language,
      // Browsers show no PDF in a sandbox.
      ...(type !== "application/pdf" && { "Content-Security-Policy": POLICY }),
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
    },
  });
}
