import { Elysia } from "elysia";
import type { Context } from "../http/context.ts";
import { peerOf } from "../http/peer.ts";
import { noStore } from "../http/responses.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { hashSecret, isSecretOf } from "../services/ids.ts";
import type { Services } from "../services/services.ts";

/** `GET /health/live`, `GET /health/ready` and `GET /metrics`: for those who operate the server. */
export function healthEndpoint({ services }: Context) {
  const operation = (summary: string, description: string) => ({
    detail: { summary, tags: ["Operations"], responses: { 200: { description } } },
  });
  return new Elysia({ name: "health" })
    .get(
      "/health/live",
      () => noStore({ status: "live" }),
      operation("Whether the process runs", "It does"),
    )
    .get(
      "/health/ready",
      async () => {
        await services.store.ping();
        return noStore({ status: "ready" });
      },
      operation("Whether requests can be answered", "The database answers"),
    )
    .get(
      "/metrics",
      ({ request }) => metrics(request, services),
      operation("Counters in the text format of Prometheus", "The counters"),
    );
}

/** Counters for callers on this machine, or with the metrics token. Throws `metrics_refused`. */
function metrics(request: Request, { settings, metrics: counters }: Services): Response {
  const address = peerOf(request)?.address ?? "";
  const local =
    /^(127\.|::1$|::ffff:127\.)/.test(address) && !request.headers.has("x-forwarded-for");
  const [, bearer = ""] = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
  const token = settings.metricsToken;
  if (!local && (token === undefined || !isSecretOf(hashSecret(token), bearer))) {
    throw new OAuthError("metrics_refused");
  }
  return new Response(counters.render(), {
    headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
  });
}
