import { type TSchema, Type as t } from "@sinclair/typebox";
import { withDpopHeader } from "../../http/dpop_docs.ts";
import { type DocumentedResponse, publicOperation } from "../../http/form_docs.ts";
import type { ErrorCode } from "../../protocol/catalogue.ts";
import {
  PermissionBodySchema,
  PolicySearchSchema,
  ResourceBodySchema,
  ResourceSearchSchema,
} from "../../protocol/uma_bodies.ts";
import { PolicyBodySchema, PolicyResourcesSchema } from "../../protocol/uma_policy_body.ts";
import { BEARER_ERRORS, BODY_ERRORS, OWNER_ERRORS, RULE_ERRORS } from "./docs_errors.ts";
import { ID, PERMISSIONS, POLICIES, POLICY_ID, RESOURCES, TICKETS } from "./docs_samples.ts";

/** OpenAPI operations of the protection API. */
export type UmaDocs = ReturnType<typeof umaDocs>;

const Named = t.Object({
  _id: t.String(),
  user_access_policy_uri: t.Optional(t.String({ format: "uri" })),
});
const Ids = t.Array(t.String());
const Found = (content: TSchema) =>
  t.Object({ content: t.Array(content), count: t.Integer(), start_index: t.Integer() });
const PolicyName = t.Object({ policy: t.String() });
const Ticket = t.Object({ ticket_id: t.Optional(t.String()), ticket: t.Optional(t.String()) });

const body = (schema: object, values: Readonly<Record<string, unknown>>) => ({
  required: true,
  content: {
    "application/json": {
      schema,
      examples: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, { value }]),
      ),
    },
  },
});
const path = (...names: readonly string[]) =>
  names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
const PAGE = ["start_index", "count"].map((name) => ({
  name,
  in: "query",
  required: false,
  schema: { type: "integer" },
}));
const IF_MATCH = { name: "If-Match", in: "header", required: false, schema: { type: "string" } };
const IF_NONE_MATCH = { ...IF_MATCH, name: "If-None-Match" };

const json = (description: string, schema: object, examples: Record<string, unknown>) =>
  ({ description, schema, examples }) satisfies DocumentedResponse;
const DONE = { description: "Done" };

/** What an operation of the protection API says of itself. */
interface Described {
  readonly responses: Readonly<Record<number, DocumentedResponse>>;
  readonly errors?: readonly ErrorCode[];
  readonly requestBody?: object;
  readonly parameters?: readonly object[];
}

type Build = (
  operationId: string,
  summary: string,
  described: Described,
) => ReturnType<typeof publicOperation>;

/** Builds the operations; each is for bearers of the scope `uma_protection`. */
export function umaDocs(issuer: string) {
  const operation: Build = (operationId, summary, rest) => {
    const { responses, errors = [], requestBody, parameters } = rest;
    const described = publicOperation(issuer, {
      operationId,
      tag: "UMA",
      summary,
      responses,
      errors: [...BEARER_ERRORS, ...(requestBody ? BODY_ERRORS : []), ...errors],
    });
    return withDpopHeader({
      ...described,
      security: [{ access_token: [] }],
      ...(requestBody && { requestBody }),
      ...(parameters && { parameters: [...parameters] as never }),
    });
  };
  return { ...resourceDocs(operation), ...policyDocs(operation), ...permissionDocs(operation) };
}

function resourceDocs(operation: Build) {
  const unknown: readonly ErrorCode[] = ["uma_resource_unknown", "uma_precondition_failed"];
  const named = json("The resource", Named, {
    owned: { _id: ID, user_access_policy_uri: "https://id.example/account/resources" },
  });
  const write = body(ResourceBodySchema, RESOURCES);
  const replaced = { responses: { 200: named }, errors: [...unknown, ...OWNER_ERRORS] };
  return {
    createResource: operation("createResource", "Register a resource", {
      responses: { 201: named },
      errors: OWNER_ERRORS,
      requestBody: write,
    }),
    listResources: operation("listResources", "Ids of the registered resources", {
      responses: { 200: json("Ids; Link says where the list goes on", Ids, { ids: [ID] }) },
      errors: ["parameter_malformed"],
      parameters: PAGE,
    }),
    readResource: operation("readResource", "Read a resource", {
      responses: {
        200: json("The resource, in the names it was written in", ResourceBodySchema, {
          seed: { _id: ID, ...RESOURCES.seed },
          uma2: { _id: ID, ...RESOURCES.uma2 },
        }),
        304: { description: "It is as If-None-Match says" },
      },
      errors: unknown,
      parameters: [...path("id"), IF_MATCH, IF_NONE_MATCH],
    }),
    replaceResource: operation("replaceResource", "Replace a resource's description", {
      ...replaced,
      requestBody: write,
      parameters: [...path("id"), IF_MATCH],
    }),
    replaceResourceByBody: operation("replaceResourceByBody", "The same, with _id in the body", {
      ...replaced,
      requestBody: body(ResourceBodySchema, { seed: { _id: ID, ...RESOURCES.seed } }),
      parameters: [IF_MATCH],
    }),
    deleteResource: operation("deleteResource", "Delete a resource, and all access to it", {
      responses: { 204: DONE },
      errors: unknown,
      parameters: [...path("id"), IF_MATCH],
    }),
    searchResources: operation("searchResources", "Find resources by id, name or type", {
      responses: {
        200: json("A page of them", Found(ResourceBodySchema), {
          found: { content: [{ _id: ID, ...RESOURCES.seed }], count: 1, start_index: 0 },
        }),
      },
      requestBody: body(ResourceSearchSchema, { search: { names: ["Holiday"], count: 100 } }),
    }),
  };
}

