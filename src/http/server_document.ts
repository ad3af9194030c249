import { type TSchema, t } from "elysia";
import { LOCALES } from "../pages/texts/all.ts";
import { serverMetadata } from "../protocol/server_metadata.ts";
import type { Context } from "./context.ts";

/** The metadata of this server, read off what is registered (RFC 8414 §2). */
export function serverDocument({ registry, services }: Context) {
  return serverMetadata({
    issuer: services.issuer,
    grantTypes: [...registry.grants.keys()],
    authMethods: [...registry.clientAuth.keys()],
    authAlgorithms: [
      ...new Set([...registry.clientAuth.values()].flatMap(({ algorithms = [] }) => algorithms)),
    ],
    registration: services.settings.registration !== "off",
    uiLocales: LOCALES,
    mtlsUrl: services.settings.mtlsUrl,
  });
}

/** The schema of a metadata document, read off its members, so that the two cannot drift. */
export function documentSchema(metadata: Readonly<Record<string, unknown>>, description: string) {
  const members = Object.entries(metadata).map(([name, value]) => [name, memberSchema(value)]);
  return t.Object(Object.fromEntries(members), { description });
}

function memberSchema(value: unknown): TSchema {
  if (typeof value === "boolean") return t.Boolean();
  if (Array.isArray(value)) return t.Array(t.String());
  if (typeof value !== "object" || value === null) return t.String({ format: "uri" });
  const members = Object.entries(value).map(([name, member]) => [name, memberSchema(member)]);
  return t.Object(Object.fromEntries(members));
}
