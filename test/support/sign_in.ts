/** People with passwords and second factors, and their browsers, for tests of sign-in. */
import { expect } from "bun:test";
import type { Plugin } from "../../src/contracts.ts";
import { normalizeIdentifier } from "../../src/protocol/identifier.ts";
import { core, uma } from "../../src/server.ts";
import { newId } from "../../src/services/ids.ts";
import type { User } from "../../src/store/users.ts";
import { type Browser, openBrowser, type Page } from "./browser.ts";
import { type TestServer, type TestServerOptions, testServer } from "./server.ts";

/** The password of everybody in these tests. */
export const PASSWORD = "correct horse";

/** A code that was sent, and where to. */
export interface Sent {
  readonly address: string;
  readonly code: string;
}

/** A server whose codes the test reads instead of a person. */
export interface SignInTest extends TestServer {
  readonly sent: readonly Sent[];
  /** Adds a user with {@linkcode PASSWORD} and returns his id. */
  addPerson(person: Person): Promise<string>;
  openBrowser(): Browser;
}

/** A user to add. */
export interface Person {
  readonly username: string;
  readonly email?: string;
  readonly phone_number?: string;
  readonly secondFactor?: User["secondFactor"];
}

/** Opens a server for tests of sign-in. */
export async function signInTest(options: TestServerOptions = {}): Promise<SignInTest> {
  const sent: Sent[] = [];
  const mailbox = (addressType: "email" | "phone", field: string): Plugin => ({
    name: `mailbox ${addressType}`,
    deliveries: [
      {
        addressType,
        address: { type: "object", properties: {} } as never,
        async send({ address, code }) {
          sent.push({ address: address[field] ?? "", code });
        },
      },
    ],
  });
  const plugins = [
    core,
    mailbox("email", "CONTACT_EMAIL"),
    mailbox("phone", "CONTACT_PHONE"),
    ...(options.plugins ?? [uma()]),
  ];
  const server = await testServer({ ...options, plugins });
  return {
    ...server,
    sent,
    addPerson: (person) => addPerson(server, person),
    openBrowser: () => openBrowser(server, options.issuer),
  };
}

/** Fills in the sign-in page that the browser has come to; by itself it opens one. */
export async function signIn(
  browser: Browser,
  identifier: string,
  { password = PASSWORD, page }: { password?: string; page?: Page } = {},
): Promise<Page> {
  const form = page ?? (await browser.open("/login"));
  expect(form.text).toContain('name="password"');
  return browser.submit(form, { identifier, password }, { button: "password" });
}

/** The id of the session whose cookie the browser has; undefined when nobody is signed in. */
export async function sessionOf(browser: Browser): Promise<string | undefined> {
  const page = await browser.open("/account");
  if (page.url.pathname !== "/account") return undefined;
  const [, current = ""] = page.text.split('class="badge"');
  return /name="session" value="([^"]+)"/.exec(current)?.[1];
}

async function addPerson({ services }: TestServer, person: Person): Promise<string> {
  const id = newId();
  const at = services.now();
  const { username, email, phone_number: phone, secondFactor = null } = person;
  const row = {
    id,
    username,
    passwordHash: await services.passwords.hash(PASSWORD),
    phoneNumber: phone ?? null,
    email: email ?? null,
    secondFactor,
    claims: {},
    origin: "admin",
    createdAt: at,
    updatedAt: at,
    notBefore: at - 1,
  } as const;
  const identifiers = [username, email, phone].flatMap((text) =>
    text === undefined ? [] : [normalizeIdentifier(text)],
  );
  await services.store.writeParties({
    clients: [],
    users: [{ row, identifiers, passwordChanged: false }],
  });
  return id;
}
