import { clientNameOf, pathTo, type Visit } from "../http/visit.ts";
import type { ApplicationName } from "../pages/resource_words.ts";
import {
  type AccessRow,
  isDeed,
  type Listed,
  type RefusalRow,
  type RequestRow,
  type ResourceRow,
  type ResourcesView,
} from "../pages/resources.ts";
import type { Services } from "../services/services.ts";
import type { LiveSession } from "../services/sessions.ts";
import { accessIdOf, versionOf } from "../services/uma_answers.ts";
import { splitPair } from "../store/pair_key.ts";
import type { RequestOfResource, ResourceAccess } from "../store/uma_requests.ts";
import type { Page, UmaResource } from "../store/uma_resources.ts";

/** Where the page is, below the issuer. */
export const RESOURCES_PATH = "/account/resources";

/** Rows of a list that are shown at once. */
const ROWS_MAX = 20;

/** The lists, and the parameters of the URL that say where each begins. */
const STARTS = {
  requests: "requests_from",
  access: "access_from",
  refusals: "refusals_from",
  resources: "resources_from",
} as const;

/** All that the page shows to the user who is signed in. */
export async function resourcesView(visit: Visit, { user }: LiveSession): Promise<ResourcesView> {
  const { request, services } = visit;
  const { store } = services;
  const now = services.now();
  const query = new URL(request.url).searchParams;
  const done = query.get("done") ?? "";
  const list = <T, Row>(name: ListName, read: Reader<T>, rowOf: (item: T) => Promise<Row>) =>
    listed(read, rowOf, { name, query, visit });
  const access = await store.listUmaAccess(user.id, now);
  const [requests, accesses, refusals, resources] = await Promise.all([
    list(
      "requests",
      (page) => store.listUmaRequests(user.id, "pending", { ...page, now }),
      (row) => requestRow(row, services),
    ),
    list(
      "access",
      async ({ start, count }) => access.slice(start, start + count),
      (row) => accessRow(row, services),
    ),
    list(
      "refusals",
      (page) => store.listUmaRefusals(user.id, page),
      (row) => refusalRow(row, services),
    ),
    list(
      "resources",
      (page) => store.listUmaResourcesOfOwner(user.id, page),
      (row) => resourceRow(row, services),
    ),
  ]);
  return {
    target: pathTo(RESOURCES_PATH, visit),
    accountHref: pathTo("/account", visit),
    now,
    name: user.username,
    requests,
    access: accesses,
    refusals,
    resources,
    done: isDeed(done) ? done : undefined,
  };
}

type ListName = keyof typeof STARTS;

/** Reads a part of a list. */
type Reader<T> = (page: Page) => Promise<readonly T[]>;

interface ListPlace {
  readonly name: ListName;
  readonly query: URLSearchParams;
  readonly visit: Visit;
}

/** The part of a list that the URL asks for; a part behind the end is the beginning. */
async function listed<T, Row>(
  read: Reader<T>,
  rowOf: (item: T) => Promise<Row>,
  place: ListPlace,
): Promise<Listed<Row>> {
  const start = startIn(place);
  const found = await read({ start, count: ROWS_MAX + 1 });
  if (found.length === 0 && start > 0) {
    const query = new URLSearchParams(place.query);
    query.delete(STARTS[place.name]);
    return listed(read, rowOf, { ...place, query });
  }
  return {
    rows: await Promise.all(found.slice(0, ROWS_MAX).map(rowOf)),
    moreHref: found.length > ROWS_MAX ? hrefFrom(start + ROWS_MAX, place) : undefined,
    startHref: start > 0 ? hrefFrom(0, place) : undefined,
  };
}

/** Where a list begins: a number of at most five digits. */
function startIn({ name, query }: ListPlace): number {
  const text = query.get(STARTS[name]) ?? "";
  return /^\d{1,5}$/.test(text) ? Number(text) : 0;
}

/** This page with one list from another row on, and the others where they are. */
function hrefFrom(start: number, { name, query, visit }: ListPlace): string {
  const kept = Object.values(STARTS).flatMap((key) => {
    const value = key === STARTS[name] ? String(start) : query.get(key);
    return value === null || value === "0" ? [] : [[key, value] as const];
  });
  return pathTo(RESOURCES_PATH, visit, Object.fromEntries(kept));
}

async function requestRow(
  { request, resource }: RequestOfResource,
  services: Services,
): Promise<RequestRow> {
  const client = await services.store.findClient(request.clientId);
  return {
    ...(await accessOf({ ...request, resource }, services)),
    requestId: request.id,
    version: client ? versionOf(resource, client) : "",
    askedAt: request.createdAt,
    lapsesAt: request.expiresAt,
  };
}

async function accessRow(access: ResourceAccess, services: Services): Promise<AccessRow> {
  return {
    ...(await accessOf(access, services)),
    accessId: accessIdOf(access),
    since: access.grantedAt,
    by: access.approved ? "owner" : access.himself ? "himself" : "rule",
    keeper: await applicationOf(access.resource.resourceServerId, services),
  };
}

async function refusalRow(
  { request, resource }: RequestOfResource,
  services: Services,
): Promise<RefusalRow> {
  return {
    ...(await accessOf({ ...request, resource }, services)),
    refusalId: request.id,
    withdrawn: request.state === "withdrawn",
    at: request.decidedAt ?? request.createdAt,
  };
}

async function resourceRow(resource: UmaResource, services: Services): Promise<ResourceRow> {
  const { name, description, scopes, type, resourceServerId, createdAt } = resource;
  return {
    name,
    description: description ?? undefined,
    scopes,
    kind: type ?? undefined,
    keeper: await applicationOf(resourceServerId, services),
    registeredAt: createdAt,
  };
}

/** Who, through which application, and what. */
async function accessOf(
  asked: Pick<ResourceAccess, "resource" | "clientId" | "party" | "partyName" | "scopes">,
  services: Services,
) {
  const { resource, clientId, party, partyName, scopes } = asked;
  return {
    application: await applicationOf(clientId, services),
    person: party === "" ? undefined : { name: partyName, voucher: hostOf(party) },
    resource: { name: resource.name, scopes },
  };
}

async function applicationOf(clientId: string, { store }: Services): Promise<ApplicationName> {
  const client = await store.findClient(clientId);
  return {
    name: client ? clientNameOf(client) : clientId,
    unchecked: client?.origin === "dynamic",
  };
}

/** The host of the issuer who vouches for a party, or its whole name where that is no URL. */
function hostOf(party: string): string {
  const [issuer] = splitPair(party);
  return URL.canParse(issuer) ? new URL(issuer).host : issuer;
}
