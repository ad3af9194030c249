import { describe, expect, test } from "bun:test";
import { checkDestination } from "../../src/protocol/authorization_request.ts";
import { client, refusal } from "../support/authorization_request.ts";

describe("RFC 9700 §2.1 redirect URIs match exactly", () => {
  const REGISTERED = "https://app.example/cb?a=1";
  const asker = client({
    redirect_uris: [
      REGISTERED,
      "http://127.0.0.1:8080/cb",
      "http://[::1]/cb",
      "com.example.app:/cb",
      "http://localhost:9000/cb",
    ],
  });
  const judge = (redirect_uri: string) =>
    refusal(() => checkDestination(new Map([["redirect_uri", redirect_uri]]), asker))[0];

  test.each([
    REGISTERED,
    "http://127.0.0.1:8080/cb",
    "http://127.0.0.1:49152/cb",
    "http://127.0.0.1/cb",
    "http://[::1]:5000/cb",
    "com.example.app:/cb",
    "http://localhost:9000/cb",
  ])("%s is one (RFC 8252 §7.3)", (uri) => {
    expect(judge(uri)).toBeUndefined();
  });

  test.each([
    "https://app.example/cb",
    "https://app.example/cb?a=1&b=2",
    "https://app.example/cb?a=1&",
    "https://app.example/cb?A=1",
    "https://app.example/cb/?a=1",
    "https://app.example/CB?a=1",
    "https://APP.example/cb?a=1",
    "HTTPS://app.example/cb?a=1",
    "https://app.example:443/cb?a=1",
    "https://app.example./cb?a=1",
    "https://app.example/./cb?a=1",
    "https://app.example/x/../cb?a=1",
    "https://app.example/%63b?a=1",
    "https://app.example//cb?a=1",
    "http://app.example/cb?a=1",
    "https://app.example.evil.example/cb?a=1",
    "https://evil.example/cb?a=1",
    "https://evil.example/?https://app.example/cb?a=1",
    "http://localhost:9001/cb",
    "http://localhost/cb",
    "http://127.0.0.1:8080/cb/",
    "http://127.0.0.1:8080/cb?x",
    "http://127.0.0.1:8080/other",
    "https://127.0.0.1:8080/cb",
    "http://127.0.0.2:8080/cb",
    "http://127.1:8080/cb",
    "http://127.0.0.1:8080:80/cb",
    "http://127.0.0.1:99999/cb",
    "http://127.0.0.1:8080@evil.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "com.example.app:/cb/x",
    "com.example.app://cb",
    "https://app.example/cb?a=1#",
    "https://app.example/cb?a=1#x",
    "https://user@app.example/cb?a=1",
    "/cb?a=1",
    "//app.example/cb?a=1",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://app.example/cb?a=1",
    "https://app.example/cb?a=1\t",
    "https://app.example\\@evil.example/cb",
  ])("attack 5: %s is none", (uri) => {
    expect(judge(uri)).toMatch(/^redirect_uri_(unregistered|malformed)$/);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "https://a@b.example/",
    "https://a.example/#f",
  ])("attack 6: %s goes nowhere though it stands in the registration", (uri) => {
    const trusting = client({ redirect_uris: [uri] });
    const params = new Map([["redirect_uri", uri]]);
    expect(refusal(() => checkDestination(params, trusting))[0]).toBe("redirect_uri_malformed");
  });

  test("an absent one is not guessed", () => {
    expect(refusal(() => checkDestination(new Map(), asker))[0]).toBe("redirect_uri_missing");
  });
});
