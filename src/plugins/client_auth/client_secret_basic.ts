import { type Claimed, defineClientAuth, isProvenBy, OAuthError, t } from "../../plugin.ts";
import { decodeFormValue } from "../../protocol/form.ts";

/** HTTP Basic with the client's id and secret, each form-encoded (RFC 6749 §2.3.1). */
export const clientSecretBasic = defineClientAuth<string>({
  name: "client_secret_basic",
  source: "RFC 6749 §2.3.1",
  evidence: "presented",
  params: t.Object({}),
  scheme: { type: "http", scheme: "basic" },
  refusal: "client_secret_basic_failed",
  errors: ["authorization_header_malformed"],
  claim(request) {
    const header = request.headers.get("authorization");
    const [, scheme = "", encoded = ""] = /^([A-Za-z]+)[ ]*(.*)$/.exec(header ?? "") ?? [];
    return scheme.toLowerCase() === "basic" ? parseBasic(encoded.trim()) : undefined;
  },
  async verify(secret, client, services) {
    return isProvenBy(secret, client, services) && {};
  },
});

/** Splits at the first colon, then form-decodes both halves. Throws `authorization_header_malformed`. */
function parseBasic(encoded: string): Claimed<string> {
  const text = decodeBase64(encoded) ?? "";
  const colon = text.indexOf(":");
  const clientId = decodeFormValue(text.slice(0, Math.max(colon, 0)));
  const credential = decodeFormValue(text.slice(colon + 1));
  if (colon < 1 || clientId === undefined || credential === undefined || /\0/.test(clientId)) {
    throw new OAuthError("authorization_header_malformed");
  }
  return { clientId, credential };
}

function decodeBase64(encoded: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    return undefined;
  }
}
