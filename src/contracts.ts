/** What a plugin fulfils. Types, and identity functions that check them. */

import type { AnyElysia, Static, TSchema } from "elysia";
import type { ErrorCode } from "./protocol/catalogue.ts";
import type { Params } from "./protocol/form.ts";
import type { Dialect } from "./protocol/oauth_error.ts";
import type { Confirmation } from "./protocol/token_claims.ts";
import type { Registry } from "./registry.ts";
import type { Issuance } from "./services/issuance.ts";
import type { Services } from "./services/services.ts";
import type { Client } from "./store/clients.ts";
import type { Seconds } from "./store/store.ts";

/** A TypeBox object schema. */
export type ObjectSchema = TSchema & {
  readonly type: "object";
  readonly properties: Readonly<Record<string, TSchema>>;
};

/** A token request whose client is authenticated and whose parameters match the grant's schema. */
export interface GrantRequest<P> {
  readonly client: Client;
  /** The value of `grant_type`, where the grant goes by several. */
  readonly grantType: string;
  readonly params: P;
  /** Requested scopes, or the client's default; empty when the request names none. Not judged yet. */
  readonly scope: readonly string[];
  /** What new tokens are bound to (RFC 8705, RFC 9449). */
  readonly confirmation: Confirmation | undefined;
  /** Keys and certificates that the request shows, whether or not they bind anything. */
  readonly shown: Confirmation;
  /** Network address of the caller, where it is known. */
  readonly address: string | undefined;
  readonly now: Seconds;
}

/** One value of `grant_type`. It proves; it neither authenticates clients nor issues tokens. */
export interface Grant<N extends string = string, S extends ObjectSchema = ObjectSchema> {
  /** Value of `grant_type`; an absolute URI for extensions (RFC 6749 §4.5). */
  readonly grantType: N;
  /** Further values that mean the same grant; a client registered for one of them may use any. */
  readonly aliases?: readonly string[];
  /** Defining section, shown in the OpenAPI document. */
  readonly source: string;
  readonly clients: "any" | "confidential";
  /**
   * `required`: without `scope` and without a default of the client the request is refused. The
   * parameter is read where `params` declares it.
   */
  readonly scope?: "required" | "optional";
  /** Catalogue rows that this grant may answer with, for the documents. */
  readonly errors?: readonly ErrorCode[];
  /** Parameters beyond `grant_type` and client authentication. Unknown ones are ignored. */
  readonly params: S;
  /** Throws `OAuthError` unless the request proves the grant. Changes nothing that a retry needs. */
  prove(request: GrantRequest<Static<S>>, services: Services): Promise<Issuance>;
}

/** A credential found in a request, not yet verified. */
export interface Claimed<C> {
  readonly clientId: string;
  readonly credential: C;
}

/** What verifying a credential has shown beyond the client's identity. */
export interface Verified {
  readonly confirmation?: Confirmation;
}

/** One value of `token_endpoint_auth_method` (RFC 7591 §2). */
export interface ClientAuthMethod<C = unknown> {
  readonly name: string;
  readonly source: string;
  /**
   * `presented` methods leave a mark of their own in the request; two marks are an error
   * (RFC 6749 §2.3). `ambient` ones apply when there is no mark: `none`, `tls_client_auth`.
   */
  readonly evidence: "presented" | "ambient";
  /**
   * What in the request the credential is. Methods that read the same thing name one mark, and the
   * client's registration says which of them it is; by default the method's own name.
   */
  readonly mark?: string;
  /** Form parameters that the method reads, for the documents and for what a URL may not carry. */
  readonly params: ObjectSchema;
  /** OpenAPI security scheme; absent where the parameters say it all. */
  readonly scheme?: Readonly<Record<string, string>>;
  /** Algorithms by which its credentials may be signed, for discovery. */
  readonly algorithms?: readonly string[];
  /** What a registered client that sends no such credential is told. */
  readonly refusal?: ErrorCode;
  /** Further catalogue rows that this method may answer with, for the documents. */
  readonly errors?: readonly ErrorCode[];
  /** Finds this method's credential. Pure: no store, no clock. */
  claim(request: Request, params: Params): Claimed<C> | undefined;
  /** Throws `OAuthError`, or answers false, unless the credential is the client's. */
  verify(credential: C, client: Client, services: Services): Promise<Verified | false>;
}

/** How a code reaches an address: confirmation codes and Challenger's PINs. */
export interface Delivery {
  readonly addressType: string;
  readonly address: ObjectSchema;
  /** Sends `code`, as it is shown. Resolves when the carrier has accepted it. */
  send(message: {
    readonly address: Readonly<Record<string, string>>;
    readonly code: string;
    /** Tag of the language in which it was asked for, where that is known. */
    readonly language?: string;
  }): Promise<void>;
}

/**
 * The token endpoint of one profile's clients: the one pipeline under another path, with grants of its
 * own (decisions D2). Clients of other profiles are unknown there.
 */
export interface TokenMount {
  readonly path: string;
  readonly profile: Dialect;
  /** All grants of the mount; at `/token` they stand in for those of the same name. */
  readonly grants: readonly Grant[];
  /** Judges who is named, before he is looked for; throws `OAuthError`. */
  checkNamed(named: { readonly clientId: string; readonly hasCredential: boolean }): void;
  /** OpenAPI operation, made of the mount's own registry. */
  readonly docs: (services: Services, registry: Registry) => object;
}

/** Parts of the account page that are there for some plugins only: `resources` is what one owns. */
export type AccountPart = "resources";

/** A named bundle of contributions. */
export interface Plugin {
  readonly name: string;
  readonly grants?: readonly Grant[];
  readonly clientAuth?: readonly ClientAuthMethod[];
  readonly deliveries?: readonly Delivery[];
  /** Parts of the account page that serve its users. */
  readonly accountParts?: readonly AccountPart[];
  /** Routes of its own; what they throw is rendered like every other refusal. */
  readonly routes?: (services: Services, registry: Registry) => AnyElysia;
  readonly tokenMount?: TokenMount;
  /** Whether its routes are the server's only ones, beside those of operations and documents. */
  readonly standsAlone?: boolean;
}

/** Infers the parameters inside `prove` from the schema, and keeps the literal `grantType`. */
export function defineGrant<const N extends string, S extends ObjectSchema>(
  grant: Grant<N, S>,
): Grant<N, S> {
  return grant;
}

/** Infers the credential that `claim` finds and `verify` gets. */
export function defineClientAuth<C>(method: ClientAuthMethod<C>): ClientAuthMethod<C> {
  return method;
}

/** Checks a delivery where it is written. */
export function defineDelivery<const D extends Delivery>(delivery: D): D {
  return delivery;
}

/** Checks a plugin where it is written. */
export function definePlugin<const P extends Plugin>(plugin: P): P {
  return plugin;
}

/** The token request that a list of grants accepts: a union discriminated by `grant_type`. */
export type TokenRequest<G extends readonly Grant[]> = {
  [I in keyof G]: G[I] extends Grant<infer N, infer S> ? { grant_type: N } & Static<S> : never;
}[number];
