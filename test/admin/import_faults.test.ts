import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { admin, fileOf, importFiles } from "../support/admin.ts";
import { DATABASES, freshDatabase, temporaryFolder } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

const good = { client_id: "good", client_secret: "s", grant_types: ["client_credentials"] };

/** What the store holds after an import that must have changed nothing. */
async function stored({ services: { store } }: TestServer) {
  const [clients, users] = await Promise.all([store.listClients(), store.listUsers()]);
  return { clients: clients.map(({ id }) => id), users: users.map(({ username }) => username) };
}

const NOTHING = { clients: [], users: [] };

describe.each(DATABASES)("a bad import file on %s", (database) => {
  test("is refused whole, with every fault's file, entry and field, and changes nothing", async () => {
    const server = await testServer({ database });
    const ended = await importFiles(
      server,
      [good],
      {
        clients: [
          {
            ...good,
            client_id: "ünï code",
            redirect_uris: ["javascript:alert(1)", "https://x/#f"],
          },
          { client_id: "c\u0007", client_secret: "s", scope: 7, contacts: ["a", 2] },
          { client_secret: "lonely" },
          { ...good, client_id: "f", profile: "evil", access_token_format: "jwt" },
          { ...good, client_id: "g", grant_types: ["magic"], default_scope: "x" },
          { ...good, client_id: " ", client_secret: "\ud800" },
          { ...good, client_id: "k", jwks: { keys: [{ kty: "EC", d: "private" }] } },
          { ...good, client_id: "t", "tos_uri#de": "javascript:x" },
        ],
        users: [
          { username: " ann" },
          { username: "bob", phone_number: "030 123", email: "Bob <bob@example.com>" },
          { username: "eve", claims: { email_verified: "no" } },
          { username: "joe", password: "", claims: [] },
          17,
        ],
      },
      [{ client_id: "both", username: "both" }, {}, null],
    );
    expect(ended.exitCode).toBe(1);
    expect(ended.err).toEqual([
      "error: file2.json: users[4]: must be an object",
      "error: file3.json: entry [0]: has client_id and username; it must be a client or a user",
      "error: file3.json: entry [1]: has neither client_id nor username",
      "error: file3.json: entry [2]: must be an object",
      'error: file2.json: clients[0] "ünï code": redirect_uris holds javascript:alert(1), which must not have the scheme javascript:',
      'error: file2.json: clients[0] "ünï code": redirect_uris holds https://x/#f, which is not an absolute URI without fragment',
      'error: file2.json: clients[1] "c\\u0007": client_id holds a character that is not printable',
      'error: file2.json: clients[1] "c\\u0007": scope must be text',
      'error: file2.json: clients[1] "c\\u0007": contacts[1] must be text',
      "error: file2.json: clients[2]: client_id is missing",
      'error: file2.json: clients[3] "f": access_token_format must be one of at+jwt, opaque',
      'error: file2.json: clients[3] "f": profile must be one of oauth, challenger',
      'error: file2.json: clients[4] "g": grant_types holds magic; this server has password, client_credentials, refresh_token, authorization_code, uma_ticket, urn:ietf:params:oauth:grant-type:uma-ticket',
      'error: file2.json: clients[4] "g": default_scope must be part of scope',
      'error: file2.json: clients[5] " ": client_id is blank or holds half a character',
      'error: file2.json: clients[5] " ": client_secret is blank or holds half a character',
      'error: file2.json: clients[6] "k": jwks holds a private key; register its public half',
      'error: file2.json: clients[7] "t": tos_uri#de is not an http or https address',
      'error: file2.json: users[0] " ann": username begins or ends with white space',
      'error: file2.json: users[1] "bob": phone_number is not an E.164 number such as +4930123456',
      'error: file2.json: users[1] "bob": email is not one e-mail address such as ann@example.com',
      'error: file2.json: users[2] "eve": claims.email_verified must be true or false',
      'error: file2.json: users[3] "joe": password is empty',
      'error: file2.json: users[3] "joe": claims must be an object',
      "error: nothing was changed",
    ]);
    expect(ended.out).toEqual([]);
    expect(await stored(server)).toEqual(NOTHING);
  });

  test("is refused for names that collide within the files", async () => {
    const server = await testServer({ database });
    const ended = await importFiles(
      server,
      [good, { username: "ann", email: "ann@example.com" }],
      [
        good,
        { username: "ANN@example.com" },
        { username: "bob", phone_number: "+4930123456" },
        { username: "+49 30 123456" },
      ],
    );
    expect(ended.err.filter((line) => !line.startsWith("warning"))).toEqual([
      'error: file2.json: entry [0] "good": client_id is that of file1.json: entry [0] "good" too',
      'error: file2.json: entry [1] "ANN@example.com": username leads to file1.json: entry [1] "ann" too',
      'error: file2.json: entry [3] "+49 30 123456": username leads to file2.json: entry [2] "bob" too',
      "error: nothing was changed",
    ]);
    expect(await stored(server)).toEqual(NOTHING);
  });

  test("is refused for names that somebody in the database has", async () => {
    const server = await testServer({ database });
    await importFiles(server, [{ username: "ann", email: "ann@example.com" }, { username: "bob" }]);
    const ended = await importFiles(server, [
      good,
      { username: "bob", email: "Ann@example.com" },
      { username: "ann@example.com" },
    ]);
    expect(ended.err).toContain(
      'error: file1.json: entry [1] "bob": email leads to the user "ann" already',
    );
    expect(ended.err).toContain(
      'error: file1.json: entry [2] "ann@example.com": username leads to the user "ann" already',
    );
    expect(await stored(server)).toEqual({ clients: [], users: ["ann", "bob"] });
  });

  test.each(["1e300", "9223372036854775808", "253402300800"])(
    "is refused for a secret that ends at %s, by entry and field",
    async (end) => {
      const server = await testServer({ database });
      const text = `[{"client_id":"c","client_secret":"s","grant_types":[],"client_secret_expires_at":${end}}]`;
      const ended = await importFiles(server, text);
      expect(ended.err).toEqual([
        'error: file1.json: entry [0] "c": client_secret_expires_at is more than 253402300799',
        "error: nothing was changed",
      ]);
      expect((await importFiles(server, text.replace(end, "253402300799"))).exitCode).toBe(0);
    },
  );

  test("attack 59: a client cannot be given the id of a user", async () => {
    const server = await testServer({ database });
    const id = await server.addUser({ username: "ann", password: "pw" });
    const ended = await importFiles(server, [{ ...good, client_id: id }]);
    expect(ended.exitCode).toBe(1);
    expect(ended.err[0]).toBe(
      `error: file1.json: entry [0] "${id}": client_id is the id of a user`,
    );
    const added = await admin(server, ["client", "add", `--id=${id}`, "--grant-type=password"]);
    expect(added.exitCode).toBe(1);
    expect((await stored(server)).clients).toEqual([]);
  });
});

