/** Tokens that a pipeline's own platform signed (OpenID Connect), such as GitHub Actions. */
import type { JWTVerifyGetKey } from "jose";
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from "jose";
import { z } from "zod";
import { ChartctlError } from "../../errors.ts";

export interface Workload {
  issuer: string;
  subject: string;
}
/** Verified against its issuer's published keys. Errors: `workload.invalid` (auth), `workload.issuer` (external). */
export type VerifyWorkload = (token: string, trusted: (issuer: string) => Promise<boolean>) => Promise<Workload>;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
const fetchMilliseconds = 5_000;

/** `audience`: what the pipeline asks its token for, this platform's URL. Issuers are asked once, and their keys kept by jose. */
export function workloadVerifier({ audience, now }: { audience: string; now(): Date }): VerifyWorkload {
  const keys = new Map<string, JWTVerifyGetKey>();
  return async (token, trusted) => {
    const issuer = issuerOf(token);
    // Only who is trusted already is asked over the network.
    if (!(await trusted(issuer))) throw refused("nobody here trusts its issuer");
    const keySet = keys.get(issuer) ?? (await keySetOf(issuer));
    keys.set(issuer, keySet);
    try {
      const { payload } = await jwtVerify(token, keySet, {
        issuer,
        audience,
        algorithms: ["RS256", "ES256", "EdDSA"],
        currentDate: now(),
        requiredClaims: ["exp", "iat", "sub"],
      });
      return { issuer, subject: String(payload.sub) };
    } catch (error) {
      if (error instanceof errors.JWKSTimeout) throw unreachable(issuer, error);
      if (error instanceof errors.JOSEError) throw refused(error.code === "ERR_JWT_EXPIRED" ? "it has expired" : `it doesn't hold (${error.code})`);
      throw unreachable(issuer, error);
    }
  };
}

function issuerOf(token: string): string {
  try {
    return z.object({ iss: z.string() }).parse(decodeJwt(token)).iss;
  } catch {
    throw refused("it is no signed token");
  }
}

async function keySetOf(issuer: string): Promise<JWTVerifyGetKey> {
  const url = new URL(`${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`);
  requireTls(url);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(fetchMilliseconds), redirect: "error" });
    const { issuer: named, jwks_uri } = discoverySchema.parse(await answer.json());
    if (named !== issuer) throw new Error("it names another issuer");
    const keysAt = new URL(jwks_uri);
    requireTls(keysAt);
    return createRemoteJWKSet(keysAt, { timeoutDuration: fetchMilliseconds });
  } catch (error) {
    throw error instanceof ChartctlError ? error : unreachable(issuer, error);
  }
}

/** On this machine alone, plain HTTP will do. */
function requireTls(url: URL): void {
  if (url.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)) return;
  throw refused("its issuer isn't reached by HTTPS");
}

const refused = (why: string): ChartctlError =>
  new ChartctlError({
    kind: "auth",
    code: "workload.invalid",
    message: `The pipeline's token doesn't count: ${why}`,
    hint: "see who is trusted: chartctl tokens workloads",
  });

const unreachable = (issuer: string, cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "workload.issuer",
    message: `The issuer ${issuer} can't be asked for its keys`,
    hint: "try again in a moment",
    cause,
  });
