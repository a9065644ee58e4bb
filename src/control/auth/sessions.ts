/** Signed session tokens (JWT, Ed25519): which user, until when. What the user may do is read from the store each time. */
import { randomBytes } from "node:crypto";
import type { CryptoKey, JWTHeaderParameters, JWTPayload } from "jose";
import { errors, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Me } from "../../contract/access-endpoints.ts";
import { idSchema } from "../../contract/names.ts";
import { ChartctlError } from "../../errors.ts";
import type { Db } from "../store/database.ts";
import type { Seal } from "../store/seal.ts";
import type { KeyPair } from "../store/signing-keys.ts";
import { addSigningKey, signingKeys } from "../store/signing-keys.ts";
import type { UserRow } from "../store/users.ts";

const algorithm = "EdDSA";
const audience = "chartctl";
/** A working day in a browser or at a terminal; a pipeline's run. */
const lifetimeSeconds = { session: 8 * 3_600, workload: 3_600 } as const;
/** A key that was replaced verifies until the last token that it signed has ended. */
const longestSeconds = lifetimeSeconds.session;
const keyMilliseconds = 60_000;
/** Between one process's look at the keys and its signature, another one may replace them. */
const graceMilliseconds = 10_000;

const claimsSchema = z.object({
  sub: idSchema,
  tenant_id: idSchema,
  via: z.enum(["session", "workload"]),
  /** The user's `sessions_from`: another one ends all sessions. */
  since: z.string(),
  /** At most this; a workload's trust may give less than its user has. */
  role: z.string(),
  jti: z.string(),
});
export type Claims = z.infer<typeof claimsSchema>;

export interface Sessions {
  issue(user: UserRow, via: "session" | "workload", role: Me["role"]): Promise<{ token: string; expiresAt: string }>;
  /** Error `auth.expired`, `auth.invalid` (auth). */
  verify(token: string): Promise<Claims>;
  /**
   * A new key signs from now on; the others go on verifying what they signed. With `endAll` they don't: every session ends, within
   * the minute that each process keeps what it knows.
   */
  rotate(options?: { endAll: boolean }): Promise<string>;
}

/** The keys are kept in the store, sealed, so that all processes have the same; `issuer` is the platform's public URL. */
export function sessionsOf(options: { db: Db; seal: Seal; issuer: string; now(): Date }): Sessions {
  const { db, seal, issuer, now } = options;
  let known: KeyPair[] = [];
  let lookedAt = 0;
  /** Another process may have rotated: what this one knows is a minute old at most. */
  const refresh = async (): Promise<void> => {
    known = await signingKeys(db, seal);
    lookedAt = now().getTime();
  };

  const rotate = async ({ endAll } = { endAll: false }): Promise<string> => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const kid = randomBytes(8).toString("hex");
    const [publicJwk, privateJwk] = [await exportJWK(publicKey), await exportJWK(privateKey)];
    await addSigningKey(db, seal, { kid, publicJwk, privateJwk, now: now(), alone: endAll });
    await refresh();
    return kid;
  };
  /** The newest of all processes' keys; the first token of all makes the first one. */
  const signingKey = async (): Promise<KeyPair> => {
    await refresh();
    if (known.length === 0) await rotate();
    const [newest] = known;
    if (!newest) throw new Error("There is no signing key");
    return newest;
  };
  const keyNamed = async (kid: string | undefined): Promise<KeyPair> => {
    const find = (): KeyPair | undefined => known.find((pair) => pair.kid === kid && !outlived(pair, now()));
    if (Math.abs(now().getTime() - lookedAt) > keyMilliseconds) await refresh();
    let pair = find();
    if (!pair) {
      await refresh();
      pair = find();
    }
    if (!pair) throw invalid("it is signed with a key that this platform doesn't have");
    return pair;
  };

  return {
    rotate,
    issue: async (user, via, role) => {
      const { kid, privateJwk } = await signingKey();
      const expiresAt = new Date(now().getTime() + lifetimeSeconds[via] * 1_000);
      // `user_id` and `role` are what the old platform's clients read; nobody here believes them.
      const claims = { tenant_id: user.tenant_id, user_id: user.id, role, via, since: user.sessions_from } satisfies JWTPayload;
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid, typ: "JWT" })
        .setSubject(user.id)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now())
        .setExpirationTime(expiresAt)
        .setJti(randomBytes(8).toString("hex"))
        .sign(await importJWK(privateJwk, algorithm));
      return { token, expiresAt: expiresAt.toISOString() };
    },
    verify: async (token) => {
      try {
        let retiredAt: string | null = null;
        const keyOf = async ({ kid }: JWTHeaderParameters): Promise<CryptoKey | Uint8Array> => {
          const pair = await keyNamed(kid);
          ({ retiredAt } = pair);
          return await importJWK(pair.publicJwk, algorithm);
        };
        const { payload } = await jwtVerify(token, keyOf, {
          algorithms: [algorithm],
          issuer,
          audience,
          currentDate: now(),
          requiredClaims: ["exp", "iat", "sub", "jti"],
        });
        // Whoever stole a key that was replaced for it signs nothing new with it.
        if (retiredAt !== null && Number(payload.iat) * 1_000 > Date.parse(retiredAt) + graceMilliseconds)
          throw invalid("it was signed with a key after that was replaced");
        return claimsSchema.parse(payload);
      } catch (error) {
        if (error instanceof ChartctlError) throw error;
        if (error instanceof errors.JWTExpired) throw expired();
        if (error instanceof errors.JOSEError || error instanceof z.ZodError || error instanceof TypeError)
          throw invalid("it is not one of this platform's, or was changed");
        throw error;
      }
    },
  };
}

const outlived = ({ retiredAt }: KeyPair, now: Date): boolean => retiredAt !== null && new Date(retiredAt).getTime() + longestSeconds * 1_000 < now.getTime();

const expired = (): ChartctlError =>
  new ChartctlError({ kind: "auth", code: "auth.expired", message: "The sign-in has expired", hint: "sign in again: chartctl login" });

/** Error of who shows something that doesn't count. */
export const invalid = (why: string): ChartctlError =>
  new ChartctlError({ kind: "auth", code: "auth.invalid", message: `The token doesn't count: ${why}`, hint: "sign in again: chartctl login" });
