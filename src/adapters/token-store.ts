/** The token of each API: in the system's keyring, and where there is none in a file for its owner alone. Never among the settings. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { KeptToken, TokenStore } from "../core/sign-in.ts";
import { ChartctlError, messageOf } from "../errors.ts";
import { readJson, writePrivateJson } from "./json-file.ts";

/** The keyring's part that is used here. */
export interface Keyring {
  get(account: string): Promise<string | null>;
  set(account: string, text: string): Promise<void>;
  delete(account: string): Promise<void>;
}

interface TokenStoreOptions {
  /** The config folder. */
  config: string;
  /** A home of its own (CHARTCTL_HOME) has tokens of its own, in the one keyring of the machine. */
  ownHome: boolean;
  /** Undefined: the keyring is not to be used. */
  keyring: (() => Promise<Keyring>) | undefined;
}

/** Errors: `config.corrupt`, `config.unwritable` (failed); `api-url.invalid` (usage). */
export function tokenStore({ config, ownHome, keyring }: TokenStoreOptions): TokenStore {
  const file = join(config, "tokens.json");
  const accountOf = (url: string): string => (ownHome ? `${apiName(url)} (${config})` : apiName(url));
  const inFile = (): Record<string, unknown> => (existsSync(file) ? readJson(file) : {});
  const write = (tokens: Record<string, unknown>): void => writePrivateJson(file, tokens);
  const withoutFile = (url: string): boolean => {
    const { [apiName(url)]: found, ...others } = inFile();
    if (found !== undefined) write(others);
    return found !== undefined;
  };
  return {
    kept: async (url) => {
      // The file first: what stands there is newer, and where there is no keyring none is looked for.
      const fromFile = tokenIn(inFile()[apiName(url)]);
      if (fromFile) return { ...fromFile, place: file };
      const text = await reached(keyring, (ring) => ring.get(accountOf(url)));
      const fromKeyring = tokenIn(text === undefined || text === null ? undefined : parsed(text));
      return fromKeyring && { ...fromKeyring, place: keyringPlace };
    },
    keep: async (url, token) => {
      const inKeyring = await reached(keyring, async (ring) => {
        await ring.set(accountOf(url), JSON.stringify(token));
        return true;
      });
      if (inKeyring) {
        withoutFile(url);
        return keyringPlace;
      }
      write({ ...inFile(), [apiName(url)]: token });
      return file;
    },
    forget: async (url) => {
      if (withoutFile(url)) return;
      if (!keyring || (await reached(keyring, (ring) => ring.get(accountOf(url)))) == null) return;
      await (await keyring()).delete(accountOf(url)).catch((error: unknown) => {
        throw new ChartctlError({
          kind: "failed",
          code: "token.kept",
          message: `The system's keyring doesn't let the token of ${url} go: ${messageOf(error)}`,
          hint: "delete it there: the service is called chartctl",
          cause: error,
        });
      });
    },
  };
}

const keyringPlace = "the system's keyring";

/** One name for one API, however its URL is typed. */
const apiName = (url: string): string => {
  if (!URL.canParse(url)) {
    throw new ChartctlError({
      kind: "usage",
      code: "api-url.invalid",
      message: `The control API's URL ${JSON.stringify(url)} is no URL`,
      hint: "such as: --api-url https://chartctl.example.org",
    });
  }
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/+$/, "");
};

function tokenIn(value: unknown): KeptToken | undefined {
  const { token, from, expiresAt } = (value ?? {}) as Partial<Record<keyof KeptToken, unknown>>;
  if (typeof token !== "string" || (from !== "login" && from !== "given" && from !== "workload")) return undefined;
  return { token, from, expiresAt: typeof expiresAt === "string" ? expiresAt : null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not ours
  }
}

/** A keyring that nobody unlocks must not hold a command for ever. */
const patienceMilliseconds = 60_000;

/** Undefined when there is no keyring, it is locked, or it doesn't answer: then the file serves. */
async function reached<T>(keyring: (() => Promise<Keyring>) | undefined, use: (ring: Keyring) => Promise<T>): Promise<T | undefined> {
  if (!keyring) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMilliseconds);
  });
  try {
    return await Promise.race([keyring().then(use), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The Secret Service alone on Linux: the kernel's keyring, which the library would take instead, forgets at the next start. */
export async function systemKeyring(): Promise<Keyring> {
  const { AsyncEntry } = await import("@napi-rs/keyring");
  const entry = (account: string) => new AsyncEntry("chartctl", account, { linux: { store: "secret-service" } });
  return {
    get: async (account) => await entry(account).getPassword(),
    set: async (account, text) => await entry(account).setPassword(text),
    delete: async (account) => void (await entry(account).deletePassword()),
  };
}