describe("a file that is not JSON", () => {
  test.each([
    ["", "line 1, column 1: this is not JSON: ends too early: expected a value"],
    ["[\n  {},\n  ]", "line 3, column 3: this is not JSON: expected a value"],
    ['{"clients": [1 2]}', "line 1, column 16: this is not JSON: expected a comma or ]"],
    ["{'client_id': 1}", "line 1, column 2: this is not JSON: a character is out of place"],
    ['{"a": 01}', "line 1, column 7: this is not JSON: a character is out of place"],
    ['{"a": "x\ny"}', "line 1, column 9: this is not JSON: a character is out of place"],
    ['["\\x"]', "line 1, column 3: this is not JSON: a character is out of place"],
    ["[] []", "line 1, column 4: this is not JSON: expected the end of the file"],
    ['{"a":1,"\\u0061":2}', 'line 1, column 8: this is not JSON: repeats the name "\\u0061"'],
    ["[".repeat(100), "line 1, column 65: this is not JSON: nests deeper than 64 levels"],
    ["[1,,2]", "line 1, column 4: this is not JSON: expected a value"],
    ['"clients"', "holds neither a list nor an object"],
    ['{"clients": {}}', "clients must be a list"],
    [new Uint8Array([0xff, 0xfe, 0x5b, 0]), "is not UTF-8"],
  ])("%p", async (content, message) => {
    const server = await testServer();
    const ended = await importFiles(server, content, [good]);
    expect(ended.err[0]).toBe(`error: file1.json: ${message}`);
    expect(ended.exitCode).toBe(1);
    expect(await stored(server)).toEqual(NOTHING);
  });

  test("or not there is named", async () => {
    const server = await testServer();
    const ended = await admin(server, ["import", "/nowhere/at-all.json", await fileOf([good])]);
    expect(ended.err[0]).toBe("error: /nowhere/at-all.json: cannot be read (Error(ENOENT))");
    expect(await stored(server)).toEqual(NOTHING);
  });
});

/** A byte more than an import may have: white space around an empty list. */
const TOO_MUCH = "(head -c 67108863 /dev/zero | tr '\\0' ' '; printf '[]')";

describe("an import of more than 64 MiB", () => {
  test("through a pipe is refused, and no more is read", async () => {
    const server = await testServer();
    const pipe = join(temporaryFolder(), "pipe");
    await Bun.$`mkfifo ${pipe}`.quiet();
    const writer = Bun.spawn(["sh", "-c", `${TOO_MUCH} > "$0"`, pipe], { stderr: "ignore" });
    const ended = await admin(server, ["import", pipe]);
    expect(ended.err).toEqual([
      `error: ${pipe}: is larger than 67108864 bytes`,
      "error: nothing was changed",
    ]);
    await writer.exited;
  });

  test("or a password of more than 64 KiB, on standard input, is refused", async () => {
    const url = await freshDatabase("sqlite");
    const secret = Buffer.alloc(32, 7).toString("base64");
    const environment = { ...Bun.env, DATABASE_URL: url, TESSERA_SECRET: secret };
    const run = async (input: string, args: string) => {
      const line = `${input} | "${process.execPath}" src/cli.ts ${args}`;
      const child = Bun.spawn(["sh", "-c", line], {
        env: environment,
        stdin: "ignore",
        stderr: "pipe",
      });
      return [await child.exited, await new Response(child.stderr).text()];
    };
    expect(await run(TOO_MUCH, "import -")).toEqual([
      1,
      "error: -: is larger than 67108864 bytes\nerror: nothing was changed\n",
    ]);
    expect(
      await run("head -c 65537 /dev/zero", "user add --username=ann --password-stdin"),
    ).toEqual([1, "error: the password is larger than 65536 bytes\n"]);
  });
});

test("a message cannot move the operator's cursor or reorder his text", async () => {
  const server = await testServer();
  const bad = { ...good, client_id: "a\u202eb", grant_types: ["nonsense"] };
  const { err } = await importFiles(server, [bad]);
  expect(err[0]).toContain("a\\u{202e}b");
  const moving = await importFiles(server, [{ ...good, grant_types: ["\u001b[2J"] }]);
  expect(moving.err.join("\n")).not.toContain("\u001b");
});
