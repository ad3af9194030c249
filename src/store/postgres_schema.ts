/** The tables in Postgres's dialect, as drizzle-kit reads them. */
import { postgresKit } from "./kits.ts";
import { defineTables } from "./tables.ts";

/** All tables. */
export const tables = defineTables(postgresKit);

/** Each table by itself, since drizzle-kit looks for tables among the exports. */
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
  umaResources,
  umaPolicies,
  umaPolicyResources,
  umaTickets,
  umaRequests,
  umaPermissions,
  challenges,
  counters,
  keys,
  records,
  throttles,
  auditLog,
} = tables;
