/** The table of challenger.md B.4, as far as a changed member of a good request leads to its rows. */
import { RFC7636 } from "../support/codes.ts";
import { ISSUER } from "../support/server.ts";
import { EXCHANGE } from "./challenger_fixture.ts";

const HINTS = {
  25: "A required parameter in the request was missing.",
  26: "A parameter in the request was malformed.",
  53: "The service failed to fetch information from its database.",
  9750: "The client is unknown or unauthorized.",
  9751: "The client is not authorized to use the given redirect URI.",
  9753: "The grant is unknown to the service (it could also have expired).",
  9754: "The code given is not even well-formed.",
  9755: "The service is not aware of the referenced validation process.",
  9759: "The token cannot be valid as no address was ever provided by the client.",
} as const;

type Number = keyof typeof HINTS;

/** Status, `code`, `error`, `error_description` (the hint where undefined), `detail`, name of the row. */
export type Expected = readonly [
  number,
  Number,
  string,
  string | undefined,
  string | undefined,
  string,
];

/** The whole body that is expected. */
export const bodyOf = ([, code, error, description, detail, name]: Expected) => ({
  error,
  error_description: description ?? HINTS[code],
  code,
  hint: HINTS[code],
  ...(detail !== undefined && { detail }),
  error_uri: `${ISSUER}/docs/errors/${name}`,
});

const missing = (parameter: string, text: string, name: string): Expected => [
  400,
  25,
  "invalid_request",
  text,
  parameter,
  name,
];

/** Row of the table, what is changed in a request that would succeed, and the answer. */
export type Row = readonly [string, Record<string, string | undefined>, Expected];

/** The rows, with the parts of a good code. */
export const rowsOf = (nonce: string, mac: string): readonly Row[] => [
  [
    "2: grant_type missing",
    { grant_type: undefined },
    missing("grant_type", "the parameter grant_type is missing", "grant_type_missing"),
  ],
  ...["password", "client_credentials", "refresh_token", "nonsense"].map(
    (grant_type) =>
      [
        `3: grant_type ${grant_type}`,
        { grant_type },
        [
          400,
          26,
          "unsupported_grant_type",
          "the grant type is not supported",
          "grant_type",
          "grant_type_unsupported",
        ],
      ] as const,
  ),
  [
    "4: client_id missing",
    { client_id: undefined },
    missing("client_id", "the parameter client_id is missing", "parameter_missing"),
  ],
  [
    "4: redirect_uri missing",
    { redirect_uri: undefined },
    missing(
      "redirect_uri",
      "Based on the RFC-3986 the redirection-uri is not well formed",
      "redirect_uri_missing",
    ),
  ],
  [
    "4: client_secret missing",
    { client_secret: undefined },
    missing("client_secret", "the parameter client_secret is missing", "parameter_missing"),
  ],
  [
    "4: code missing",
    { code: undefined },
    missing("code", "the parameter code is missing", "code_missing"),
  ],
  ...["exchange", "1.0", "-1", "01", "9".repeat(40)].map(
    (client_id) =>
      [
        `5: client_id ${client_id}`,
        { client_id },
        [
          400,
          26,
          "invalid_request",
          "the parameter client_id is malformed",
          "client_id",
          "parameter_malformed",
        ],
      ] as const,
  ),
  [
    "6: unknown id",
    { client_id: "99" },
    [404, 9750, "invalid_client", "the client doesn't exist", undefined, "client_unknown"],
  ],
  [
    "6: wrong secret",
    { client_secret: "secret-token:wrong" },
    [
      401,
      9750,
      "invalid_client",
      "the client cannot be authenticated with secret post",
      undefined,
      "client_secret_post_failed",
    ],
  ],
  [
    "7: redirect_uri that is not registered",
    { redirect_uri: `${EXCHANGE.redirectUri}/` },
    [
      401,
      9751,
      "invalid_grant",
      `the redirect url ${EXCHANGE.redirectUri}/ doesn't exist or is not valid`,
      "redirect_uri",
      "code_redirect_uri_unregistered",
    ],
  ],
  ...["x", "-", nonce, `${nonce}-`, `-${mac}`, `${nonce}-${mac}-${mac}`, `${nonce}-U${mac}`].map(
    (broken) =>
      [
        `8: code ${broken.replaceAll(nonce, "NONCE").replaceAll(mac, "MAC")}`,
        { code: broken },
        [401, 9754, "invalid_grant", undefined, undefined, "code_undecodable"],
      ] as const,
  ),
  [
    "9: unknown process",
    { code: `${"0".repeat(52)}-${mac}` },
    [401, 9755, "invalid_grant", undefined, undefined, "code_process_unknown"],
  ],
  ...[
    ["11: another MAC", { code: `${nonce}-${"0".repeat(52)}` }],
    ["11: another client", { client_id: "2" }],
  ].map(
    ([row, changes]) =>
      [
        row,
        changes,
        [
          401,
          9753,
          "invalid_grant",
          "the authorization code is not correct",
          undefined,
          "code_incorrect",
        ],
      ] as [string, Record<string, string>, Expected],
  ),
  [
    "12: a verifier though no challenge was stored",
    { code_verifier: RFC7636.verifier },
    [
      401,
      9753,
      "invalid_grant",
      "the code verifier is not correct",
      "code_verifier",
      "code_verifier_incorrect",
    ],
  ],
];
