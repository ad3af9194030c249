/** The document and the server know the same parameters, each endpoint and each grant. */
import { describe, expect, test } from "bun:test";
import { JWT_BEARER, strangeServer } from "../plugins/strange_server.ts";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import {
  documentOf,
  FORM,
  operationOf,
  operationsOf,
  resolve,
  type Schema,
  variantsOf,
} from "./openapi_document.ts";
import { MARK, readNames } from "./read_names.ts";

const APP = ["app", "s3cret"] as const;
const ENDPOINTS = ["/token", "/token/revoke", "/introspect"];
const GRANTS = [
  "password",
  "client_credentials",
  "refresh_token",
  "authorization_code",
  JWT_BEARER,
] as const;

// At the top of the file, where a server stays open until the file ends.
const server = await strangeServer("sqlite");
await server.addClient({
  client_id: "app",
  client_secret: "s3cret",
  grant_types: [...GRANTS],
  redirect_uris: [REDIRECT_URI],
  allowed_resources: ["https://api.example"],
  scope: "api1",
  default_scope: "api1",
});
await server.addUser({ username: "alice", password: "wonderland" });
const document = await documentOf(server);

interface Answer {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly error_description: string;
  readonly error_uri: string;
  readonly detail?: string;
}

const answerOf = async (response: Response) => (await response.json()) as Answer;

/** Names that a form endpoint might know: all documented ones, all registered ones, and the RFCs'. */
function candidates(): readonly string[] {
  const documented = operationsOf(document)
    .filter(([, , { requestBody }]) => requestBody?.content[FORM])
    .flatMap(([, , operation]) => variantsOf(document, operation).flatMap(namesOf));
  const others =
    "state nonce audience response_type code_challenge code_challenge_method acr_values amr_values " +
    "prompt max_age request request_uri ticket claim_token claim_token_format pct rpt client_assertion " +
    "client_assertion_type subject_token actor_token requested_token_type device_code auth_req_id " +
    "authorization_details dpop_jkt assertion resource_set_id id_token_hint login_hint unknown";
  const { tokenParameters } = server.server.registry;
  return [...new Set([...documented, ...tokenParameters, ...others.split(" ")])];
}

const namesOf = (schema: Schema) => Object.keys(schema.properties ?? {});

const documentedAt = (path: string) => [
  ...new Set(variantsOf(document, operationOf(document, "POST", path)).flatMap(namesOf)),
];

describe("names in the URL", () => {
  test.each(ENDPOINTS)(
    "POST %s refuses the documented ones and ignores all others",
    async (path) => {
      const refused: string[] = [];
      for (const name of candidates()) {
        const response = await server.post(`${path}?${name}=x`, {}, { basic: APP });
        const { error_uri, detail } = (await response.json()) as Record<string, string>;
        if (error_uri?.endsWith("/parameter_in_url") && detail === name) refused.push(name);
      }
      expect(refused.sort()).toEqual(documentedAt(path).sort());
    },
  );
});

/** The parameters of a request that succeeds, by grant. */
const PROOFS: Record<(typeof GRANTS)[number], () => Promise<Record<string, string>>> = {
  password: async () => ({ username: "alice", password: "wonderland" }),
  client_credentials: async () => ({}),
  async refresh_token() {
    const form = await formOf("password");
    const { refresh_token } = await answerOf(await server.post("/token", form, { basic: APP }));
    return { refresh_token };
  },
  async authorization_code() {
    const wanted = { clientId: "app", challenge: RFC7636.challenge };
    const { code } = await issueTestCode(server, wanted);
    return { code, redirect_uri: REDIRECT_URI, code_verifier: RFC7636.verifier };
  },
  [JWT_BEARER]: async () => ({ assertion: await server.assertion() }),
};

async function formOf(grantType: (typeof GRANTS)[number]): Promise<Record<string, string>> {
  return { grant_type: grantType, ...(await PROOFS[grantType]()) };
}

