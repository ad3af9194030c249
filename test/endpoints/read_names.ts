/** What a server asks a request's parameters for, seen by marking the request and watching maps. */
import { expect } from "bun:test";

/** The parameter that a watched request must carry; it is not among the names that are told. */
export const MARK = "x-marked-form";

/** Every name that the server asks the marked parameters for, while it answers with the status. */
export async function readNames(
  send: () => Promise<Response>,
  status: number,
): Promise<readonly string[]> {
  const names = new Set<string>();
  const { get, has } = Map.prototype;
  const watch = (map: Map<unknown, unknown>, name: unknown) => {
    if (typeof name === "string" && has.call(map, MARK)) names.add(name);
  };
  Map.prototype.get = function (name) {
    watch(this, name);
    return get.call(this, name);
  };
  Map.prototype.has = function (name) {
    watch(this, name);
    return has.call(this, name);
  };
  try {
    const response = await send();
    expect(`${response.status} ${await response.text()}`).toStartWith(String(status));
  } finally {
    Map.prototype.get = get;
    Map.prototype.has = has;
  }
  return [...names].filter((name) => name !== MARK).sort();
}
