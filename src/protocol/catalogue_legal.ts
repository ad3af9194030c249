import type { CatalogueEntry } from "./catalogue_entry.ts";

/** Refusals of /terms and /privacy. */
export const LEGAL_MESSAGES = {
  legal_text_absent: {
    error: "server_error",
    status: 501,
    description: "the operator has not configured this text",
    source: "Challenger REST API, /terms and /privacy",
    cause: "LEGAL_FOLDER is not set, or has no file of this text.",
    cure: "An operator puts files such as terms.en.md into the folder and starts the server anew.",
  },
  legal_type_unacceptable: {
    error: "invalid_request",
    status: 406,
    description: "the text has no format that the request accepts",
    source: "RFC 9110 §15.5.7",
    cause: "The Accept header excludes every format in which the text lies in LEGAL_FOLDER.",
    cure: "Accept text/html, text/markdown, text/plain or application/pdf, or send no Accept header.",
  },
} as const satisfies Record<string, CatalogueEntry>;
