/** A page's elements in the order of the document, by Bun's own HTML parser. */
export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** All elements of the page. */
export function elementsOf(html: string): readonly Element[] {
  const found: Element[] = [];
  new HTMLRewriter()
    .on("*", {
      element(element) {
        found.push({ tag: element.tagName, attributes: Object.fromEntries(element.attributes) });
      },
    })
    .transform(html);
  return found;
}

/**
 * What would keep a page from being read by everybody or from running under our policy; an empty
 * list for a good page. Each line names the rule and the element.
 */
export function faultsOf(html: string): readonly string[] {
  const elements = elementsOf(html);
  const ids = elements.flatMap(({ attributes }) => attributes["id"] ?? []);
  const labels = elements.flatMap(({ tag, attributes }) =>
    tag === "label" ? (attributes["for"] ?? "") : [],
  );
  const levels = elements.flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? Number(tag[1]) : []));
  return [
    ...elements.flatMap(({ tag, attributes }) => [
      ...Object.keys(attributes)
        .filter((name) => name.startsWith("on") || name === "style")
        .map((name) => `inline ${name} on ${tag}`),
      ...["aria-describedby", "aria-labelledby"]
        .flatMap((name) => attributes[name]?.split(" ") ?? [])
        .filter((id) => !ids.includes(id))
        .map((id) => `${tag} points to the missing id ${id}`),
    ]),
    ...elements
      .filter(({ tag }) => tag === "input" || tag === "textarea")
      .filter(({ attributes }) => attributes["type"] !== "hidden")
      .flatMap(({ attributes }) => [
        ...(labels.includes(attributes["id"] ?? "-") ? [] : [`no label: ${attributes["name"]}`]),
        ...(attributes["autocomplete"] ? [] : [`no autocomplete: ${attributes["name"]}`]),
      ]),
    ...elements
      .filter(({ tag, attributes }) => tag === "script" && attributes["src"] === undefined)
      .map(() => "inline script"),
    ...elements.filter(({ tag }) => tag === "style").map(() => "inline style sheet"),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id ${id} twice`),
    ...levels
      .filter((level, index) => index > 0 && level > (levels[index - 1] ?? 0) + 1)
      .map((level) => `heading h${level} skips one`),
    ...(levels.filter((level) => level === 1).length === 1 ? [] : ["not exactly one h1"]),
    ...(levels[0] === 1 ? [] : ["the first heading is no h1"]),
    ...["main", "header", "title"]
      .filter((tag) => !elements.some((element) => element.tag === tag))
      .map((tag) => `no ${tag}`),
  ];
}