function policyDocs(operation: Build) {
  const unknown: readonly ErrorCode[] = ["uma_policy_unknown", "uma_precondition_failed"];
  const replaced = { responses: { 204: DONE }, errors: [...unknown, ...RULE_ERRORS] };
  const read = { seed: { policy: POLICY_ID, ...POLICIES.seed } };
  return {
    createPolicy: operation("createPolicy", "Write a policy", {
      responses: { 201: json("Its id", PolicyName, { policy: { policy: POLICY_ID } }) },
      errors: [...RULE_ERRORS, "uma_precondition_failed"],
      requestBody: body(PolicyBodySchema, POLICIES),
    }),
    listPolicies: operation("listPolicies", "Ids of the policies", {
      responses: { 200: json("Ids; Link says where the list goes on", Ids, { ids: [POLICY_ID] }) },
      errors: ["parameter_malformed"],
      parameters: PAGE,
    }),
    readPolicy: operation("readPolicy", "Read a policy", {
      responses: {
        200: json("The policy, in the names it was written in", PolicyBodySchema, read),
        304: { description: "It is as If-None-Match says" },
      },
      errors: unknown,
      parameters: [...path("id"), IF_MATCH, IF_NONE_MATCH],
    }),
    replacePolicy: operation("replacePolicy", "Replace a policy; what it gave ends", {
      ...replaced,
      requestBody: body(PolicyBodySchema, POLICIES),
      parameters: [...path("id"), IF_MATCH],
    }),
    replacePolicyByBody: operation("replacePolicyByBody", "The same, with its id in the body", {
      ...replaced,
      requestBody: body(PolicyBodySchema, read),
      parameters: [IF_MATCH],
    }),
    deletePolicy: operation("deletePolicy", "Delete a policy; what it gave ends", {
      responses: { 204: DONE },
      errors: unknown,
      parameters: [...path("id"), IF_MATCH],
    }),
    addPolicyResources: operation("addPolicyResources", "Add resources to a policy", {
      ...replaced,
      requestBody: body(PolicyResourcesSchema, { resources: { resources: [ID] } }),
      parameters: [...path("id"), IF_MATCH],
    }),
    removePolicyResource: operation("removePolicyResource", "Take a resource out of a policy", {
      responses: { 204: DONE },
      errors: [...unknown, "uma_resource_unknown"],
      parameters: [...path("id", "resource"), IF_MATCH],
    }),
    searchPolicies: operation("searchPolicies", "Find policies by id or resource", {
      responses: {
        200: json("A page of them", Found(PolicyBodySchema), {
          found: { content: [read.seed], count: 1, start_index: 0 },
        }),
      },
      requestBody: body(PolicySearchSchema, { search: { resource_ids: [ID], count: 100 } }),
    }),
  };
}

function permissionDocs(operation: Build) {
  const ticket = {
    responses: { 201: json("The ticket, for the client", Ticket, TICKETS) },
    errors: [
      "uma_resource_set_invalid",
      "uma_resource_invalid",
      "uma_scope_invalid",
      "uma_too_much",
    ] as const,
  };
  const one = { oneOf: [PermissionBodySchema, t.Array(PermissionBodySchema)] };
  const several = { several: [PERMISSIONS.uma2] };
  return {
    askTicket: operation("askTicket", "Ask for a permission ticket", {
      ...ticket,
      requestBody: body(one, { ...PERMISSIONS, ...several }),
    }),
    askBulkTicket: operation("askBulkTicket", "Ask for one ticket over several resources", {
      ...ticket,
      requestBody: body(one, several),
    }),
  };
}
