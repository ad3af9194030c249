import { defineClientAuth, isProvenBy, t } from "../../plugin.ts";
import { CLIENT_ID_LENGTH_MAX, CLIENT_SECRET_LENGTH_MAX } from "../../protocol/client_metadata.ts";

/** The client's id and secret in the form body (RFC 6749 §2.3.1). */
export const clientSecretPost = defineClientAuth<string>({
  name: "client_secret_post",
  source: "RFC 6749 §2.3.1",
  evidence: "presented",
  params: t.Object({
    client_id: t.String({ maxLength: CLIENT_ID_LENGTH_MAX, description: "The client's id" }),
    client_secret: t.String({
      maxLength: CLIENT_SECRET_LENGTH_MAX,
      format: "password",
      description: "The client's secret",
    }),
  }),
  refusal: "client_secret_post_failed",
  claim(_request, params) {
    const credential = params.get("client_secret");
    return credential === undefined
      ? undefined
      : { clientId: params.get("client_id") ?? "", credential };
  },
  async verify(secret, client, services) {
    return isProvenBy(secret, client, services) && {};
  },
});
