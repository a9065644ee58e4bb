/** Passwords, hashed with Argon2id. */
import { hash, verify } from "@node-rs/argon2";

/** OWASP's password storage cheat sheet, 2024: 19 MiB, 2 passes, 1 lane. */
const settings = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = async (password: string): Promise<string> => await hash(password, settings);

/** Takes as long for nobody as for somebody: what does not exist can't be told by the clock. */
export async function passwordMatches(stored: string | null, password: string): Promise<boolean> {
  const matches = await verify(stored ?? (await nobody()), password);
  return stored !== null && matches;
}

let dummy: Promise<string> | undefined;
const nobody = (): Promise<string> => {
  dummy ??= hashPassword("nobody has this password");
  return dummy;
};
