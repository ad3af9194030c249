/** A browser without a window: keeps cookies, follows our redirects and posts the forms of our pages. */
import { ISSUER, type TestServer } from "./server.ts";

/** A form as it stands in a page. */
export interface PageForm {
  readonly action: string;
  readonly method: string;
  /** Names and values of inputs as they are before anybody types. */
  readonly fields: Readonly<Record<string, string>>;
  /** Buttons that send a name and a value of their own. */
  readonly buttons: readonly { readonly name: string; readonly value: string }[];
}

/** Where the browser has come to a stop. */
export interface Page {
  /** The URL of the answer, or the foreign one that the browser was sent to. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly forms: readonly PageForm[];
  /** Statuses and places on the way here. */
  readonly hops: readonly { readonly status: number; readonly location: string }[];
}

/** How a page is asked for. */
export interface Navigation {
  readonly method?: "GET" | "POST";
  readonly body?: Readonly<Record<string, string>> | string;
  /** The page that sends the browser here is on another site. */
  readonly crossSite?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser of one person. */
export interface Browser {
  readonly cookies: Map<string, string>;
  open(url: string, navigation?: Navigation): Promise<Page>;
  /** Types into the page's form and sends it; `button` names the button that is pressed. */
  submit(
    page: Page,
    values?: Readonly<Record<string, string>>,
    options?: { form?: number; button?: string },
  ): Promise<Page>;
}

/** Redirects that are followed at most. */
const HOPS_MAX = 10;

/** What the browser sends its requests to. */
export interface Origin {
  readonly server: Pick<TestServer["server"], "handle">;
}

/** Opens a browser that talks to the server alone. */
export function openBrowser({ server }: Origin, issuer = ISSUER): Browser {
  const cookies = new Map<string, string>();

  async function send(url: URL, navigation: Navigation) {
    const { method = "GET", body } = navigation;
    const request = new Request(url.href, {
      method,
      headers: headersOf(url, navigation, cookies),
      ...(method === "POST" && {
        body: typeof body === "string" ? body : new URLSearchParams(body).toString(),
      }),
    });
    const response = await server.handle(request);
    for (const line of response.headers.getSetCookie()) keep(line);
    return response;
  }

  function keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals);
    if (attributes.some((attribute) => attribute.toLowerCase() === "max-age=0")) {
      cookies.delete(name);
    } else {
      cookies.set(name, pair.slice(equals + 1));
    }
  }

  async function open(address: string, navigation: Navigation = {}): Promise<Page> {
    let url = new URL(address, issuer);
    let response = await send(url, navigation);
    const hops: { status: number; location: string }[] = [];
    for (;;) {
      const location = response.headers.get("location");
      if (location === null) break;
      hops.push({ status: response.status, location });
      url = new URL(location, url);
      if (url.origin !== new URL(issuer).origin || hops.length > HOPS_MAX) {
        return {
          url,
          status: response.status,
          headers: response.headers,
          text: "",
          forms: [],
          hops,
        };
      }
      const { crossSite = false } = navigation;
      response = await send(url, { crossSite });
    }
    const text = await response.text();
    const { status, headers } = response;
    return { url, status, headers, text, forms: formsOf(text), hops };
  }

  return {
    cookies,
    open,
    submit(page, values = {}, { form: index = 0, button } = {}) {
      const form = page.forms[index];
      if (!form) throw new Error(`The page at ${page.url} has no form ${index}: ${page.text}`);
      const pressed = form.buttons.find(({ name, value }) => [name, value].includes(button ?? ""));
      if (button !== undefined && !pressed) throw new Error(`No button ${button}: ${page.text}`);
      return open(new URL(form.action || page.url, page.url).href, {
        method: form.method === "post" ? "POST" : "GET",
        body: { ...form.fields, ...values, ...(pressed && { [pressed.name]: pressed.value }) },
      });
    },
  };
}

function headersOf(
  url: URL,
  { method = "GET", crossSite = false, headers }: Navigation,
  cookies: ReadonlyMap<string, string>,
): Record<string, string> {
  const posts = method === "POST";
  const site = posts ? "same-origin" : "none";
  // Lax cookies come with a navigation from another site only when it is a GET.
  const shown = crossSite && posts ? [] : [...cookies].map((pair) => pair.join("="));
  return {
    Accept: "text/html,application/xhtml+xml,*/*;q=0.8",
    "Sec-Fetch-Site": crossSite ? "cross-site" : site,
    ...(posts && { Origin: crossSite ? "https://app.example" : url.origin }),
    ...(posts && { "Content-Type": "application/x-www-form-urlencoded" }),
    ...(shown.length > 0 && { Cookie: shown.join("; ") }),
    ...headers,
  };
}

function formsOf(html: string): readonly PageForm[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, tag = "", inner = ""]) => {
    const inputs = [...inner.matchAll(/<input\b([^>]*)>/g)]
      .map(([, attributes = ""]) => attributes)
      .filter((a) => !/type="(checkbox|radio)"/.test(a) || /\bchecked\b/.test(a));
    const buttons = [...inner.matchAll(/<button\b([^>]*)>/g)].map(([, attributes = ""]) => ({
      name: attribute(attributes, "name"),
      value: attribute(attributes, "value"),
    }));
    return {
      action: attribute(tag, "action"),
      method: attribute(tag, "method").toLowerCase(),
      fields: Object.fromEntries(
        inputs
          .filter((a) => attribute(a, "name") !== "")
          .map((a) => [attribute(a, "name"), attribute(a, "value")]),
      ),
      buttons: buttons.filter(({ name }) => name !== ""),
    };
  });
}

function attribute(tag: string, name: string): string {
  return decodeEntities(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
}

function decodeEntities(text: string): string {
  const characters: Readonly<Record<string, string>> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&amp;": "&",
  };
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => characters[entity] ?? entity);
}
