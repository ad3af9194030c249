/** curl as an integrator uses it, with a client certificate. */
import { join } from "node:path";
import type { IssuedCertificate } from "./certificates.ts";
import { temporaryFolder } from "./databases.ts";

/** What curl is told. */
export interface CurlOptions {
  /** CA of the server's certificate. */
  readonly trusted: IssuedCertificate;
  /** The client's own certificate, and those to send behind it. */
  readonly certificate?: IssuedCertificate | undefined;
  readonly chain?: readonly IssuedCertificate[];
  readonly http?: "1.1" | "2";
  readonly form?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** Options as they are, such as `--tls-max`. */
  readonly more?: readonly string[];
}

/** The answer that curl got; status 0 where it got none. */
export interface CurlAnswer {
  readonly status: number;
  readonly http: string;
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly error: string;
}

/** Sends one request; every host is this machine. */
export async function curl(url: string, options: CurlOptions): Promise<CurlAnswer> {
  const { certificate, chain = [], form, headers = {}, http = "1.1", more = [] } = options;
  const folder = temporaryFolder();
  const file = async (name: string, ...texts: readonly string[]) => {
    const path = join(folder, name);
    await Bun.write(path, texts.join(""));
    return path;
  };
  const identity = certificate && [
    "--cert",
    await file("client.pem", certificate.pem, ...chain.map(({ pem }) => pem)),
    "--key",
    await file("client.key", certificate.keyPem),
  ];
  const { hostname, port } = new URL(url);
  const args = [
    ...["--silent", "--show-error", "--max-time", "20", `--http${http}`],
    ...["--resolve", `${hostname}:${port}:127.0.0.1`],
    ...["--cacert", await file("ca.pem", options.trusted.pem)],
    ...["--write-out", "\\n%{http_code} %{http_version}"],
    ...(identity ?? []),
    ...Object.entries(form ?? {}).flatMap(([name, value]) => [
      "--data-urlencode",
      `${name}=${value}`,
    ]),
    ...Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
    ...more,
    url,
  ];
  const child = Bun.spawn(["curl", ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const [, text = "", status = "0", version = ""] = /^([\s\S]*)\n(\d+) (\S+)$/.exec(stdout) ?? [];
  const json = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: Number(status), http: version, text, json, error };
}
