/** The keys that sessions are signed with. The private halves are sealed. */
import type { JWK } from "jose";
import type { Db, Tx } from "./database.ts";
import type { Seal } from "./seal.ts";
import { transact } from "./transact.ts";

export interface KeyPair {
  kid: string;
  publicJwk: JWK;
  privateJwk: JWK;
  retiredAt: string | null;
}

/** The one that signs first, then the replaced ones, newest first. */
export async function signingKeys(db: Db | Tx, seal: Seal): Promise<KeyPair[]> {
  const rows = await db.selectFrom("signing_keys").selectAll().orderBy("created_at", "desc").execute();
  rows.sort((a, b) => Number(a.retired_at !== null) - Number(b.retired_at !== null));
  return rows.map((row) => ({
    kid: row.kid,
    publicJwk: JSON.parse(row.public_jwk),
    privateJwk: JSON.parse(seal.open(row.private_jwk, keyContext(row.kid))),
    retiredAt: row.retired_at,
  }));
}

/** It signs from now on, and retires the others; or forgets them (`alone`), and what they signed counts no more. */
export const addSigningKey = async (db: Db | Tx, seal: Seal, key: { kid: string; publicJwk: JWK; privateJwk: JWK; now: Date; alone: boolean }): Promise<void> =>
  await transact(db, async (tx) => {
    const now = key.now.toISOString();
    if (key.alone) await tx.deleteFrom("signing_keys").execute();
    else await tx.updateTable("signing_keys").set({ retired_at: now }).where("retired_at", "is", null).execute();
    await tx
      .insertInto("signing_keys")
      .values({
        kid: key.kid,
        public_jwk: JSON.stringify(key.publicJwk),
        private_jwk: seal.seal(JSON.stringify(key.privateJwk), keyContext(key.kid)),
        created_at: now,
        retired_at: null,
      })
      .execute();
  });

export const keyContext = (kid: string): string => `signing-key/${kid}`;
