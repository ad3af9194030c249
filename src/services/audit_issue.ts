import type { Client } from "../store/clients.ts";
import type { Issuance } from "./issuance.ts";
import type { Services } from "./services.ts";

/**
 * Tells of one token response. An issue that writes rows anyway gets an audit row; one that writes
 * nothing raises a counter and a log line, so that it stays free of the database (decisions D9).
 */
export async function auditIssue(
  { audit, metrics, log }: Services,
  issue: { client: Client; grantType: string; issuance: Issuance },
): Promise<void> {
  const { client, grantType, issuance } = issue;
  metrics.count("tokens_issued", grantType);
  const facts = {
    clientId: client.id,
    userId: issuance.userId,
    details: { grant_type: grantType, scope: issuance.scope.join(" ") },
  };
  if (issuance.authorization === "new") await audit.record("authorization.created", facts);
  else if (client.accessTokenFormat === "opaque") await audit.record("token.issued", facts);
  else log("info", "token.issued", { client_id: client.id, grant_type: grantType });
}
