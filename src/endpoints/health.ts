import { Elysia, t } from "elysia";
import type { Context } from "../http/context.ts";
import { publicOperation } from "../http/form_docs.ts";
import { peerOf } from "../http/peer.ts";
import { NO_STORE, noStore } from "../http/responses.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { hashSecret, isSecretOf } from "../services/ids.ts";
import type { Services } from "../services/services.ts";

/** OpenAPI security scheme of `/metrics`. */
export const metricsScheme = {
  metrics_token: { type: "http", scheme: "bearer", description: "The setting METRICS_TOKEN" },
};

/** How long the database may take to show that it is there, in milliseconds. */
const READY_WAIT_MS = 2_000;

const Status = (value: string) => t.Object({ status: t.String({ enum: [value] }) });

/** `GET /health/live`, `GET /health/ready` and `GET /metrics`: for those who operate the server. */
export function healthEndpoint({ services }: Context) {
  const { issuer } = services;
  const tag = "Operations";
  return new Elysia({ name: "health" })
    .get("/health/live", () => noStore({ status: "live" }), {
      detail: publicOperation(issuer, {
        operationId: "getLiveness",
        tag,
        summary: "Whether the process runs",
        responses: {
          200: {
            description: "It does",
            schema: Status("live"),
            examples: { live: { status: "live" } },
          },
        },
      }),
    })
    .get("/health/ready", () => ready(services), {
      detail: publicOperation(issuer, {
        operationId: "getReadiness",
        tag,
        summary: "Whether requests can be answered",
        responses: {
          200: {
            description: "The database answers",
            schema: Status("ready"),
            examples: { ready: { status: "ready" } },
          },
        },
        errors: ["store_timed_out"],
      }),
    })
    .get("/metrics", ({ request }) => metrics(request, services), {
      detail: {
        ...publicOperation(issuer, {
          operationId: "getMetrics",
          tag,
          summary: "Counters in the text format of Prometheus",
          description: "For callers on this machine, and for bearers of the metrics token.",
          responses: {
            200: {
              description: "The counters",
              schema: t.String(),
              mediaType: METRICS_TYPE,
              examples: { counters: METRICS_EXAMPLE },
            },
          },
          errors: ["metrics_refused"],
        }),
        security: [{}, { metrics_token: [] }],
      },
    });
}

/** 200 while the database answers. Throws `store_timed_out` when it fails or takes too long. */
async function ready({ store }: Services): Promise<Response> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("The database takes too long")), READY_WAIT_MS);
  try {
    await Promise.race([store.ping(), late]);
    return noStore({ status: "ready" });
  } catch (cause) {
    throw new OAuthError("store_timed_out", { cause, headers: { "Retry-After": "1" } });
  } finally {
    clearTimeout(timer);
  }
}

const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const METRICS_EXAMPLE = `# HELP tessera_tokens_issued_total Token responses by grant type
# TYPE tessera_tokens_issued_total counter
tessera_tokens_issued_total{grant_type="client_credentials"} 12
`;

/** Counters for callers on this machine, or with the metrics token. Throws `metrics_refused`. */
function metrics(request: Request, { settings, metrics: counters }: Services): Response {
  const address = peerOf(request)?.address ?? "";
  const local =
    /^(127\.|::1$|::ffff:127\.)/.test(address) && !request.headers.has("x-forwarded-for");
  const [, bearer = ""] = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const token = settings.metricsToken;
  if (!local && (token === undefined || !isSecretOf(hashSecret(token), bearer))) {
    throw new OAuthError("metrics_refused");
  }
  return new Response(counters.render(), {
    headers: { ...NO_STORE, "Content-Type": METRICS_TYPE },
  });
}
