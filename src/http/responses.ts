/** Headers that keep an answer out of every cache (RFC 6749 §5.1). */
export const NO_STORE = { "Cache-Control": "no-store", Pragma: "no-cache" } as const;

/** A JSON answer that no cache may keep. */
export function noStore(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: NO_STORE });
}

/** An empty 200 that no cache may keep (RFC 7009 §2.2). */
export function emptyNoStore(): Response {
  return new Response(null, { status: 200, headers: NO_STORE });
}

/** A public JSON document that caches may keep for a while. */
export function cacheable(body: unknown, maxAgeSeconds: number): Response {
  return Response.json(body, {
    headers: { "Cache-Control": `public, max-age=${maxAgeSeconds}` },
  });
}

/** An HTML page that runs nothing and loads nothing but what `policy` adds. */
export function htmlPage(html: string, { status = 200, policy = "" } = {}): Response {
  return new Response(html, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'${policy}`,
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-store",
    },
  });
}
