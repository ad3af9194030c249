/** The document and the server know the same parameters of the front channel. */
import { describe, expect, test } from "bun:test";
import { PKCE } from "../support/authorization.ts";
import { CALLBACK } from "../support/openid.ts";
import { FORM, operationOf, operationsOf, variantsOf } from "./openapi_document.ts";
import { ASKED, BASIC, frontServer } from "./openapi_front_fixture.ts";
import { MARK, readNames } from "./read_names.ts";

// At the top of the file, where a server stays open until the file ends.
const { server, document, post, tokenFor } = await frontServer();

/** Names of the documented parameters: of the form, or of the query. */
function documentedAt(operation: string): readonly string[] {
  const [method = "", path = ""] = operation.split(" ");
  const found = operationOf(document, method, path);
  const { parameters = [] } = found as { parameters?: readonly { in: string; name: string }[] };
  const inForm = variantsOf(document, found).flatMap(({ properties = {} }) =>
    Object.keys(properties),
  );
  return method === "POST"
    ? [...new Set(inForm)]
    : parameters.filter((one) => one.in === "query").map(({ name }) => name);
}

/** Names that an endpoint might know: all documented ones, and others that the RFCs have. */
const CANDIDATES = [
  ...new Set([
    ...operationsOf(document)
      .filter(([, , { requestBody }]) => requestBody?.content[FORM])
      .flatMap(([method, path]) => documentedAt(`${method} ${path}`)),
    ..."audience assertion client_assertion logout_hint registration display acr dpop_jkt unknown".split(
      " ",
    ),
  ]),
];

describe("names in the URL", () => {
  test.each(["/par", "/code", "/userinfo", "/logout"])(
    "POST %s refuses the documented ones and ignores all others",
    async (path) => {
      const refused: string[] = [];
      for (const name of CANDIDATES) {
        const response = await post(`${path}?${name}=x`, {}, { basic: BASIC });
        if (response.status !== 400) continue;
        const { error_uri, detail } = (await response.json()) as Record<string, string>;
        if (error_uri?.endsWith("/parameter_in_url") && detail === name) refused.push(name);
      }
      expect(refused.sort()).toEqual([...documentedAt(`POST ${path}`)].sort());
    },
  );
});

describe("names that the server reads", () => {
  const challenge = { code_challenge: PKCE.challenge, code_challenge_method: "S256" };
  const asked = { ...ASKED, ...challenge, [MARK]: "1" };

  test("at POST /par are the documented ones", async () => {
    expect(await readNames(() => post("/par", asked), 201)).toEqual(
      [...documentedAt("POST /par")].sort(),
    );
  });

  test("at GET and POST /authorize are the documented ones", async () => {
    const documented = [...documentedAt("GET /authorize")].sort();
    expect([...documentedAt("POST /authorize")].sort()).toEqual(documented);
    const query = new URLSearchParams({ ...asked, client_id: "app" });
    expect(await readNames(() => server.get(`/authorize?${query}`), 303)).toEqual(documented);
    expect(await readNames(() => post("/authorize", query.toString(), {}), 303)).toEqual(
      documented,
    );
  });

  test("at GET and POST /logout are the documented ones", async () => {
    const documented = [...documentedAt("GET /logout")].sort();
    expect([...documentedAt("POST /logout")].sort()).toEqual(documented);
    expect(await readNames(() => server.get(`/logout?${MARK}=1`), 200)).toEqual(documented);
  });

  test("at POST /code are the documented ones", async () => {
    const form = { email: "b@example.org", [MARK]: "1" };
    expect(await readNames(() => post("/code", form), 200)).toEqual(
      [...documentedAt("POST /code")].sort(),
    );
  });

  test("at POST /userinfo are the documented ones", async () => {
    const form = { access_token: await tokenFor("app"), [MARK]: "1" };
    expect(await readNames(() => post("/userinfo", form, {}), 200)).toEqual(["access_token"]);
  });
});

test("required parameters are missed, and no other", async () => {
  const { required = [] } = variantsOf(document, operationOf(document, "POST", "/par"))[0] ?? {};
  expect(required).toEqual(["response_type", "redirect_uri"]);
  for (const name of required) {
    const response = await post("/par", { ...ASKED, [name]: "" });
    expect(await response.json()).toMatchObject({ error: "invalid_request", detail: name });
  }
  const needed = { response_type: "code", redirect_uri: CALLBACK, scope: "openid" };
  expect((await post("/par", needed)).status).toBe(201);
});
