import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { DEMO } from "../../src/admin/demo.ts";
import { openBrowser } from "../support/browser.ts";
import { type Child, startChild } from "../support/child.ts";
import { DATABASES, freePort, freshDatabase, temporaryFolder } from "../support/databases.ts";
import { signIn } from "../support/sign_in.ts";

setDefaultTimeout(180_000);

interface Environment extends Readonly<Record<string, string>> {
  readonly PORT: string;
  readonly DATABASE_URL: string;
}

/** A free port and an empty database, as a developer has them. */
async function environmentOf(database: (typeof DATABASES)[number]): Promise<Environment> {
  return {
    PORT: String(await freePort()),
    DATABASE_URL: await freshDatabase(database),
    ...(database === "postgres" && { TESSERA_SECRET: randomBytes(32).toString("base64") }),
  };
}

/** Starts `bun src/dev.ts` and waits until it has said all that it says. */
async function startDev(environment: Environment): Promise<{ child: Child; welcome: string }> {
  const child = startChild(["src/dev.ts"], environment);
  const welcome = await child.says("stdout", "bun run admin --help\n");
  return { child, welcome };
}

const stop = (child: Child) => {
  child.kill("SIGTERM");
  return child.finished;
};

const admin = (environment: Environment, ...args: string[]) =>
  startChild(["run", "--silent", "admin", ...args], environment).finished;

/** Everything between the line that says so and the next empty line. */
const pasteable = (welcome: string) => /into bash:\n\n(.*?)\n\n/s.exec(welcome)?.[1] ?? "";

const paste = async (lines: string, environment: Record<string, string> = {}) => {
  const env = { PATH: Bun.env["PATH"] ?? "", ...environment };
  const bash = Bun.spawn(["bash", "-c", lines], { env, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([bash.stdout.text(), bash.stderr.text()]);
  return { exitCode: await bash.exited, stdout, stderr };
};

describe.each(DATABASES)("bun run dev on a fresh %s", (database) => {
  test("prints lines that work as pasted, and where the documents are", async () => {
    const environment = await environmentOf(database);
    const { child, welcome } = await startDev(environment);
    const base = `http://localhost:${environment.PORT}`;
    expect(welcome).toContain(`Tessera listens on ${base}\n`);
    expect(welcome).toContain(`docs      ${base}/docs\n`);
    expect((await fetch(`${base}/docs`)).status).toBe(200);
    expect(welcome).not.toContain("postgres:postgres");

    const pasted = await paste(pasteable(welcome));
    expect(pasted).toMatchObject({ exitCode: 0, stderr: "" });
    const answers = pasted.stdout.trim().split("\n");
    const [service, user, refreshed, active, revoked, inactive, sent, ...more] = answers;
    expect(more).toEqual([]);
    expect(JSON.parse(service ?? "")).toMatchObject({ token_type: "Bearer", scope: "api1" });
    expect(JSON.parse(user ?? "")).toHaveProperty("refresh_token");
    expect(JSON.parse(refreshed ?? "")).toHaveProperty("refresh_token");
    expect(JSON.parse(active ?? "")).toMatchObject({ active: true, client_id: "demo" });
    expect(revoked).toBe("revoked: 200");
    expect(JSON.parse(inactive ?? "")).toEqual({ active: false });
    expect(sent).toBe("code sent: 200");
    await child.says("stdout", "Code for demo@example.com: ");

    const [ownClient = ""] = /^bun run admin client add .*$/m.exec(welcome) ?? [];
    const added = await paste(ownClient, environment);
    expect(JSON.parse(added.stdout)).toHaveProperty("client_secret");
    expect(await stop(child)).toMatchObject({ exitCode: 0 });
  });

  test("seeds once: what was changed since stays changed, what was deleted stays deleted", async () => {
    const environment = await environmentOf(database);
    await stop((await startDev(environment)).child);
    const set = ["user", "set-password", "demo", "--password=mine"];
    expect((await admin(environment, ...set)).exitCode).toBe(0);
    const changed = await startDev(environment);
    expect(changed.welcome).toContain("was changed or deleted");
    expect(changed.welcome).not.toContain("curl");
    const answer = await fetch(`http://localhost:${environment.PORT}/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa("demo:demo-secret")}` },
      body: new URLSearchParams({
        grant_type: "password",
        username: "demo",
        password: "mine",
        scope: "api1",
      }),
    });
    expect(answer.status).toBe(200);
    await stop(changed.child);

    expect((await admin(environment, "client", "delete", "demo")).exitCode).toBe(0);
    expect((await admin(environment, "user", "delete", "demo")).exitCode).toBe(0);
    await stop((await startDev(environment)).child);
    expect((await admin(environment, "client", "list")).stdout).toBe("");
    expect((await admin(environment, "user", "list")).stdout).toBe("");
  });
});

