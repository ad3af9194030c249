/** What the contracts infer. The compiler is the judge: `tsc` reads this file, `bun test` runs it. */
import { describe, expectTypeOf, test } from "bun:test";
import {
  defineClientAuth,
  defineGrant,
  definePlugin,
  type TokenRequest,
  t,
} from "../src/plugin.ts";
import { core } from "../src/server.ts";

const echo = defineGrant({
  grantType: "urn:example:echo",
  source: "example",
  clients: "any",
  params: t.Object({ word: t.String(), times: t.Optional(t.String()) }),
  async prove({ params, client, scope, now }, services) {
    expectTypeOf(params).toEqualTypeOf<{ word: string; times?: string }>();
    expectTypeOf(client.id).toBeString();
    expectTypeOf(scope).toEqualTypeOf<readonly string[]>();
    expectTypeOf(now).toBeNumber();
    expectTypeOf(services.issuer).toBeString();
    // @ts-expect-error: the schema has no such parameter.
    params.letter;
    return { subject: params.word, scope, authorization: "new", refresh: false };
  },
});

describe("defineGrant()", () => {
  test("keeps the literal grant type", () => {
    expectTypeOf(echo.grantType).toEqualTypeOf<"urn:example:echo">();
  });

  test("infers the parameters of prove from the schema", () => {
    type Params = Parameters<typeof echo.prove>[0]["params"];
    expectTypeOf<Params>().toEqualTypeOf<{ word: string; times?: string }>();
  });

  test("refuses a grant that proves too little or takes too much", () => {
    defineGrant({
      ...echo,
      // @ts-expect-error: a proof without a subject proves nobody.
      async prove({ scope }) {
        return { scope, authorization: "new", refresh: false };
      },
    });
    // @ts-expect-error: a grant's clients are any or confidential.
    defineGrant({ ...echo, clients: "public" });
    // @ts-expect-error: the rows a grant may answer with are rows of the catalogue.
    defineGrant({ ...echo, errors: ["no_such_row"] });
    // @ts-expect-error: parameters are an object's schema.
    defineGrant({ ...echo, params: t.String() });
  });
});

describe("TokenRequest<typeof core.grants>", () => {
  type Request = TokenRequest<typeof core.grants>;

  test("is discriminated by grant_type", () => {
    expectTypeOf<Request["grant_type"]>().toEqualTypeOf<
      "password" | "client_credentials" | "refresh_token" | "authorization_code"
    >();
    expectTypeOf<Extract<Request, { grant_type: "authorization_code" }>>().toEqualTypeOf<
      { grant_type: "authorization_code" } & {
        code: string;
        redirect_uri: string;
        code_verifier?: string;
      }
    >();
  });

  test("narrows to the parameters of one grant", () => {
    const read = (request: Request): string => {
      if (request.grant_type === "refresh_token") return request.refresh_token;
      if (request.grant_type === "password") return request.username + request.password;
      // @ts-expect-error: what is left has no user name.
      return request.username;
    };
    expectTypeOf(read).returns.toBeString();
  });

  test("grows by a stranger's grant", () => {
    const plugin = definePlugin({ name: "echo", grants: [echo] });
    type Both = TokenRequest<[...typeof core.grants, ...typeof plugin.grants]>;
    expectTypeOf<Extract<Both, { grant_type: "urn:example:echo" }>>().toEqualTypeOf<
      { grant_type: "urn:example:echo" } & { word: string; times?: string }
    >();
  });
});

describe("defineClientAuth()", () => {
  const ticket = defineClientAuth({
    name: "ticket",
    source: "example",
    evidence: "presented",
    params: t.Object({ ticket: t.String() }),
    claim(_request, params) {
      const number = Number(params.get("ticket"));
      return { clientId: "c", credential: { number } };
    },
    async verify(credential, client, services) {
      expectTypeOf(credential).toEqualTypeOf<{ number: number }>();
      expectTypeOf(client.authMethod).toBeString();
      expectTypeOf(services.now()).toBeNumber();
      return credential.number === 1 && {};
    },
  });

  test("infers the credential that claim finds and verify gets", () => {
    expectTypeOf<Parameters<typeof ticket.verify>[0]>().toEqualTypeOf<{ number: number }>();
  });

  test("refuses a verify that takes another credential than claim finds", () => {
    defineClientAuth<string>({
      ...ticket,
      // @ts-expect-error: the credential is a string.
      claim: () => ({ clientId: "c", credential: 1 }),
      verify: async () => false,
    });
    // @ts-expect-error: true says nothing about the client; an empty object is a yes.
    defineClientAuth({ ...ticket, verify: async () => true });
    // @ts-expect-error: evidence is presented or ambient.
    defineClientAuth({ ...ticket, evidence: "guessed" });
  });
});

describe("definePlugin()", () => {
  test("takes grants and methods of any parameters, and nothing else", () => {
    definePlugin({ name: "both", grants: [echo, ...core.grants], clientAuth: core.clientAuth });
    // @ts-expect-error: a plugin needs a name.
    definePlugin({ grants: [echo] });
    // @ts-expect-error: an object is no grant because it is in the list.
    definePlugin({ name: "wrong", grants: [{ grantType: "x" }] });
  });
});
