import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { definePlugin } from "../../src/plugin.ts";
import { challenger } from "../../src/plugins/challenger/plugin.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { core } from "../../src/server.ts";
import { pluginsOf } from "../../src/start.ts";
import { documentOf, operationOf, operationsOf } from "../endpoints/openapi_document.ts";
import { testServer } from "../support/server.ts";
import {
  begin,
  challengerServer,
  earnCode,
  info,
  redeem,
  redeeming,
  setup,
} from "./challenger_fixture.ts";
import { whoami } from "./stranger_routes.ts";

const alone = await challengerServer({ prefix: "/" });
const beside = await challengerServer();
const deep = await challengerServer({ prefix: "/kyc/mail" });

/** What the protocol consists of, below its prefix. */
const ROUTES = [
  "GET /authorize/{nonce}",
  "GET /challenge/{nonce}",
  "GET /config",
  "GET /info",
  "GET /privacy",
  "GET /terms",
  "POST /authorize/{nonce}",
  "POST /challenge/{nonce}",
  "POST /setup/{client}",
  "POST /solve/{nonce}",
  "POST /token",
] as const;

/** What needs a user who is signed in, and so is not there where nobody can be. */
const CLAIM = "POST /claim/{nonce}";

const routesOf = async (server: typeof alone) =>
  operationsOf(await documentOf(server)).map(([method, path]) => `${method} ${path}`);

describe("CHALLENGER_PREFIX=/ (decisions D1)", () => {
  test("the whole walk is at the root", async () => {
    const { code } = await earnCode(alone);
    const { status, body } = await redeem(alone, redeeming(code));
    expect(status).toBe(200);
    expect((await info(alone, body["access_token"])).body).toMatchObject({ address_type: "email" });
    expect((await setup(alone, { secret: "wrong" })).status).toBe(404);
  });

  test("no OAuth, OpenID Connect or UMA route is there beside it", async () => {
    const others = (await routesOf(beside)).filter((route) => !route.includes("/challenger/"));
    const common = /^GET \/(docs|health|metrics|assets)/;
    const gone = others.filter((route) => !common.test(route));
    expect(gone.length).toBeGreaterThan(15);
    for (const route of gone) {
      const [method = "", path = ""] = route.replace(/\{\w+\}/g, "x").split(" ");
      if (path === "/token") continue;
      const request = new Request(`http://localhost${path}`, { method });
      expect((await alone.server.handle(request)).status, route).toBe(404);
    }
    for (const path of ["/.well-known/uma2-configuration", "/perm", "/rs/resource_set"]) {
      expect((await alone.get(path)).status, path).toBe(404);
    }
    const document = await routesOf(alone);
    expect(document.filter((route) => !common.test(route)).sort()).toEqual([...ROUTES]);
  });

  test("/token speaks Challenger's dialect there, to strangers too", async () => {
    const form = {
      grant_type: "authorization_code",
      code: "x",
      redirect_uri: "https://a.example/",
    };
    const stranger = { ...form, client_id: "99", client_secret: "s" };
    expect((await alone.post("/token", stranger)).status).toBe(404);
    expect((await beside.post("/token", stranger)).status).toBe(400);
  });

  test("health and documents stay", async () => {
    for (const path of ["/health/live", "/health/ready", "/docs", "/docs/errors/pin_incorrect"]) {
      expect((await alone.get(path)).status, path).toBe(200);
    }
  });

  test("routes of other plugins are left out as well", async () => {
    const server = await testServer({ plugins: [core, challenger("/"), whoami] });
    expect((await server.post("/whoami", "")).status).toBe(404);
  });
});

describe("the plugin among others", () => {
  test("any prefix will do, and nothing is under another", async () => {
    const { code } = await earnCode(deep);
    expect((await redeem(deep, redeeming(code))).status).toBe(200);
    expect((await deep.get("/challenger/config")).status).toBe(404);
    expect(await begin(deep)).toBeString();
  });

  test("the settings choose it: off leaves it out", () => {
    const names = (challengerPrefix: string | undefined) =>
      pluginsOf({ ...DEFAULT_SETTINGS, challengerPrefix }).map(({ name }) => name);
    expect(names(undefined)).not.toContain("challenger");
    expect(names("/challenger")).toContain("challenger");
    expect(pluginsOf({ ...DEFAULT_SETTINGS, challengerPrefix: "/x" }).at(-1)?.standsAlone).toBe(
      false,
    );
  });

  test("two of them are two plugins of one name: a start-up error", () => {
    const plugins = [core, challenger("/a"), challenger("/b")];
    expect(testServer({ plugins })).rejects.toThrow('Two plugins register "challenger"');
  });

  test("a route that is taken is a start-up error", () => {
    const thief = definePlugin({ name: "thief", tokenMount: mountAt("/token") });
    expect(testServer({ plugins: [core, thief] })).rejects.toThrow('registers "POST /token" again');
  });
});

describe("the OpenAPI document of the protocol", () => {
  test("validates, and describes every route under its tag", async () => {
    for (const server of [alone, beside, deep]) {
      const document = await documentOf(server);
      const copy = JSON.parse(JSON.stringify(document));
      const { errors } = await new Validator().validate(copy);
      expect(errors).toBeUndefined();
      const routes = operationsOf(document)
        .filter(([, , operation]) => JSON.stringify(operation).includes('"tags":["Challenger"]'))
        .map(([method, path]) => `${method} ${path}`);
      const expected = server === alone ? ROUTES : [...ROUTES, CLAIM];
      expect(routes.sort()).toEqual(
        expected.map((route) => route.replace(" ", ` ${server.prefix}`)).sort(),
      );
    }
  });

  test("names the statuses of B.4 for /token", async () => {
    const { responses } = operationOf(await documentOf(beside), "POST", "/challenger/token");
    for (const status of ["200", "400", "401", "404", "409", "500"]) {
      expect(Object.keys(responses)).toContain(status);
    }
  });
});

function mountAt(path: string) {
  const { tokenMount } = challenger("/challenger");
  return { ...tokenMount, path };
}
