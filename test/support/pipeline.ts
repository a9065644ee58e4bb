/** What a GitHub Actions job is given, by an issuer of a test's own on loopback. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface TestPipeline {
  issuer: string;
  /** The job's environment. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

export async function startPipeline(subject: string): Promise<TestPipeline> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    if (url.pathname.endsWith("/openid-configuration")) return response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
    if (url.pathname === "/keys") return response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256" }] }));
    if (request.headers.authorization !== "Bearer of-the-job") return response.writeHead(401).end();
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: "RS256", kid: "1" })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(url.searchParams.get("audience") ?? "")
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
    response.end(JSON.stringify({ value: token }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    env: { CI: "true", ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/token?api-version=2`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-job" },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
