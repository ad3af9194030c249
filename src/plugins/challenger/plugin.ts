import { Elysia } from "elysia";
import { definePlugin, malformedParameter, missingParameter } from "../../plugin.ts";
import { isChallengerId } from "../../services/challenges.ts";
import { challengerCode } from "./authorization_code.ts";
import { authorizeEndpoint } from "./authorize.ts";
import { challengeEndpoint } from "./challenge.ts";
import { claimEndpoint } from "./claim.ts";
import { configEndpoint } from "./config.ts";
import { tokenDocs } from "./docs.ts";
import { infoEndpoint } from "./info.ts";
import { legalEndpoint } from "./legal.ts";
import { setupEndpoint } from "./setup.ts";
import { solveEndpoint } from "./solve.ts";

/**
 * The GNU Taler Challenger protocol under a path such as `/challenger`; under `/` nothing else is
 * served (decisions D1, D8).
 */
export function challenger(path: string) {
  const prefix = path === "/" ? "" : path;
  return definePlugin({
    name: "challenger",
    standsAlone: prefix === "",
    tokenMount: {
      path: `${prefix}/token`,
      profile: "challenger",
      grants: [challengerCode],
      checkNamed({ clientId, hasCredential }) {
        if (clientId === "") throw missingParameter("client_id");
        if (!hasCredential) throw missingParameter("client_secret");
        if (!isChallengerId(clientId)) throw malformedParameter("client_id");
      },
      docs: tokenDocs,
    },
    routes: (services) =>
      new Elysia({ name: `challenger ${prefix}` })
        .use(configEndpoint(prefix, services))
        .use(setupEndpoint(prefix, services))
        .use(authorizeEndpoint(prefix, services))
        .use(challengeEndpoint(prefix, services))
        .use(solveEndpoint(prefix, services))
        // Under `/` nobody is signed in.
        .use(prefix === "" ? new Elysia() : claimEndpoint(prefix, services))
        .use(infoEndpoint(prefix, services))
        .use(legalEndpoint(prefix, services)),
  });
}