describe("bun run dev", () => {
  test("prints an address at which the demo user signs in, and shows the line that redeems the code", async () => {
    const environment = await environmentOf("sqlite");
    const { child, welcome } = await startDev(environment);
    const base = `http://localhost:${environment.PORT}`;
    const [authorize = ""] = /^http:\S+\/authorize\?\S+$/m.exec(welcome) ?? [];
    const handle = (request: Request) => fetch(request, { redirect: "manual" });
    const browser = openBrowser({ server: { handle } }, base);
    const consent = await signIn(browser, DEMO.username, {
      password: DEMO.password,
      page: await browser.open(authorize),
    });
    expect(consent.url.pathname).toBe("/consent");
    const back = await browser.submit(consent, {}, { button: "allow" });
    expect(back.url.href).toStartWith(`http://127.0.0.1:${environment.PORT}/callback?code=tsc_`);

    const shown = await (await fetch(back.url)).text();
    const { exitCode, stdout } = await paste(shown.split("\n\n")[1] ?? "");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      scope: "openid profile email api1",
      id_token: expect.any(String),
    });
    const odd = await fetch(`${base}/callback?code=x%3Brm&error=%3Cb%3E`);
    expect(odd.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await odd.text()).toBe("There is no code: \n");
    await stop(child);
  });

  test("leaves a client and a user alone who are called demo", async () => {
    const environment = await environmentOf("sqlite");
    const own = ["--id=demo", "--secret=own", "--grant-type=client_credentials"];
    expect((await admin(environment, "client", "add", ...own)).exitCode).toBe(0);
    const { child, welcome } = await startDev(environment);
    expect(welcome).toContain('Somebody else is called "demo"');
    await stop(child);
    const shown = JSON.parse((await admin(environment, "client", "show", "demo")).stdout);
    expect(shown).toMatchObject({ origin: "admin", grant_types: ["client_credentials"] });
    expect((await admin(environment, "user", "list")).stdout).toBe("");
  });

  test("two first starts at once seed one demo", async () => {
    const environment = await environmentOf("sqlite");
    const other = { ...environment, PORT: String(await freePort()) };
    const both = await Promise.all([startDev(environment), startDev(other)]);
    for (const { welcome } of both) {
      const pasted = await paste(pasteable(welcome));
      expect(pasted.stdout).toContain("revoked: 200");
    }
    await Promise.all(both.map(({ child }) => stop(child)));
    expect((await admin(environment, "user", "list")).stdout.trim().split("\n")).toHaveLength(1);
  });

  test.each(["", "production"])(
    "names PORT and the cure when it is taken (NODE_ENV=%p)",
    async (mode) => {
      const environment = await environmentOf("sqlite");
      const { child } = await startDev(environment);
      const second = { ...environment, NODE_ENV: mode };
      const { exitCode, stdout, stderr } = await startChild(["src/dev.ts"], second).finished;
      expect([exitCode, stdout]).toEqual([1, ""]);
      const free = Number(environment.PORT) + 1;
      expect(stderr).toBe(
        `error: PORT ${environment.PORT} is taken: end the process that listens there, or choose another port, for example PORT=${free}\n`,
      );
      await stop(child);
    },
  );

  test.each([
    ["PORT", { PORT: "http" }],
    ["ISSUER", { ISSUER: "ftp://x" }],
    ["DATABASE_URL", { DATABASE_URL: "mysql://x" }],
    ["DATABASE_URL", { DATABASE_URL: `sqlite:${import.meta.path}/x.db` }],
    ["TESSERA_SECRET", { TESSERA_SECRET: "short" }],
    ["TESSERA_SECRET", { DATABASE_URL: "postgres://localhost/x" }],
    ["CODE_LIFETIME_SECONDS", { CODE_LIFETIME_SECONDS: "0" }],
    ["HOST", { HOST: "host.invalid" }],
  ])("tells in one line that %s is wrong: %p", async (variable, wrong) => {
    const environment = { ...(await environmentOf("sqlite")), ...wrong };
    const { exitCode, stdout, stderr } = await startChild(["src/dev.ts"], environment).finished;
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(new RegExp(`^error: ${variable}\\b.*\n$`));
  });

  test("starts by `bun run dev` in a folder that has no database yet", async () => {
    const folder = temporaryFolder();
    const path = `${folder}/below/tessera.db`;
    const environment = { PORT: String(await freePort()), DATABASE_URL: `sqlite:${path}` };
    const child = startChild(["run", "dev"], environment);
    await child.says("stdout", "bun run admin --help\n");
    child.kill("SIGTERM");
    await child.finished;
    expect(await Bun.file(path).exists()).toBe(true);
  });
});
