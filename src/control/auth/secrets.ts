/** Random secrets that are shown once and kept as a hash: API tokens and invitations. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits need no slow hash: guessing them is hopeless. */
const secretBytes = 32;

export const newSecret = (): string => randomBytes(secretBytes).toString("base64url");

export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");

export function secretMatches(hash: string, secret: string): boolean {
  const asked = Buffer.from(hashSecret(secret), "hex");
  const kept = Buffer.from(hash, "hex");
  return asked.length === kept.length && timingSafeEqual(asked, kept);
}

/** `cct_ID_SECRET`: the prefix lets secret scanners know it. */
export const apiTokenText = (id: string, secret: string): string => `cct_${id}_${secret}`;

export function parseApiToken(text: string): { id: string; secret: string } | undefined {
  const [, id, secret] = /^cct_([0-9a-f]{16})_([\w-]{43})$/.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
}
