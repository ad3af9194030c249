/** The tables in Postgres's dialect, as drizzle-kit reads them. */
import { postgresKit } from "./kits.ts";
import { defineTables } from "./tables.ts";

/** All tables. */
export const tables = defineTables(postgresKit);

export const {
  clients,
  clientSecrets,
  clientOrigins,
  users,
  userIdentifiers,
  authorizations,
  codes,
  accessTokens,
  refreshTokens,
  revokedTokens,
  sessions,
  interactions,
  consents,
  confirmationCodes,
  keys,
  records,
  throttles,
  auditLog,
} = tables;
