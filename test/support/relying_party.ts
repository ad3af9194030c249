/** A client's own server, on loopback, that takes logout tokens. */
import { afterAll } from "bun:test";

/** A relying party and what it was sent. */
export interface RelyingParty {
  /** Its `backchannel_logout_uri`. */
  readonly uri: string;
  /** The logout tokens that came, in their order. */
  readonly tokens: string[];
  /** Content types of the requests. */
  readonly types: (string | null)[];
}

/** Listens until the test file ends; `answer` is what each request gets. */
export function relyingParty(
  answer: () => Response | Promise<Response> = () => new Response(null, { status: 204 }),
): RelyingParty {
  const tokens: string[] = [];
  const types: (string | null)[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      types.push(request.headers.get("content-type"));
      tokens.push(new URLSearchParams(await request.text()).get("logout_token") ?? "");
      return answer();
    },
  });
  afterAll(() => server.stop(true));
  return { uri: `http://127.0.0.1:${server.port}/backchannel`, tokens, types };
}
