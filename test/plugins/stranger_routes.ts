import { Elysia } from "elysia";
import {
  addresseeOf,
  answering,
  authenticateClient,
  definePlugin,
  nameClient,
  noStore,
  OAuthError,
  readForm,
  t,
} from "../../src/plugin.ts";

/** `POST /whoami` tells a client who it is; `GET /locked` always refuses; `POST /notes` takes JSON. */
export const whoami = definePlugin({
  name: "whoami",
  routes: (services, registry) =>
    new Elysia({ name: "whoami" })
      .post(
        "/whoami",
        async ({ request }) => {
          const form = await readForm(request, registry.clientAuthParameters);
          const named = await nameClient(request, form, { registry, services });
          return answering(addresseeOf(named), async () => {
            const { client } = await authenticateClient(named, { registry, services });
            return noStore({ client_id: client.id, method: client.authMethod });
          });
        },
        { parse: "none" },
      )
      .get("/locked", () => {
        throw new OAuthError("scope_refused", { values: ["notes"] });
      })
      .get("/broken", () => {
        throw new Error("the password is hunter2");
      })
      .post("/notes", ({ body }) => ({ length: body.text.length }), {
        body: t.Object({ text: t.String({ maxLength: 20 }) }),
      }),
});
