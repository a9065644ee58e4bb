/** Rate limits: per address, per caller, and much narrower for signing in. They hold over all processes of a database. */
import type pg from "pg";
import type { RateLimiterAbstract } from "rate-limiter-flexible";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { ChartctlError } from "../errors.ts";

export interface RateLimits {
  address(address: string): Promise<void>;
  caller(caller: string): Promise<void>;
  /** Counted before anything is looked at; a good one gives it back. `user`: whose password is tried, where there is one. */
  signIn(address: string, user?: string): Promise<void>;
  signedIn(address: string, user?: string): Promise<void>;
}

/** Requests a minute; tries to sign in a quarter of an hour. */
export interface RateLimitSettings {
  perAddress: number;
  perCaller: number;
  signIns: number;
}
export const defaultRateLimits: RateLimitSettings = { perAddress: 1_200, perCaller: 600, signIns: 10 };

const minute = 60;
const signInSeconds = 15 * minute;
/**
 * A process takes this share of a limit at once from the database, and gives it out by itself: one write for many
 * requests. The limit is never passed; at worst a process holds back what it has not given out.
 */
const slice = 0.05;

/** Error `rate.limited` (refused, 429), with the seconds to wait. `onRefused` is told who. */
export function rateLimits(settings: RateLimitSettings, pool: pg.Pool | undefined, onRefused: (caller: string) => void): RateLimits {
  const limiter = (keyPrefix: string, points: number, duration: number): RateLimiterAbstract =>
    pool
      ? new RateLimiterPostgres({
          storeClient: pool,
          storeType: "pool",
          tableName: "rate_limits",
          tableCreated: true,
          clearExpiredByTimeout: false, // the worker's housekeeping does it, once for all processes
          keyPrefix,
          points,
          duration,
          // The database restarts: each process counts by itself meanwhile.
          insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration }),
        })
      : new RateLimiterMemory({ keyPrefix, points, duration });
  const sliced = (name: string, points: number, seconds: number) => {
    const shared = limiter(name, points, seconds);
    const size = Math.max(1, Math.floor(points * slice));
    const mine = new Map<string, { left: number; until: number; over: boolean }>();
    const taking = new Map<string, Promise<void>>();
    const take = async (key: string): Promise<void> => {
      try {
        const { msBeforeNext } = await shared.consume(key, size);
        mine.set(key, { left: size, until: Date.now() + msBeforeNext, over: false });
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        // Until the window ends nobody has to be asked again.
        mine.set(key, { left: 0, until: Date.now() + error.msBeforeNext, over: true });
      }
    };
    return async (key: string): Promise<void> => {
      for (;;) {
        const share = mine.get(key);
        if (share && share.until > Date.now()) {
          if (share.over) {
            onRefused(key);
            throw limited(share.until - Date.now());
          }
          if (share.left-- > 0) return;
        }
        if (mine.size > 10_000) mine.clear();
        // One question for all who wait for its answer.
        const asked = taking.get(key) ?? take(key).finally(() => taking.delete(key));
        taking.set(key, asked);
        await asked;
      }
    };
  };
  const consumed = async (consuming: Promise<RateLimiterRes>, key: string): Promise<RateLimiterRes> => {
    try {
      return await consuming;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      onRefused(key);
      throw limited(error.msBeforeNext);
    }
  };
  const address = sliced("address", settings.perAddress, minute);
  const caller = sliced("caller", settings.perCaller, minute);
  // From one address at one user; from one address; at one user from everywhere, so many that nobody is locked out by a few.
  const byPair = limiter("pair", settings.signIns, signInSeconds);
  const byAddress = limiter("from", settings.signIns * 3, signInSeconds);
  const byUser = limiter("user", settings.signIns * 20, signInSeconds);
  const pairOf = (from: string, user: string): string => JSON.stringify([from, user]);
  return {
    address: (from) => address(networkOf(from)),
    caller,
    signIn: async (from, user) => {
      await consumed(byAddress.consume(networkOf(from)), `sign-in from ${networkOf(from)}`);
      if (user === undefined) return;
      await consumed(byPair.consume(pairOf(networkOf(from), user)), `sign-in of ${user}`);
      await consumed(byUser.consume(user), `sign-in of ${user}`);
    },
    signedIn: async (from, user) => {
      await byAddress.reward(networkOf(from), 1);
      if (user === undefined) return;
      await Promise.all([byPair.reward(pairOf(networkOf(from), user), 1), byUser.reward(user, 1)]);
    },
  };
}

/** One customer has a whole IPv6 network of 64 bits: it counts as one address. */
export function networkOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("::");
  const first = head.split(":").filter(Boolean);
  const last = tail?.split(":").filter(Boolean) ?? [];
  const between = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return `${[...first, ...Array<string>(between).fill("0"), ...last].slice(0, 4).join(":")}::/64`;
}

function limited(milliseconds: number): ChartctlError {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1_000));
  return new ChartctlError({
    kind: "refused",
    code: "rate.limited",
    message: "Too many requests",
    hint: `wait ${seconds} s, then try again`,
    details: { retryAfterSeconds: seconds },
  });
}
