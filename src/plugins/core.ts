import { definePlugin } from "../plugin.ts";
import { clientSecretBasic } from "./client_auth/client_secret_basic.ts";
import { clientSecretJwt } from "./client_auth/client_secret_jwt.ts";
import { clientSecretPost } from "./client_auth/client_secret_post.ts";
import { none } from "./client_auth/none.ts";
import { privateKeyJwt } from "./client_auth/private_key_jwt.ts";
import { selfSignedTlsClientAuth } from "./client_auth/self_signed_tls_client_auth.ts";
import { tlsClientAuth } from "./client_auth/tls_client_auth.ts";
import { authorizationCode } from "./grants/authorization_code.ts";
import { clientCredentials } from "./grants/client_credentials.ts";
import { password } from "./grants/password.ts";
import { refreshToken } from "./grants/refresh_token.ts";

/** What every Tessera has. It comes through the same door as a stranger's plugin. */
export const core = definePlugin({
  name: "core",
  grants: [password, clientCredentials, refreshToken, authorizationCode],
  clientAuth: [
    clientSecretBasic,
    clientSecretPost,
    clientSecretJwt,
    privateKeyJwt,
    tlsClientAuth,
    selfSignedTlsClientAuth,
    none,
  ],
});
