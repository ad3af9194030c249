/** Where the browser of the demo client comes back to under `bun run dev`. */
import { Elysia } from "elysia";
import { NO_STORE } from "../http/responses.ts";
import { definePlugin } from "../plugin.ts";
import { DEMO } from "./demo.ts";

/** `GET /callback`: shows the line that redeems the code. */
export const demoCallback = definePlugin({
  name: "demo callback",
  routes: ({ issuer }) =>
    new Elysia({ name: "demo_callback" }).get(
      "/callback",
      ({ request }) => text(lines(new URL(request.url), issuer)),
      { detail: { hide: true } },
    ),
});

function lines({ origin, pathname, searchParams }: URL, issuer: string): readonly string[] {
  const [code = "", error = ""] = [searchParams.get("code"), searchParams.get("error")].map(word);
  if (code === "") return [`There is no code: ${error}`];
  const { clientId, clientSecret, codeVerifier } = DEMO;
  const form = {
    grant_type: "authorization_code",
    redirect_uri: `${origin}${pathname}`,
    code_verifier: codeVerifier,
    code,
  };
  const fields = Object.entries(form).map(([name, value]) => `-d ${name}=${value}`);
  return [
    "Here is the code. Redeem it within a minute; paste into bash:",
    "",
    `curl -sS -u ${clientId}:${clientSecret} ${fields.join(" ")} ${issuer}/token`,
  ];
}

/** The text where it is one plain word, else nothing: it is shown to be pasted into a shell. */
const word = (value: string | null) => (/^[\w-]+$/.test(value ?? "") ? (value ?? "") : "");

function text(shown: readonly string[]): Response {
  return new Response(`${shown.join("\n")}\n`, {
    headers: {
      ...NO_STORE,
      "Content-Type": "text/plain; charset=utf-8",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    },
  });
}
