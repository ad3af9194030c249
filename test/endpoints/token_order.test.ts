import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { bodyOf, onEachDatabase, refresh } from "./token_fixture.ts";
import {
  APP,
  authentication,
  expectOrder,
  FORGETFUL,
  grantTypeSteps,
  NARROW,
  openOrderServer,
  STRANGER,
  unreadable,
} from "./token_order_steps.ts";

const servers = await onEachDatabase(openOrderServer);

describe.each(DATABASES)("order of checks on %s (idserver.md A.5, decisions D3)", (database) => {
  const server = servers[database];

  test("password: form, grant type, username, password, client, grant type, scope, user, scopes", async () => {
    const named = { grant_type: "password", username: "ada" };
    const guess = { ...named, password: "byron" };
    await expectOrder(server, [
      ...grantTypeSteps,
      {
        form: { grant_type: "password" },
        as: STRANGER,
        says: "the parameter username is missing",
      },
      { form: named, as: STRANGER, says: "the parameter password is missing" },
      ...authentication(guess),
      { form: guess, as: APP, says: "the parameter scope is missing" },
      {
        form: { ...guess, scope: "api9" },
        as: APP,
        says: "resource owner credentials are not valid",
      },
      {
        form: { ...guess, scope: "api9", password: "lovelace" },
        as: APP,
        says: "the scopes api9 are not allowed or invalid",
      },
      {
        form: { ...guess, scope: "api1", password: "lovelace" },
        as: APP,
        says: undefined,
      },
    ]);
  });

  test("client_credentials: form, grant type, client, grant type, scope, scopes", async () => {
    const form = { grant_type: "client_credentials" };
    await expectOrder(server, [
      ...grantTypeSteps,
      ...authentication(form),
      { form, as: APP, says: "the parameter scope is missing" },
      {
        form: { ...form, scope: "api1 api9" },
        as: APP,
        says: "the scopes api9 are not allowed or invalid",
      },
      { form: { ...form, scope: "api1" }, as: APP, says: undefined },
    ]);
  });

  test("refresh_token: form, token, client, grant type, known, owner, live, scopes", async () => {
    const login = { grant_type: "password", username: "ada", password: "lovelace", scope: "api1" };
    const tokenOf = async (client: string) =>
      (await bodyOf(await server.post("/token", login, { basic: [client, "s"] }))).refresh_token;
    const form = { grant_type: "refresh_token", scope: "api9" };
    const [mine, revoked, foreign] = [
      await tokenOf("app"),
      await tokenOf("app"),
      await tokenOf("other"),
    ];
    for (const [token, as] of [
      [revoked, APP] as const,
      [foreign, { basic: ["other", "s"] }] as const,
    ]) {
      expect((await server.post("/token/revoke", { token }, as)).status).toBe(200);
    }
    await expectOrder(server, [
      ...grantTypeSteps,
      { form, as: STRANGER, says: "the parameter refresh_token is missing" },
      ...authentication({ ...form, refresh_token: "x" }),
      { form: { ...form, refresh_token: "x" }, as: APP, says: "the refresh token is not valid" },
      {
        form: { ...form, refresh_token: foreign },
        as: APP,
        says: "the refresh token can be used only by the same issuer",
      },
      {
        form: { ...form, refresh_token: revoked },
        as: APP,
        says: "the refresh token is not valid",
      },
      {
        form: { ...form, refresh_token: mine },
        as: APP,
        says: "the scopes api9 are not allowed or invalid",
      },
    ]);
    // None of the refusals above has spent the good token.
    expect((await refresh(server, mine, APP)).status).toBe(200);
  });

  test("authorization_code: form, code, redirect URI, client, grant type, response type", async () => {
    const form = { grant_type: "authorization_code", code: "x" };
    const whole = { ...form, redirect_uri: "https://evil.example/" };
    const malformed = "Based on the RFC-3986 the redirection-uri is not well formed";
    await expectOrder(server, [
      ...grantTypeSteps,
      {
        form: { grant_type: "authorization_code" },
        as: STRANGER,
        says: "the parameter code is missing",
      },
      { form, as: STRANGER, says: malformed },
      { form: { ...form, redirect_uri: "callback" }, as: STRANGER, says: malformed },
      ...authentication(whole),
      {
        form: whole,
        as: { basic: ["silent", "s"] },
        says: "the client 'silent' doesn't support the response type: 'code'",
      },
      { form: whole, as: APP, says: "the authorization code is not correct" },
    ]);
  });
});

describe.each(DATABASES)("order of checks of the other endpoints on %s", (database) => {
  const server = servers[database];

  test("revocation: form, token, client, known, owner (idserver.md A.11)", async () => {
    const path = "/token/revoke";
    const form = { grant_type: "client_credentials", scope: "api1" };
    const mine = (await bodyOf(await server.post("/token", form, APP))).access_token;
    await expectOrder(server, [
      unreadable(path),
      { path, form: {}, as: STRANGER, says: "the parameter token is missing" },
      { path, form: { token: "x" }, as: STRANGER, says: "the client doesn't exist" },
      {
        path,
        form: { token: "x" },
        as: FORGETFUL,
        says: "the client cannot be authenticated with secret basic",
      },
      { path, form: { token: "x" }, as: NARROW, says: "the token doesn't exist" },
      {
        path,
        form: { token: mine },
        as: NARROW,
        says: "the token has not been issued for the given client id 'narrow'",
      },
      { path, form: { token: mine }, as: APP, says: undefined },
    ]);
  });

  test("introspection: form, token, client, confidential (idserver.md A.12)", async () => {
    const path = "/introspect";
    await expectOrder(server, [
      unreadable(path),
      { path, form: {}, as: STRANGER, says: "the parameter token is missing" },
      { path, form: { token: "x" }, as: STRANGER, says: "the client doesn't exist" },
      {
        path,
        form: { token: "x" },
        as: FORGETFUL,
        says: "the client cannot be authenticated with secret basic",
      },
      {
        path,
        form: { token: "x", client_id: "public" },
        says: "the client public is public and cannot use this endpoint",
      },
      { path, form: { token: "x" }, as: NARROW, says: undefined },
    ]);
  });
});
