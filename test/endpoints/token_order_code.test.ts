import { describe, expect, test } from "bun:test";
import { type IssuedCode, issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import { onEachDatabase } from "./token_fixture.ts";
import { APP, expectOrder, openOrderServer } from "./token_order_steps.ts";

const servers = await onEachDatabase(openOrderServer);

describe.each(DATABASES)("order of checks of a code on %s (decisions D3)", (database) => {
  const server = servers[database];

  test("authorization_code: owner, redirect URI, verifier, expiry, spent, and only then revocation", async () => {
    interface Case extends IssuedCode {
      readonly redirectUri: string;
      readonly verifier?: string;
      readonly says: string;
    }
    const GONE = "https://app.example/gone";
    // Every code is spent already; what else is wrong with it shrinks from case to case.
    const spent = async (wanted: { clientId?: string; redirectUri?: string }) => {
      const { clientId = "app", redirectUri = GONE } = wanted;
      const issued = await issueTestCode(server, {
        clientId,
        redirectUri,
        challenge: RFC7636.challenge,
      });
      expect(await server.services.store.consumeCode(issued.key, server.services.now())).toBe(true);
      return issued;
    };
    const cases: readonly Case[] = [
      {
        ...(await spent({ clientId: "other" })),
        redirectUri: REDIRECT_URI,
        says: "the authorization code has not been issued for the given client id app",
      },
      {
        ...(await spent({})),
        redirectUri: REDIRECT_URI,
        says: "the redirection url is not the same than the one passed in the authorization request",
      },
      {
        ...(await spent({})),
        redirectUri: GONE,
        says: `the redirect url ${GONE} doesn't exist or is not valid`,
      },
      {
        ...(await spent({ redirectUri: REDIRECT_URI })),
        redirectUri: REDIRECT_URI,
        says: "the code verifier is not correct",
      },
      {
        ...(await spent({ redirectUri: REDIRECT_URI })),
        redirectUri: REDIRECT_URI,
        verifier: RFC7636.verifier,
        says: "the authorization code is obsolete",
      },
    ];
    server.advance(60);
    const fresh: Case = {
      ...(await spent({ redirectUri: REDIRECT_URI })),
      redirectUri: REDIRECT_URI,
      verifier: RFC7636.verifier,
      says: "the authorization code is not correct",
    };
    const all = [...cases, fresh];
    await expectOrder(
      server,
      all.map(({ code, redirectUri, says, ...rest }) => ({
        form: {
          grant_type: "authorization_code",
          code,
          redirect_uri: redirectUri,
          code_verifier: rest.verifier ?? RFC7636.challenge,
        },
        as: APP,
        says,
      })),
    );
    const revoked = await Promise.all(
      all.map(async ({ authorizationId }) => {
        const row = await server.services.store.findAuthorization(authorizationId);
        return row?.revokedAt !== null;
      }),
    );
    expect(revoked).toEqual([false, false, false, false, false, true]);
  });
});
