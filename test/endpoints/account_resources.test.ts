import { describe, expect, test } from "bun:test";
import type { Page } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { signIn, signInTest } from "../support/sign_in.ts";
import {
  addAccess,
  addRequest,
  addResource,
  answersOf,
  BOB,
  noticeOf,
  owned,
  ownersServer,
  PAGE,
  press,
  somebody,
} from "./account_resources_fixture.ts";
import { onEachDatabase } from "./token_fixture.ts";

const servers = await onEachDatabase((database) => ownersServer({ database }));

describe.each(DATABASES)("the page of one's resources on %s", (database) => {
  const shared = servers[database];

  test("is for who is signed in", async () => {
    const browser = shared.openBrowser();
    expect((await browser.open(PAGE)).url.pathname).toBe("/login");
    const posted = await browser.open(PAGE, { method: "POST", body: { action: "approve" } });
    expect(posted.url.pathname).toBe("/login");
  });

  test("explains itself while there is nothing", async () => {
    const { account, browser } = await somebody(shared, "newcomer");
    expect(account.text).toContain('href="/account/resources"');
    expect(account.text).not.toContain("Requests that wait");
    const { text } = await browser.open(PAGE);
    expect(text).toContain("Nobody is waiting for you.");
    expect(text).toContain("Nobody has access to your resources at the moment.");
    expect(text).toContain("No application has registered anything of yours.");
    expect(text).not.toContain("Refused and withdrawn");
  });

  test("shows one's own resources, requests and accesses, and nobody else's", async () => {
    const { server, browser, resource } = await owned(shared);
    const bob = await server.addPerson({ username: "bob" });
    const others = [
      await addResource(server, bob, { name: "Bob's diary" }),
      await addResource(server, null, { name: "Album's own" }),
    ];
    for (const other of others) {
      await addRequest(server, other, { partyName: "mallory" });
      await addAccess(server, other, { partyName: "mallory" });
    }
    await addRequest(server, resource);
    await addAccess(server, resource, { party: "", partyName: "", scopes: ["print"] });
    const { text } = await browser.open(PAGE);
    const [, requests = "", access = "", resources = ""] = text.split("<section");
    expect(requests).toContain("<bdi>bob</bdi></strong> would like to use");
    expect(requests).toContain("<bdi>Holiday photos</bdi>");
    expect(requests).toContain("<bdi>Print Shop</bdi>");
    expect(requests).toContain("<bdi>id.friends.example</bdi></strong> vouches for this person");
    expect(access).toContain("<bdi>Print Shop</bdi></strong> may use");
    expect(access).toContain("A rule of <strong><bdi>Album</bdi></strong> allows it.");
    expect(resources).toContain("Kept by <strong><bdi>Album</bdi></strong>");
    for (const name of ["diary", "own", "mallory"]) expect(text).not.toContain(name);
    expect((await browser.open("/account")).text).toContain(
      "Requests that wait for your answer: 1",
    );
  });

  test("approves once; whoever comes later hears that it was answered", async () => {
    const { server, alice, browser, resource } = await owned(shared);
    const request = await addRequest(server, resource);
    const page = await browser.open(PAGE);
    const approved = await press(browser, page, "approve");
    expect(approved.hops.map(({ status }) => status)).toEqual([303]);
    expect(noticeOf(approved)).toStartWith("Access is allowed.");
    expect(approved.text).toContain("You allowed it <time");
    for (const button of ["approve", "deny"]) {
      expect(noticeOf(await press(browser, page, button))).toStartWith(
        "That request is no longer open",
      );
    }
    const { store, now } = server.services;
    const decisions = await store.listUmaDecisions(
      [resource.id],
      { clientId: "print", parties: [BOB.party] },
      now(),
    );
    expect(decisions).toMatchObject([{ id: request.id, state: "approved", decidedAt: now() }]);
    expect(await answersOf(server, alice)).toEqual(["permission.approved"]);
  });

  test("refuses, lists the refusal, and lifts it", async () => {
    const { server, alice, browser, resource } = await owned(shared);
    await addRequest(server, resource);
    const denied = await press(browser, await browser.open(PAGE), "deny");
    expect(noticeOf(denied)).toStartWith("The request is refused");
    expect(denied.text).toContain("Refused <time");
    expect(denied.text).toContain("Nobody is waiting for you.");
    const lifted = await press(browser, denied, "lift");
    expect(noticeOf(lifted)).toBe("That is lifted.");
    expect(noticeOf(await press(browser, denied, "lift"))).toBe("That had ended already.");
    const { store, now } = server.services;
    expect(
      await store.listUmaDecisions(
        [resource.id],
        { clientId: "print", parties: [BOB.party] },
        now(),
      ),
    ).toEqual([]);
    expect(await answersOf(server, alice)).toEqual(["permission.reopened", "permission.denied"]);
  });

  test("withdraws an access at once, and keeps it away until that is lifted", async () => {
    const { server, alice, browser, resource } = await owned(shared);
    const { store, now } = server.services;
    const authorization = await addAccess(server, resource);
    const page = await browser.open(PAGE);
    const withdrawn = await press(browser, page, "withdraw");
    expect(noticeOf(withdrawn)).toBe("Access is withdrawn.");
    expect(withdrawn.text).toContain("Nobody has access to your resources at the moment.");
    expect(withdrawn.text).toContain("Withdrawn <time");
    expect(await store.listUmaPermissions(authorization, now())).toEqual([]);
    expect(noticeOf(await press(browser, page, "withdraw"))).toBe("That had ended already.");
    expect(
      await store.listUmaDecisions(
        [resource.id],
        { clientId: "print", parties: [BOB.party] },
        now(),
      ),
    ).toMatchObject([{ state: "withdrawn" }]);
    await press(browser, withdrawn, "lift");
    expect(
      await store.listUmaDecisions(
        [resource.id],
        { clientId: "print", parties: [BOB.party] },
        now(),
      ),
    ).toEqual([]);
    expect(await answersOf(server, alice)).toEqual(["permission.reopened", "permission.withdrawn"]);
  });

  test("attack 67: another owner's ids in the forms are unknown, and change nothing", async () => {
    const { server, alice, browser, resource } = await owned(shared);
    await addRequest(server, resource);
    const authorization = await addAccess(server, resource, { party: "", partyName: "" });
    const other = await addResource(server, resource.userId);
    await addRequest(server, other);
    const page = await press(browser, await browser.open(PAGE), "deny");
    const { id, browser: mallory } = await somebody(server, "mallory");
    for (const [button, said] of [
      ["approve", "That request is no longer open"],
      ["deny", "That request is no longer open"],
      ["withdraw", "That had ended already."],
      ["lift", "That had ended already."],
    ] as const) {
      expect([button, noticeOf(await press(mallory, page, button))]).toEqual([
        button,
        expect.stringContaining(said),
      ]);
    }
    const { store, now } = server.services;
    const after = await browser.open(PAGE);
    const listsOf = ({ text }: Page) => /<section.*<\/section>/s.exec(text)?.[0];
    expect(listsOf(after)).toBe(listsOf(page));
    expect(await store.listUmaPermissions(authorization, now())).toHaveLength(1);
    expect(await answersOf(server, alice)).toEqual(["permission.denied"]);
    expect(await answersOf(server, id)).toEqual([]);
  });

  test("of ten answers at once, one counts and nine hear so", async () => {
    const { server, alice, browser, resource } = await owned(shared);
    await addRequest(server, resource);
    const page = await browser.open(PAGE);
    const pages = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        press(browser, page, index % 2 === 0 ? "approve" : "deny"),
      ),
    );
    const late = pages.filter((one) => noticeOf(one)?.startsWith("That request is no longer open"));
    expect(late).toHaveLength(9);
    expect(await answersOf(server, alice)).toHaveLength(1);
  });

  test("long lists come in parts, each by itself", async () => {
    const { server, alice, browser, resource } = await owned(shared);
    for (let index = 0; index < 20; index++) {
      await addResource(server, alice, { name: `Album ${index}` });
    }
    for (let index = 0; index < 21; index++) {
      const party = { party: `1:i:${index}`, partyName: `guest ${index}` };
      server.advance(1);
      await addRequest(server, resource, party);
    }
    const first = await browser.open(PAGE);
    expect(first.text.match(/value="approve"/g)).toHaveLength(20);
    expect(first.text).not.toContain("guest 20");
    const hrefs = [...first.text.matchAll(/href="([^"]*_from=20[^"]*)"/g)].map(
      ([, href = ""]) => href,
    );
    expect(hrefs).toEqual([
      "/account/resources?requests_from=20#requests",
      "/account/resources?resources_from=20#registered",
    ]);
    const next = await browser.open(hrefs[0] ?? "");
    expect(next.text.match(/value="approve"/g)).toHaveLength(1);
    expect(next.text).toContain("guest 20");
    expect(next.text).toContain("Holiday photos");
    expect(next.text).not.toContain("Album 19");
    expect(next.text).toContain(
      'href="/account/resources?requests_from=20&amp;resources_from=20#registered"',
    );
    expect(next.text).toContain('href="/account/resources#requests"');
    // A list that has become shorter begins anew instead of saying that it is empty.
    const behind = await browser.open(`${PAGE}?requests_from=400`);
    expect(behind.text.match(/value="approve"/g)).toHaveLength(20);
    for (const from of ["-1", "1e3", "999999", "%00", ""]) {
      const page = await browser.open(`${PAGE}?requests_from=${from}`);
      expect([from, page.status, page.text.includes("guest 0")]).toEqual([from, 200, true]);
    }
  });
});

test("where nothing keeps resources, there is neither a page, a link nor a word in the document", async () => {
  const server = await signInTest({ plugins: [] });
  await server.addPerson({ username: "alice" });
  const browser = server.openBrowser();
  const account = await signIn(browser, "alice");
  expect(account.url.pathname).toBe("/account");
  expect(account.text).not.toContain(PAGE);
  expect((await server.get(PAGE)).status).toBe(404);
  expect((await server.post(PAGE, { action: "approve" })).status).toBe(404);
  expect(await (await server.get("/docs/json")).text()).not.toContain(PAGE);
});
