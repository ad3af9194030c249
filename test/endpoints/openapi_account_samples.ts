/** What the pages of one's account and resources answer, to be held to the document. */
import { sessionOf } from "../support/sign_in.ts";
import { cookieOf, OWN, type Pages, type Sample } from "./openapi_page_fixture.ts";

/** The samples by operation, without what all pages and forms answer alike. */
export function accountSamples(pages: Pages): Readonly<Record<string, readonly Sample[]>> {
  const { server, signedIn, post } = pages;
  const shown = (path: string, query = ""): readonly Sample[] => [
    [
      "for who is signed in",
      200,
      async (headers) =>
        server.get(path + query, { ...headers, Cookie: cookieOf(await signedIn()) }),
    ],
    ["for nobody", 303, (headers) => server.get(path, headers)],
  ];
  const sent =
    (path: string, form: Record<string, string>): Sample[2] =>
    async (headers) => {
      const browser = await signedIn();
      const session = (await sessionOf(browser)) ?? "";
      const all = { ...OWN, ...headers, Cookie: cookieOf(browser) };
      return server.post(path, { session, ...form }, { headers: all });
    };
  const id = "0".repeat(64);
  const ids = { request: id, version: "1.1", access: id, refusal: id };
  return {
    "GET /account": shown("/account"),
    "POST /account": [
      ["nobody signed in", 303, post("/account", { action: "sign_out_all" })],
      ...["sign_out", "withdraw", "sign_out_all", "x"].map(
        (action): Sample => [action, 303, sent("/account", { action, client: "app" })],
      ),
    ],
    "GET /account/resources": shown(
      "/account/resources",
      "?requests_from=1&access_from=1&refusals_from=1&resources_from=1",
    ),
    "POST /account/resources": [
      ["nobody signed in", 303, post("/account/resources", { action: "approve" })],
      ...["approve", "deny", "withdraw", "lift", "x"].map(
        (action): Sample => [action, 303, sent("/account/resources", { action, ...ids })],
      ),
    ],
  };
}
