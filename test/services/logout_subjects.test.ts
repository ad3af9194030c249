/** A client that changes its sector must not hear the subjects that another sector was given. */
import { describe, expect, test } from "bun:test";
import { endSession } from "../../src/services/logout.ts";
import { DATABASES } from "../support/databases.ts";
import { addPerson, signInAs, tokensOf, verified } from "../support/openid.ts";
import { relyingParty } from "../support/relying_party.ts";
import { testServer } from "../support/server.ts";

const VICTIM = "https://rp.victim.example/cb";
const OWN = "https://app.example/callback";

describe.each(DATABASES)("Back-Channel Logout §2.4 the sub of a logout token on %s", (database) => {
  test("is the one that the client was granted, though its sector changed since", async () => {
    const settings = { outgoingPrivateHosts: ["127.0.0.1"] };
    const server = await testServer({ database, settings });
    const party = relyingParty();
    const client = (redirectUri: string) => ({
      client_id: "app",
      client_secret: "s",
      subject_type: "pairwise" as const,
      redirect_uris: [redirectUri],
      scope: "openid",
      backchannel_logout_uri: party.uri,
    });
    await server.addClient(client(OWN));
    await server.addClient({ ...client(VICTIM), client_id: "victim" });
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId);
    const wanted = { clientId: "app", session, scope: ["openid"] };
    const audience = { audience: "app" };
    const { id_token: idToken } = await tokensOf(server, wanted);
    const granted = (await verified(server, idToken, audience)).payload.sub;
    server.advance(1);
    await server.addClient(client(VICTIM));
    await endSession(session, server.services);
    expect(party.tokens).toHaveLength(1);
    const token = party.tokens[0] ?? "";
    const { payload } = await verified(server, token, { ...audience, typ: "logout+jwt" });
    expect(payload.sub).toBe(granted);
  });
});
