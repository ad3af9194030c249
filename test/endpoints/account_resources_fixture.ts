/** Owners with resources, requests and accesses, and the page on which they answer. */
import { newId } from "../../src/services/ids.ts";
import { requestIdOf } from "../../src/services/uma_owner.ts";
import { pairKey } from "../../src/store/pair_key.ts";
import type { UmaRequest } from "../../src/store/uma_requests.ts";
import type { UmaResource } from "../../src/store/uma_resources.ts";
import { anAuthorization } from "../store/fixtures.ts";
import { aPermission, aRequest, aResource, aTicket } from "../store/uma_fixtures.ts";
import type { Browser, Page } from "../support/browser.ts";
import type { TestServerOptions } from "../support/server.ts";
import { type SignInTest, signIn, signInTest } from "../support/sign_in.ts";

/** Where the page is. */
export const PAGE = "/account/resources";

/** Bob, as his issuer knows him. */
export const BOB = { party: pairKey("https://id.friends.example", "bob"), partyName: "bob" };

/** What a test begins with. */
export interface Owned {
  readonly server: SignInTest;
  readonly alice: string;
  /** Alice's browser, signed in. */
  readonly browser: Browser;
  readonly resource: UmaResource;
}

/** A server with the resource server `album` and the client `print`. */
export async function ownersServer(options: TestServerOptions = {}): Promise<SignInTest> {
  const server = await signInTest(options);
  await server.addClient({ client_id: "album", client_secret: "s", client_name: "Album" });
  await server.addClient({ client_id: "print", client_secret: "s", client_name: "Print Shop" });
  return server;
}

/** Somebody who has nothing yet, under a name of her own where the server is shared. */
export async function somebody(server: SignInTest, username: string) {
  const id = await server.addPerson({ username });
  const browser = server.openBrowser();
  const account = await signIn(browser, username);
  return { id, browser, account };
}

/** Alice and one resource of hers, on a server of her own or one that others share. */
export async function owned(shared?: SignInTest): Promise<Owned> {
  const server = shared ?? (await ownersServer());
  const name = shared ? `alice ${crypto.randomUUID()}` : "alice";
  const { id: alice, browser } = await somebody(server, name);
  const resource = await addResource(server, alice, { name: "Holiday photos" });
  return { server, alice, browser, resource };
}

/** Registers a resource of a user, or of the resource server itself. */
export async function addResource(
  { services }: SignInTest,
  userId: string | null,
  changes: Partial<UmaResource> = {},
): Promise<UmaResource> {
  const at = services.now();
  const times = { createdAt: at, updatedAt: at };
  const resource = aResource({
    id: newId(),
    resourceServerId: "album",
    userId,
    scopes: ["view", "print"],
    ...times,
    ...changes,
  });
  await services.store.insertUmaResource(resource);
  return resource;
}

/** Lets a client ask the owner, as the grant does. */
export async function addRequest(
  { services }: SignInTest,
  resource: UmaResource,
  changes: Partial<UmaRequest> = {},
): Promise<UmaRequest> {
  const at = services.now();
  const asked = { resourceId: resource.id, clientId: "print", ...BOB, scopes: ["view"] };
  const request = aRequest(resource.id, {
    ...asked,
    id: requestIdOf({ ...asked, ...changes }),
    userId: resource.userId ?? "",
    createdAt: at,
    expiresAt: at + 600_000,
    ...changes,
  });
  const ticket = { ...aTicket(resource.id), key: newId(), clientId: "print" };
  await services.store.insertUmaTicket(ticket);
  await services.store.keepUmaTicket(ticket, [request]);
  return request;
}

/** Gives a client access by a policy, as the grant does; returns the authorization's id. */
export async function addAccess(
  { services }: SignInTest,
  resource: UmaResource,
  changes: Partial<Parameters<typeof aPermission>[0]> = {},
): Promise<string> {
  const at = services.now();
  const authorizationId = newId();
  const ticket = { ...aTicket(resource.id), key: newId() };
  await services.store.insertUmaTicket(ticket);
  await services.store.grantUmaTicket({
    ticketKey: ticket.key,
    authorization: anAuthorization({ id: authorizationId, clientId: "print" }),
    permissions: [
      aPermission({
        resourceId: resource.id,
        policyId: "policy",
        authorizationId,
        clientId: "print",
        ...BOB,
        scopes: ["view"],
        createdAt: at,
        expiresAt: at + 900,
        ...changes,
      }),
    ],
    resources: [],
    carried: [],
  });
  return authorizationId;
}

/** Presses a button of the page, as it was opened. */
export function press(browser: Browser, page: Page, button: string): Promise<Page> {
  const form = page.forms.findIndex(({ buttons }) => buttons.some(({ value }) => value === button));
  return browser.submit(page, {}, { form, button });
}

/** The sentence that the page says of what was done; undefined when it says nothing. */
export function noticeOf({ text }: Page): string | undefined {
  return /role="status">([^<]*)</.exec(text)?.[1];
}

/** What the audit log has of an owner's answers, the latest first. */
export async function answersOf(
  { services }: SignInTest,
  userId: string,
): Promise<readonly string[]> {
  const rows = await services.store.listAuditRows(1_000);
  return rows
    .filter((row) => row.userId === userId && row.event.startsWith("permission."))
    .map(({ event }) => event);
}
