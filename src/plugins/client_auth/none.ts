import { defineClientAuth } from "../../plugin.ts";
import { ClientIdParameter } from "./client_id_parameter.ts";

/** A public client: it says who it is and proves nothing (RFC 6749 §2.1, RFC 7591 §2). */
export const none = defineClientAuth<null>({
  name: "none",
  source: "RFC 7591 §2",
  evidence: "ambient",
  params: ClientIdParameter,
  claim(_request, params) {
    const clientId = params.get("client_id");
    return clientId === undefined ? undefined : { clientId, credential: null };
  },
  async verify() {
    return {};
  },
});
