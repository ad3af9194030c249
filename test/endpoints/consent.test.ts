import { describe, expect, test } from "bun:test";
import { reregister } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import type { TestClient } from "../support/server.ts";
import { type SignInTest, signIn, signInTest } from "../support/sign_in.ts";

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  client_name: "The <App>",
  redirect_uris: ["https://app.example/callback", "com.example.app:/cb"],
  grant_types: ["authorization_code", "refresh_token"],
  scope: "openid email profile offline_access photos:read",
  allowed_resources: ["https://api.example/v1"],
  tos_uri: "https://app.example/terms",
  policy_uri: "javascript:alert(1)",
  logo_uri: "https://app.example/logo.png",
};

function authorize(asked: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: "app",
    response_type: "code",
    scope: "openid email",
    redirect_uri: "https://app.example/callback",
    ...asked,
  });
  return `/authorize?${query}`;
}

describe.each(DATABASES)("consent on %s", (database) => {
  async function opened(): Promise<{ server: SignInTest; browser: Browser; alice: string }> {
    const server = await signInTest({ database });
    await server.addClient(APP);
    const alice = await server.addPerson({ username: "alice" });
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    return { server, browser, alice };
  }

  test("says who asks for what, where the browser goes, and who is asked", async () => {
    const { browser } = await opened();
    const scope = "openid email photos:read";
    const { text } = await browser.open(authorize({ scope, resource: "https://api.example/v1" }));
    expect(text).toContain("<strong><bdi>The &lt;App&gt;</bdi></strong> asks for access");
    expect(text).toContain("<bdi>alice</bdi>");
    for (const words of ["know that it is you", "see your e-mail address", "use “photos:read”"]) {
      expect(text).toContain(`<li>${words}</li>`);
    }
    expect(text).toContain("<dd>app.example</dd>");
    expect(text).toContain("<dd>https://api.example/v1</dd>");
    expect(text).toContain('href="https://app.example/terms"');
    expect(text).not.toContain("javascript:");
    expect(text).not.toContain("logo.png");
  });

  test("names an application on the device by its scheme", async () => {
    const { browser } = await opened();
    const { text } = await browser.open(authorize({ redirect_uri: "com.example.app:/cb" }));
    expect(text).toContain("an application on this device (com.example.app)");
  });

  test("warns of an application that registered itself, and only of that", async () => {
    const { server, browser } = await opened();
    expect((await browser.open(authorize())).text).not.toContain("registered itself");
    const { createdAt, id, metadata } = (await server.services.store.findClient("app")) ?? {};
    if (!id || !metadata || createdAt === undefined) throw new Error("no client");
    const row = {
      id: "dyn",
      metadata,
      origin: "dynamic",
      createdAt,
      updatedAt: createdAt,
    } as const;
    await server.services.store.writeParties({
      clients: [{ row: { ...row, notBefore: createdAt - 1 }, secrets: undefined }],
      users: [],
    });
    expect((await browser.open(authorize({ client_id: "dyn" }))).text).toContain(
      "registered itself",
    );
  });

  test("is remembered for the client and its scopes; more is asked for as more", async () => {
    const { server, browser, alice } = await opened();
    const first = await browser.submit(await browser.open(authorize()), {}, { button: "allow" });
    expect(first.url.searchParams.get("code")).toBeString();
    expect((await browser.open(authorize())).url.searchParams.get("code")).toBeString();
    expect((await browser.open(authorize({ scope: "email" }))).url.searchParams.has("code")).toBe(
      true,
    );
    const more = await browser.open(authorize({ scope: "openid profile" }));
    const [wishes = "", known = ""] = more.text.split('id="known"');
    expect(wishes).toContain("see your name and profile");
    expect(wishes).not.toContain("know that it is you");
    expect(known).toContain("know that it is you");
    await browser.submit(more, {}, { button: "allow" });
    const consent = await server.services.store.findConsent(alice, "app");
    expect(consent?.scope).toEqual(["openid", "email", "profile"]);
  });

  test("an answer counts only for what the page named, though the client registered for more", async () => {
    const { server, browser, alice } = await opened();
    await server.addClient({ ...APP, client_id: "late", scope: "openid" });
    const claims = JSON.stringify({ userinfo: { email: null } });
    const asked = authorize({ client_id: "late", scope: "openid", claims });
    const page = await browser.open(asked);
    expect(page.text).not.toContain("see your e-mail address");
    await reregister(server, "late", "openid email");
    const again = await browser.submit(page, {}, { button: "allow" });
    expect(again.url.pathname).toBe("/consent");
    expect(again.text).toContain("see your e-mail address");
    const consent = await server.services.store.findConsent(alice, "late");
    expect(consent?.scope).toEqual(["openid"]);
    const done = await browser.submit(again, {}, { button: "allow" });
    expect(done.url.searchParams.get("code")).toBeString();
  });

  test("is each client's own, and each user's", async () => {
    const { server, browser } = await opened();
    await server.addClient({ ...APP, client_id: "other" });
    await server.addPerson({ username: "bob" });
    await browser.submit(await browser.open(authorize()), {}, { button: "allow" });
    expect((await browser.open(authorize({ client_id: "other" }))).url.pathname).toBe("/consent");
    await signIn(browser, "bob", { page: await browser.open("/login?account=other") });
    expect((await browser.open(authorize())).url.pathname).toBe("/consent");
  });

  test("refused, the client hears access_denied, and nothing is remembered", async () => {
    const { server, browser, alice } = await opened();
    const page = await browser.submit(await browser.open(authorize()), {}, { button: "refuse" });
    expect(page.url.searchParams.get("error")).toBe("access_denied");
    expect(page.url.searchParams.has("code")).toBe(false);
    expect(await server.services.store.findConsent(alice, "app")).toBeUndefined();
    expect((await browser.open(authorize())).url.pathname).toBe("/consent");
    const events = await server.services.store.listAuditRows(20);
    expect(events.map(({ event }) => event)).toContain("consent.refused");
  });

  test("an answer counts only for the user who saw the page", async () => {
    const { server, browser } = await opened();
    const bob = await server.addPerson({ username: "bob" });
    const page = await browser.open(authorize());
    await signIn(browser, "bob", { page: await browser.open("/login?account=other") });
    const again = await browser.submit(page, {}, { button: "allow" });
    expect(again.url.pathname).toBe("/consent");
    expect(again.text).toContain("<bdi>bob</bdi>");
    expect(await server.services.store.findConsent(bob, "app")).toBeUndefined();
  });

  test("without a session, or an answer that is none, the question is asked anew", async () => {
    const { browser } = await opened();
    const page = await browser.open(authorize());
    const [form] = page.forms;
    const unsure = await browser.open(form?.action ?? "", {
      method: "POST",
      body: { session: form?.fields["session"] ?? "", action: "perhaps" },
    });
    expect(unsure.url.pathname).toBe("/consent");
    browser.cookies.delete("tessera_session");
    expect((await browser.submit(page, {}, { button: "allow" })).url.pathname).toBe("/login");
    expect((await browser.open("/consent")).status).toBe(400);
  });
});
