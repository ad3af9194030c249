import { PinRefusal, pinRefusalExample } from "./schemas.ts";

/** Responses as an OpenAPI operation has them, by status. */
type Responses = Readonly<Record<string, { readonly content?: object }>>;

/** Refusals of `/solve` that say what is left, by status. */
const ROWS = {
  403: { name: "pin_incorrect", code: 9758, exhausted: false },
  429: { name: "challenge_exhausted", code: 9757, exhausted: true },
} as const;

/** The operation of `/solve`: refusals of a PIN carry the members of `InvalidPinResponse`. */
export function withPinRefusals<T extends { readonly responses: Responses }>(operation: T): T {
  const responses = Object.fromEntries(
    Object.entries(ROWS).map(([status, row]) => {
      const response = operation.responses[status];
      const { examples = {}, ...media } = jsonOf(response?.content);
      const shown = Object.entries(examples).map(([name, example]) => [
        name,
        name === row.name ? { ...example, value: pinRefusalExample(example.value, row) } : example,
      ]);
      const json = { ...media, schema: PinRefusal, examples: Object.fromEntries(shown) };
      return [status, { ...response, content: { ...response?.content, "application/json": json } }];
    }),
  );
  return { ...operation, responses: { ...operation.responses, ...responses } };
}

interface Media {
  readonly examples?: Readonly<Record<string, { readonly value: object }>>;
}

function jsonOf(content: object = {}): Media {
  return Object.hasOwn(content, "application/json")
    ? (content as { readonly "application/json": Media })["application/json"]
    : {};
}
