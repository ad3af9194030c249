/** What the document says of DPoP is what the endpoints do. */
import { describe, expect, test } from "bun:test";
import { DPOP_PROOF_LENGTH_MAX } from "../../src/protocol/dpop.ts";
import { dpopKey, proofOf } from "../support/dpop.ts";
import { codeForm, dpopServer, MACHINE, WEB } from "./dpop_fixture.ts";
import { documentOf, expectForeseen, type Operation, operationsOf } from "./openapi_document.ts";

const server = await dpopServer();
const document = await documentOf(server);
const key = await dpopKey();

/** Operations that read the header: where tokens are asked for, and where they are used. */
const OPERATIONS = [
  "POST /token",
  "POST /par",
  "GET /userinfo",
  "POST /userinfo",
  ...operationsOf(document)
    .filter(([, path]) => /^\/(rs|perm|policies)\b/.test(path))
    .map(([method, path]) => `${method} ${path}`),
];

type WithParameters = Operation & {
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: object }[];
};

const headersOf = (operation: WithParameters) =>
  (operation.parameters ?? []).filter(
    (parameter) => parameter.in === "header" && parameter.name === "DPoP",
  );

test("the operations that read a proof, and no other, have the header DPoP", () => {
  const found = operationsOf(document).filter(([, , operation]) => headersOf(operation).length > 0);
  expect(OPERATIONS.length).toBeGreaterThan(20);
  expect(found.map(([method, path]) => `${method} ${path}`).sort()).toEqual([...OPERATIONS].sort());
  for (const [, , operation] of found) {
    expect(headersOf(operation)).toMatchObject([
      { name: "DPoP", required: false, schema: { maxLength: DPOP_PROOF_LENGTH_MAX } },
    ]);
    expect(operation.responses["400"]?.headers).toHaveProperty("DPoP-Nonce");
  }
});

const post = async (headers: Record<string, string>, client?: string) =>
  client === undefined
    ? server.post("/token", MACHINE, { headers, ...WEB })
    : server.post("/token", await codeForm(server, client), { headers });

/** A bound token, shown with this proof. */
async function info(path: string, clientId = "spa"): Promise<Response> {
  const nonce = clientId === "nonce" ? await nonceOf() : undefined;
  const DPoP = await proofOf(key, { claims: { nonce } });
  const answer = await server.post("/token", await codeForm(server, clientId), {
    headers: { DPoP },
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const proof = await proofOf(key, { path, token, claims: { htm: "GET" } });
  return server.get("/userinfo", { Authorization: `DPoP ${token}`, DPoP: proof });
}

async function nonceOf(): Promise<string> {
  const refused = await post({ DPoP: await proofOf(key) }, "nonce");
  return refused.headers.get("dpop-nonce") ?? "";
}

const PUSHED = {
  client_id: "spa",
  response_type: "code",
  redirect_uri: "https://app.example/callback",
  scope: "api1",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};

describe("answers to proofs are documented", () => {
  test.each([
    ["POST /token", 200, async () => post({ DPoP: await proofOf(key) })],
    ["POST /token", 400, () => post({ DPoP: "x" })],
    ["POST /token", 400, async () => post({ DPoP: await proofOf(key) }, "nonce")],
    ["POST /token", 400, () => post({}, "bound")],
    ["POST /par", 201, async () => push(await proofOf(key, { path: "/par" }))],
    ["POST /par", 400, () => push("x")],
    ["GET /userinfo", 401, () => info("/token")],
    ["GET /userinfo", 401, () => info("/userinfo", "nonce")],
  ] as const)("%s: %i", async (operation, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    await expectForeseen(document, response, operation);
  });

  const push = (DPoP: string) => server.post("/par", PUSHED, { headers: { DPoP } });
});
