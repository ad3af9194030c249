/** README's session of UMA, by a shell and a server that knows nothing before. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { serverProcess } from "./support/process.ts";

setDefaultTimeout(120_000);

const [session = ""] = [
  ...(await Bun.file("README.md").text()).matchAll(/^```bash\n([\s\S]*?)^```$/gm),
]
  .map(([, code = ""]) => code)
  .filter((code) => code.includes("/introspect"));

test("README's session of UMA works as pasted", async () => {
  const server = await serverProcess();
  const child = Bun.spawn(["bash", "-eu", "-o", "pipefail", "-c", session], {
    env: {
      ...Bun.env,
      ISSUER: server.issuer,
      DATABASE_URL: server.url,
      TESSERA_SECRET: server.secret,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, complaints] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect([await child.exited, complaints.replaceAll(/^\$ .*\n/gm, "")]).toEqual([0, ""]);
  const told = JSON.parse(text.slice(text.lastIndexOf('{"active"')));
  expect(told).toMatchObject({
    active: true,
    client_id: "printer",
    username: "bob",
    aud: "photos",
    permissions: [{ resource_scopes: ["view"] }],
  });
  await server.stop();
});