/** The documented schema of a grant's request. */
function schemaOf(grantType: string): Schema {
  const { requestBody } = operationOf(document, "POST", "/token");
  const mapping = requestBody?.content[FORM]?.schema.discriminator?.mapping ?? {};
  return resolve(document, { $ref: mapping[grantType] ?? "" });
}

const namesReadAt = (path: string, form: Record<string, string>) =>
  readNames(() => server.post(path, { ...form, [MARK]: "1" }, { basic: APP }), 200);

describe("names that the server reads from the form", () => {
  test.each(GRANTS)("for the grant %s are the documented ones", async (grantType) => {
    expect(await namesReadAt("/token", await formOf(grantType))).toEqual(
      namesOf(schemaOf(grantType)).sort(),
    );
  });

  // The hint is documented because RFC 7009 §2.1 and RFC 7662 §2.1 let clients send it.
  test.each(["/token/revoke", "/introspect"])("at %s are the documented ones", async (path) => {
    const form = { grant_type: "client_credentials", client_id: "app" };
    const { access_token: token } = await answerOf(
      await server.post("/token", form, { basic: APP }),
    );
    expect(await namesReadAt(path, { token })).toEqual(documentedAt(path).sort());
  });
});

describe("required parameters", () => {
  const missing = async (path: string, name: string, form: Record<string, string>) => {
    const { [name]: _, ...rest } = form;
    const response = await server.post(path, rest, { basic: APP });
    expect(response.status).toBe(400);
    const body = await answerOf(response);
    expect(body).toMatchObject({ error: "invalid_request", detail: name });
    const description =
      name === "redirect_uri"
        ? "Based on the RFC-3986 the redirection-uri is not well formed"
        : `the parameter ${name} is missing`;
    expect(body.error_description).toBe(description);
  };

  test.each(GRANTS)("of the grant %s are missed, and no other", async (grantType) => {
    const { required = [] } = schemaOf(grantType);
    const form = await formOf(grantType);
    expect(Object.keys(form)).toEqual(expect.arrayContaining([...required]));
    for (const name of required) await missing("/token", name, form);
    const needed = Object.entries(form).filter(
      ([name]) => required.includes(name) || name === "code_verifier",
    );
    expect((await server.post("/token", needed, { basic: APP })).status).toBe(200);
  });

  test.each(["/token/revoke", "/introspect"])("of %s are missed", async (path) => {
    const [{ required } = {}] = variantsOf(document, operationOf(document, "POST", path));
    expect(required).toEqual(["token"]);
    await missing(path, "token", { token: "x" });
  });
});

describe("bounds", () => {
  /** Whether the server calls a value of that length malformed. */
  async function isMalformed(path: string, name: string, form: Record<string, string>) {
    const answer = await answerOf(await server.post(path, form, { basic: APP }));
    const malformed = /(parameter|redirect_uri)_malformed$/.test(answer.error_uri ?? "");
    return malformed && answer.detail === name;
  }

  const textOf = (name: string, length: number) =>
    (name === "redirect_uri" ? "https://a/" : "").padEnd(length, "a");

  const rows = ENDPOINTS.flatMap((path) =>
    variantsOf(document, operationOf(document, "POST", path)).flatMap(({ properties = {} }) =>
      Object.entries(properties).flatMap(([name, { maxLength }]) => {
        const grantType = String(properties["grant_type"]?.enum?.[0] ?? "");
        return maxLength === undefined ? [] : [{ path, grantType, name, maxLength }];
      }),
    ),
  );

  test("are documented", () => expect(rows.length).toBeGreaterThan(10));

  test.each(rows)("$path $grantType $name: $maxLength characters are read", async (row) => {
    const { path, grantType, name, maxLength } = row;
    const known = GRANTS.find((one) => one === grantType);
    const form = known ? await formOf(known) : { token: "x" };
    const longest = { ...form, [name]: textOf(name, maxLength) };
    const longer = { ...form, [name]: textOf(name, maxLength + 1) };
    expect(await isMalformed(path, name, longest)).toBe(false);
    expect(await isMalformed(path, name, longer)).toBe(true);
  });
});
