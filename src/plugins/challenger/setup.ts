import { Elysia } from "elysia";
import { readOptionalJsonObject } from "../../http/read_json.ts";
import { noStore } from "../../http/responses.ts";
import { answering, type Services } from "../../plugin.ts";
import { readPrefill } from "../../services/challenge_prefill.ts";
import { requireChallengerClient, setUpChallenge } from "../../services/challenges.ts";
import { setupDocs } from "./docs.ts";

/** `POST /setup/{client}`: a client begins a process, and gets its nonce. */
export function setupEndpoint(prefix: string, services: Services) {
  return new Elysia().post(
    `${prefix}/setup/:client`,
    ({ request, params }) => setup(request, params.client, services),
    { parse: "none", detail: setupDocs(services) },
  );
}

async function setup(request: Request, clientId: string, services: Services): Promise<Response> {
  return answering({ dialect: "challenger", clientId: undefined }, async () => {
    const header = request.headers.get("authorization") ?? "";
    const secret = /^Bearer +(\S.*?) *$/i.exec(header)?.[1];
    const client = await requireChallengerClient(clientId, secret, services);
    return answering({ dialect: "challenger", clientId: client.id }, async () => {
      const prefill = readPrefill(await readOptionalJsonObject(request), services);
      return noStore({ nonce: await setUpChallenge(client, prefill, services) });
    });
  });
}
