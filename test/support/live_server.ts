/** A server on a port, and an application on another one, for tests with a real browser. */
import { afterAll } from "bun:test";
import { freePort } from "./databases.ts";
import { type SignInTest, signInTest } from "./sign_in.ts";

/** The server under test and the site of its client. */
export interface LiveServer extends SignInTest {
  readonly issuer: string;
  readonly application: Application;
}

/** How an answer came to the application. */
export interface Answer {
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The client `app`: a site of its own, which keeps what it was answered. */
export interface Application {
  readonly origin: string;
  readonly redirectUri: string;
  /** The answers, as they arrived. */
  readonly answers: readonly Answer[];
  /** A page of this HTML, to be opened by the browser. */
  page(html: string): string;
}

/**
 * Starts both, and registers the client. Awaited at the top of a test file, they run until it ends.
 */
export async function liveServer(): Promise<LiveServer> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const server = await signInTest({ issuer });
  const listener = Bun.serve({
    port,
    hostname: "localhost",
    fetch: (request, connection) =>
      server.server.handle(request, connection.requestIP(request) ?? undefined),
  });
  const application = serveApplication();
  afterAll(() => listener.stop(true));
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    client_name: "Photo Book",
    redirect_uris: [application.redirectUri],
    scope: "openid profile email phone address offline_access photos:read",
    tos_uri: "https://app.example/terms",
    policy_uri: "https://app.example/privacy",
  });
  return { ...server, issuer, application };
}

/** URL of an authorization request by `app`. */
export function authorizeUrl(
  { issuer, application }: LiveServer,
  asked: Record<string, string> = {},
): string {
  const query = new URLSearchParams({
    client_id: "app",
    response_type: "code",
    scope: "openid email",
    state: "st",
    redirect_uri: application.redirectUri,
    ...asked,
  });
  return `${issuer}/authorize?${query}`;
}

function serveApplication(): Application {
  const answers: Answer[] = [];
  const pages: string[] = [];
  const listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const url = new URL(request.url);
      const html = (body: string) =>
        new Response(body, { headers: { "Content-Type": "text/html" } });
      if (url.pathname.startsWith("/page/"))
        return html(pages[Number(url.pathname.slice(6))] ?? "");
      if (url.pathname !== "/callback") return new Response(null, { status: 404 });
      const form = request.method === "POST" ? await request.text() : url.search;
      answers.push({
        method: request.method,
        fields: Object.fromEntries(new URLSearchParams(form)),
      });
      return html("<!doctype html><title>Photo Book</title><h1>Welcome back</h1>");
    },
  });
  afterAll(() => listener.stop(true));
  const origin = `http://127.0.0.1:${listener.port}`;
  return {
    origin,
    redirectUri: `${origin}/callback`,
    answers,
    page: (html) => `${origin}/page/${pages.push(html) - 1}`,
  };
}
