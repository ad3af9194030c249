import { describe, expect, test } from "bun:test";
import { rememberConsent } from "../../src/services/consents.ts";
import type { Store } from "../../src/store/store.ts";
import { openBrowser, type Page } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import type { TestClient } from "../support/server.ts";
import { signIn, signInTest } from "../support/sign_in.ts";

/** Tabs in which the user answers at once. */
const TABS = 16;

const SCOPES = Array.from({ length: TABS }, (_, index) => `scope${index}`);
const RESOURCES = SCOPES.map((name) => `https://${name}.example`);

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  redirect_uris: ["https://app.example/callback"],
  grant_types: ["authorization_code"],
  scope: SCOPES.join(" "),
  allowed_resources: RESOURCES,
};

const authorize = (scope: string, resource: string) =>
  `/authorize?${new URLSearchParams({
    client_id: "app",
    response_type: "code",
    redirect_uri: "https://app.example/callback",
    scope,
    resource,
  })}`;

describe.each(DATABASES)("consents given at once on %s", (database) => {
  test("in sixteen tabs, at two instances, are all remembered", async () => {
    const { one, two, alice } = await opened(database);
    const browser = one.openBrowser();
    await signIn(browser, "alice");
    const tabs: Page[] = [];
    for (const [index, scope] of SCOPES.entries()) {
      tabs.push(await browser.open(authorize(scope, RESOURCES[index] ?? "")));
    }
    const elsewhere = openBrowser(two);
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    const allow = (page: Page, index: number) =>
      (index % 2 === 0 ? browser : elsewhere).submit(page, {}, { button: "allow" });
    const answers = await Promise.all(tabs.map(allow));
    for (const { url } of answers) expect(url.searchParams.get("code")).toBeString();
    const consent = await one.services.store.findConsent(alice, "app");
    expect([...(consent?.scope ?? [])].sort()).toEqual([...SCOPES].sort());
    expect([...(consent?.resource ?? [])].sort()).toEqual([...RESOURCES].sort());
  });

  test("what is withdrawn while another answer is written does not come back with it", async () => {
    const { one, two, alice } = await opened(database);
    const parties = { userId: alice, clientId: "app" };
    await rememberConsent({ scope: ["scope0"], resource: [] }, parties, one.services);
    let interrupted = false;
    const store: Store = {
      ...one.services.store,
      async findConsent(userId, clientId) {
        const found = await one.services.store.findConsent(userId, clientId);
        if (!interrupted) await two.services.store.deleteConsent(userId, clientId);
        interrupted = true;
        return found;
      },
    };
    const services = { ...one.services, store };
    await rememberConsent({ scope: ["scope1"], resource: [] }, parties, services);
    expect((await one.services.store.findConsent(alice, "app"))?.scope).toEqual(["scope1"]);
  });

  test("nor when it is given again within the same second", async () => {
    const { one, two, alice } = await opened(database);
    const parties = { userId: alice, clientId: "app" };
    const give = (scope: string, services = two.services) =>
      rememberConsent({ scope: [scope], resource: [] }, parties, services);
    await give("scope0");
    let interrupted = false;
    const store: Store = {
      ...one.services.store,
      async findConsent(userId, clientId) {
        const found = await one.services.store.findConsent(userId, clientId);
        if (interrupted) return found;
        interrupted = true;
        await two.services.store.deleteConsent(userId, clientId);
        await give("scope2");
        return found;
      },
    };
    await give("scope1", { ...one.services, store });
    const { scope } = (await one.services.store.findConsent(alice, "app")) ?? {};
    expect(scope).toEqual(["scope2", "scope1"]);
  });
});

/** Two instances on one database, and alice who has allowed nothing yet. */
async function opened(database: DatabaseName) {
  const one = await signInTest({ database });
  const two = await signInTest({ url: one.url, secret: one.secret });
  await one.addClient(APP);
  const alice = await one.addPerson({ username: "alice" });
  return { one, two, alice };
}
