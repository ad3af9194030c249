import { defineClientAuth, t } from "../../plugin.ts";
import { CLIENT_ID_LENGTH_MAX } from "../../protocol/client_metadata.ts";

/** A public client: it says who it is and proves nothing (RFC 6749 §2.1, RFC 7591 §2). */
export const none = defineClientAuth<null>({
  name: "none",
  source: "RFC 7591 §2",
  evidence: "ambient",
  params: t.Object({
    client_id: t.String({ maxLength: CLIENT_ID_LENGTH_MAX, description: "The client's id" }),
  }),
  claim(_request, params) {
    const clientId = params.get("client_id");
    return clientId === undefined ? undefined : { clientId, credential: null };
  },
  async verify() {
    return {};
  },
});
