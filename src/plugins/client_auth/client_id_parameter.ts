import { t } from "../../plugin.ts";
import { CLIENT_ID_LENGTH_MAX } from "../../protocol/client_metadata.ts";

/** The form of a client whose credential is not in the form: it only says who it is. */
export const ClientIdParameter = t.Object({
  client_id: t.String({ maxLength: CLIENT_ID_LENGTH_MAX, description: "The client's id" }),
});
