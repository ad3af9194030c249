/** The clients and the user that both client libraries are driven as. */
import {
  importParties,
  type ProcessOptions,
  type ServerProcess,
  serverProcess,
} from "../support/process.ts";

/** Where the confidential web application gets its codes. */
export const WEB_REDIRECT = "https://app.example/callback";

/** Where the public native application gets its codes: the port is chosen at run time (RFC 8252 §7.3). */
export const NATIVE_REDIRECT = "http://127.0.0.1:49152/callback";

/** The protected resource, whose server introspects. */
export const API = "https://api.example/v1";

/** Secrets that break a careless encoder, by what is awkward in them. */
export const AWKWARD: Readonly<Record<string, string>> = {
  colon: "secret-token:a:b::c",
  percent: "100%-sure%20%zz%",
  plus: "1+1=2+",
  space: "two  words and more",
  unicode: "пароль-密码-🔑-é",
  form: "a=b&client_id=x;y?z#/",
  quotes: `"quoted" 'and' \\back <slash>`,
};

/** The secret of every client whose secret is not the matter. */
export const SECRET = "s3cret-of-this-client";

/** The user. */
export const USER = { username: "ada", password: "correct horse battery staple" } as const;

const machine = {
  grant_types: ["client_credentials"],
  scope: "api:read api:write",
  allowed_resources: [API],
};

const application = {
  grant_types: ["authorization_code", "refresh_token"],
  scope: "api:read api:write offline_access",
  allowed_resources: [API],
};

/** The import file: clients of every method, the awkward ones by id and by secret, and the user. */
export const PARTIES = {
  clients: [
    ...["basic", "post"].flatMap((method) =>
      Object.entries({ ...AWKWARD, plain: SECRET }).map(([kind, secret]) => ({
        client_id: awkwardId(method, kind),
        client_secret: secret,
        token_endpoint_auth_method: `client_secret_${method}`,
        ...machine,
      })),
    ),
    {
      client_id: "opaque",
      client_secret: SECRET,
      access_token_format: "opaque",
      ...machine,
    },
    {
      client_id: "web",
      client_secret: SECRET,
      redirect_uris: [WEB_REDIRECT],
      require_pkce: true,
      ...application,
    },
    {
      client_id: "native",
      token_endpoint_auth_method: "none",
      redirect_uris: ["http://127.0.0.1/callback"],
      ...application,
    },
    {
      client_id: "legacy",
      client_secret: SECRET,
      grant_types: ["password", "refresh_token"],
      scope: "api:read",
      default_scope: "api:read",
    },
    { client_id: "api", client_secret: SECRET, grant_types: [], resource: API },
    { client_id: "auditor", client_secret: SECRET, grant_types: [], introspect_any: true },
  ],
  users: [{ ...USER, email: "ada@example.com" }],
};

/** The id of a client with an awkward secret: awkward in the same way, and not the secret itself. */
export function awkwardId(method: string, kind: string): string {
  const reversed = [...(AWKWARD[kind] ?? "nialp")].reverse().join("");
  return `${method}/${kind}/${reversed}`;
}

/** Which secrets of the parties, and which beginnings of tokens and codes, a text holds. */
export function secretsIn(text: string): readonly string[] {
  const marks = [SECRET, USER.password, ...Object.values(AWKWARD), "tsr_", "tsc_", "tsa_", "eyJ"];
  return marks.filter((mark) => text.includes(mark));
}

/** Whatever the promise rejects with; undefined when it does not. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Windows so wide that a slow machine cannot fall out of them. */
const PATIENT = {
  CODE_LIFETIME_SECONDS: "600",
  REFRESH_GRACE_SECONDS: "600",
  REFRESH_GRACE_PUBLIC_SECONDS: "600",
};

/** A server process whose database holds {@linkcode PARTIES}. */
export async function populatedServer(options: ProcessOptions = {}): Promise<ServerProcess> {
  const server = await serverProcess({ environment: PATIENT, ...options });
  await importParties(server, PARTIES);
  return server;
}
