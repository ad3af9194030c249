/** Somebody signed in at a client that asks for claims. */
import type { DatabaseName } from "./databases.ts";
import { addPerson, CALLBACK, signInAs, tokensOf, type WantedTokens } from "./openid.ts";
import { type TestClient, testServer } from "./server.ts";

/** A client with every scope that releases claims. */
export const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  redirect_uris: [CALLBACK],
  scope: "openid profile email phone address role api1",
  allowed_resources: ["https://api.example/"],
};

/** A server with a signed-in person, and her tokens. */
export async function begin(
  wanted: Partial<WantedTokens> = {},
  {
    client = {},
    database = "sqlite",
  }: { client?: Partial<TestClient>; database?: DatabaseName } = {},
) {
  const server = await testServer({ database });
  await server.addClient({ ...APP, ...client });
  const userId = await addPerson(server, {
    username: "ann",
    email: "ann@example.com",
    phone_number: "+4930123456",
    claims: { name: "Ann Example", role: ["admin"], address: { locality: "Berlin" }, iss: "x" },
  });
  const { session } = await signInAs(server, userId);
  const scope = ["openid", "email"];
  const tokens = await tokensOf(server, { clientId: "app", session, scope, ...wanted });
  return { server, userId, session, tokens };
}

/** The header of RFC 6750 §2.1. */
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** What a refusal asks for. */
export const challengeOf = (response: Response) => response.headers.get("www-authenticate");
