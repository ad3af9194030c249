/** Ids in URLs and forms that are none of ours: Postgres takes no NUL, and would be asked in vain. */
import { describe, expect, test } from "bun:test";
import { openBrowser } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";
import { signIn, signInTest } from "../support/sign_in.ts";

const NOT_IDS = ["%00", "a%00b", "x", "%F0%28%8C%28", "a".repeat(5000), "%27%20OR%201%3D1"];

const OWN = { "Sec-Fetch-Site": "same-origin" };

describe.each(DATABASES)("attack 79: ids that are not of our form on %s", (database) => {
  test.each(NOT_IDS)("%s is no interaction, on any page", async (id) => {
    const server = await testServer({ database });
    for (const path of ["/login", "/consent", "/account", "/account/resources"]) {
      const asked = await server.get(`${path}?interaction=${id}`);
      expect([path, asked.status]).toEqual([path, 400]);
      expect(await asked.json()).toMatchObject({ error: "invalid_request" });
      const sent = await server.post(
        `${path}?interaction=${id}`,
        { action: "x" },
        { headers: OWN },
      );
      expect([path, sent.status]).toEqual([path, 400]);
    }
    expect((await server.get(`/authorize?interaction=${id}`)).status).toBe(400);
  });

  test.each(NOT_IDS)("%s is no registration", async (id) => {
    const server = await testServer({ database, settings: { registration: "open" } });
    for (const method of ["GET", "PUT", "DELETE"]) {
      const request = new Request(`http://localhost/register/${id}`, {
        method,
        headers: { Authorization: "Bearer x", "Content-Type": "application/json" },
        ...(method === "PUT" && { body: "{}" }),
      });
      const refused = await server.server.handle(request);
      // What cannot be decoded is no path of ours.
      expect([method, refused.status]).toEqual([
        method,
        id.startsWith("%F0") ? refused.status : 401,
      ]);
      expect(refused.status).toBeLessThan(500);
    }
  });

  test("forms of the account page with strange ids change nothing", async () => {
    const server = await signInTest({ database });
    await server.addPerson({ username: "alice" });
    const browser = openBrowser(server);
    await signIn(browser, "alice");
    for (const field of ["session", "client"]) {
      const action = field === "session" ? "sign_out" : "withdraw";
      for (const id of ["x", "\ud800", "a".repeat(5000)]) {
        const page = await browser.open("/account", {
          method: "POST",
          body: { action, [field]: id },
        });
        expect([page.status, page.url.pathname]).toEqual([200, "/account"]);
      }
      const page = await browser.open("/account", {
        method: "POST",
        body: { action, [field]: "a\0b" },
      });
      expect(page.status).toBe(400);
    }
    expect((await browser.open("/account")).url.pathname).toBe("/account");
  });

  test("forms of the page of resources with strange ids change nothing", async () => {
    const server = await signInTest({ database });
    await server.addPerson({ username: "alice" });
    const browser = openBrowser(server);
    await signIn(browser, "alice");
    for (const [action, field] of [
      ["approve", "request"],
      ["deny", "request"],
      ["withdraw", "access"],
      ["lift", "refusal"],
    ] as const) {
      const send = (id: string) =>
        browser.open("/account/resources", { method: "POST", body: { action, [field]: id } });
      for (const id of ["", "x", "\ud800", "A".repeat(64), "0".repeat(65), "a".repeat(5000)]) {
        const page = await send(id);
        expect([page.status, page.url.pathname]).toEqual([200, "/account/resources"]);
      }
      expect((await send("a\0b")).status).toBe(400);
    }
  });

  test("a request_uri with a NUL is unknown or malformed", async () => {
    const server = await testServer({ database });
    await server.addClient({
      client_id: "app",
      client_secret: "s",
      redirect_uris: ["https://app.example/cb"],
    });
    for (const end of ["%00", "x", "sealed:x", "sealed:x.y", "sealed:%00"]) {
      const uri = `urn:ietf:params:oauth:request_uri:${end}`;
      const refused = await server.get(`/authorize?client_id=app&request_uri=${uri}`);
      expect([end, refused.status]).toEqual([end, 400]);
    }
  });
});
