/** What an owner is shown is what he answers, whatever others call themselves. */
import { describe, expect, test } from "bun:test";
import { elementsOf, faultsOf } from "../support/html.ts";
import {
  addAccess,
  addRequest,
  addResource,
  BOB,
  noticeOf,
  type Owned,
  owned,
  PAGE,
  press,
} from "./account_resources_fixture.ts";

/** Writes a client anew, as its registration may. */
async function rename({ server }: Owned, clientId: string, origin: "admin" | "dynamic" = "admin") {
  const { store } = server.services;
  const client = await store.findClient(clientId);
  if (!client) throw new Error(`no client ${clientId}`);
  const metadata = { ...client.metadata, client_name: "Your bank" };
  const { id, createdAt, notBefore, updatedAt: seenAt } = client;
  const row = { id, metadata, origin, createdAt, notBefore, updatedAt: seenAt + 1 };
  await store.writeParties({
    clients: [{ row, seenAt, secrets: undefined, endsConsents: false }],
    users: [],
  });
}

describe("what is approved", () => {
  test("is not what was renamed between look and click", async () => {
    const test = await owned();
    const { server, browser, resource } = test;
    await addRequest(server, resource);
    const page = await browser.open(PAGE);
    await rename(test, "print");
    const changed = await press(browser, page, "approve");
    expect(noticeOf(changed)).toStartWith("That request has changed since you saw it.");
    expect(changed.text).toContain("<bdi>Your bank</bdi>");
    const { store } = server.services;
    const holding = { resourceServerId: "album" };
    const description = { ...resource, name: "All my photos", updatedAt: resource.updatedAt };
    await store.updateUmaResource(resource.id, description, holding);
    expect(noticeOf(await press(browser, changed, "approve"))).toStartWith(
      "That request has changed since you saw it.",
    );
    expect(noticeOf(await press(browser, await browser.open(PAGE), "approve"))).toStartWith(
      "Access is allowed.",
    );
  });

  test("needs the version that the page gave", async () => {
    const { server, browser, resource } = await owned();
    const { id: request } = await addRequest(server, resource);
    for (const version of ["", "x", "1", "1.", "01.x", "9".repeat(400)]) {
      const body = { action: "approve", request, version };
      const page = await browser.open(PAGE, { method: "POST", body });
      expect(noticeOf(page)).toStartWith("That request has changed since you saw it.");
    }
  });

  test("is refused under any names", async () => {
    const test = await owned();
    await addRequest(test.server, test.resource);
    const page = await test.browser.open(PAGE);
    await rename(test, "print");
    expect(noticeOf(await press(test.browser, page, "deny"))).toStartWith("The request is refused");
  });

  test("is nothing when the request has lapsed, or its resource is gone", async () => {
    const { server, alice, browser, resource } = await owned();
    const lapsing = await addRequest(server, resource, { expiresAt: server.services.now() + 60 });
    const page = await browser.open(PAGE);
    expect(page.text).toContain(lapsing.id);
    server.advance(60);
    const late = "That request is no longer open";
    for (const button of ["approve", "deny"]) {
      expect(noticeOf(await press(browser, page, button))).toStartWith(late);
    }
    const other = await addResource(server, alice);
    await addRequest(server, other);
    const again = await browser.open(PAGE);
    await server.services.store.deleteUmaResource(other.id, { resourceServerId: "album" });
    expect(noticeOf(await press(browser, again, "approve"))).toStartWith(late);
  });
});

describe("names on the page", () => {
  const EVIL = `</p><script>alert(1)</script>"'\u202e`;

  test("that others chose stay text, wherever they stand", async () => {
    const { server, alice, browser } = await owned();
    const resource = await addResource(server, alice, {
      name: EVIL,
      description: EVIL,
      type: EVIL,
      scopes: [EVIL],
    });
    const party = { party: `${EVIL.length}:${EVIL}:x`, partyName: EVIL, scopes: [EVIL] };
    await addRequest(server, resource, party);
    await addAccess(server, resource, party);
    await addRequest(server, resource, { ...party, id: "f".repeat(64), state: "denied" });
    const { text } = await browser.open(PAGE);
    expect(text.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(8);
    expect(elementsOf(text).some(({ tag }) => tag === "script")).toBe(false);
    expect(text).not.toContain("\u202e");
    expect(faultsOf(text)).toEqual([]);
  });

  test("of an application that registered itself come with a warning", async () => {
    const test = await owned();
    await addRequest(test.server, test.resource);
    const warning = "This application registered itself.";
    expect((await test.browser.open(PAGE)).text).not.toContain(warning);
    const self = { ...(await test.server.services.store.findClient("print")) };
    expect(self.origin).toBe("admin");
    await test.server.services.store.deleteClient("print");
    const at = test.server.services.now();
    const metadata = { client_name: "Print Shop" };
    const times = { createdAt: at, updatedAt: at, notBefore: at - 1 };
    const row = { id: "print", metadata, origin: "dynamic", ...times } as const;
    await test.server.services.store.writeParties({ clients: [{ row, secrets: [] }], users: [] });
    await addRequest(test.server, test.resource);
    expect((await test.browser.open(PAGE)).text).toContain(warning);
  });

  test("of a person come with the host that vouches for him", async () => {
    const { server, alice, browser, resource } = await owned();
    await addRequest(server, resource, { ...BOB, partyName: "alice (localhost:3000)" });
    await addAccess(server, resource, { party: `21:http://localhost:3000:${alice}` });
    const { text } = await browser.open(PAGE);
    expect(text).toContain("<bdi>id.friends.example</bdi></strong> vouches for this person");
    expect(text).toContain("<bdi>localhost:3000</bdi></strong> vouches for this person");
  });

  test("stand in the reader's language", async () => {
    const { server, browser, resource } = await owned();
    await addRequest(server, resource);
    const { text } = await browser.open(`${PAGE}?locale=de`);
    expect(text).toContain('<html lang="de">');
    expect(text).toContain("Wartet auf Ihre Antwort");
    expect(text).toContain("verfällt <time");
    const denied = await press(browser, await browser.open(PAGE), "deny");
    expect(noticeOf(denied)).toStartWith("Die Anfrage ist abgelehnt");
  });
});

test("a notice that nothing happened for is one of ours, or none", async () => {
  const { browser } = await owned();
  expect(noticeOf(await browser.open(`${PAGE}?done=withdrawn`))).toBe("Access is withdrawn.");
  for (const done of ["__proto__", "toString", "x", "%3Cb%3E"]) {
    expect(noticeOf(await browser.open(`${PAGE}?done=${done}`))).toBeUndefined();
  }
});
