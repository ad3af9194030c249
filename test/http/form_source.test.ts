import { describe, expect, test } from "bun:test";
import { formSource } from "../../src/http/page_answer.ts";

describe("formSource() (CSP Level 3 §2.3.1)", () => {
  test.each([
    ["https://app.example/cb?x=1", "https:"],
    ["http://127.0.0.1:8080/cb", "http:"],
    ["com.example.app:/cb", "com.example.app:"],
    ["com.example.app://my_host/cb", "com.example.app:"],
    ["http://[::1]:9000/cb", "http:"],
    ["https://[2001:db8::1]/cb;x", "https:"],
  ])("%s is %s", (uri, source) => {
    expect(formSource(uri)).toBe(source);
  });

  test.each(["https://my_app.example/cb", "https://a;b.example/cb", "https://*.example/cb"])(
    "attack 6: %s, whose host the grammar does not take, opens the form to nobody",
    (uri) => {
      expect(formSource(uri)).toBeUndefined();
    },
  );
});
