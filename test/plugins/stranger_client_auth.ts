import { defineClientAuth, definePlugin, isLiveSecret, t } from "../../src/plugin.ts";

/** The client's secret in the header `X-Api-Key`, beside its `client_id` in the form. */
const apiKey = defineClientAuth({
  name: "api_key",
  source: "https://keys.example/spec",
  evidence: "presented",
  params: t.Object({ client_id: t.String() }),
  scheme: { type: "apiKey", in: "header", name: "X-Api-Key" },
  claim(request, params) {
    const key = request.headers.get("x-api-key");
    const clientId = params.get("client_id") ?? "";
    return key === null ? undefined : { clientId, credential: { key } };
  },
  async verify({ key }, client, { now }) {
    return isLiveSecret(key, client, now()) && {};
  },
});

/** Clients that authenticate by an API key. */
export const apiKeys = definePlugin({ name: "api-keys", clientAuth: [apiKey] });
