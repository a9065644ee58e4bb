/** What turns processes that were started into a platform that is used: it answers, its owner is signed in here. */
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { Clock } from "../ports.ts";
import { Secret, type Step } from "./steps.ts";

export interface FirstUsePorts {
  clock: Clock;
  url(): Promise<string>;
  /** Undefined when nothing answers; false when it says that it isn't ready. */
  isReady(url: string): Promise<boolean | undefined>;
  /** Who the token that is kept for this API belongs to; undefined without one that counts. */
  signedInAs(url: string): Promise<string | undefined>;
  /** Gives the platform's owner a password, on the host itself. False: somebody uses that account, and it stays as it is. */
  setOwner(password: string): Promise<boolean>;
  /** The command that gives the owner a new password all the same. */
  resetCommand: string;
  /** Signs the owner in, and keeps the token; where, in words. */
  signIn(url: string, password: string): Promise<string>;
  newPassword(): string;
  /** The command that shows what the host's processes wrote. */
  logsCommand: string;
  /** Makes this platform the one that the next command uses. */
  saveContext(url: string): Promise<{ context: string; changed: boolean }>;
}

const lookMilliseconds = 3_000;
const looks = 100;
const longestMilliseconds = lookMilliseconds * looks;

export const readyStep = ({ clock, url, isReady, logsCommand }: FirstUsePorts, signal: AbortSignal): Step => ({
  name: "the platform answers",
  run: async ({ dryRun }) => {
    if (dryRun) return "waits";
    const at = await url();
    let answer: boolean | undefined;
    const until = clock.now().getTime() + longestMilliseconds;
    for (let looked = 0; looked < looks && !signal.aborted && clock.now().getTime() < until; looked++) {
      answer = await isReady(at);
      if (answer) return { outcome: "found", detail: `${at}/api/ready` };
      await clock.sleep(lookMilliseconds, signal);
    }
    if (signal.aborted) throw new ChartctlError({ kind: "interrupted", code: "interrupted", message: "Interrupted" });
    throw new ChartctlError({
      kind: "external",
      code: "host.not-ready",
      message: `${at}/api/ready ${answer === undefined ? "doesn't answer" : "says that the platform isn't ready"}, after five minutes`,
      hint: `see why: ${logsCommand}`,
    });
  },
});

/** After something that starts the processes of a running platform anew. Scaled to none, nothing answers, and that is as it was asked. */
export const answersStep = (ports: FirstUsePorts, serves: () => Promise<boolean>, signal: AbortSignal): Step => {
  const ready = readyStep(ports, signal);
  return {
    name: ready.name,
    run: async (changes) => (changes.dryRun || (await serves()) ? await ready.run(changes) : { outcome: "absent", detail: "no web process is to run" }),
  };
};

/**
 * The password lives in this process alone: it is given to one process on the host, used once, and forgotten, so that no
 * setting of the host ever holds it. A run that dies in between gives another one; a run of somebody who isn't signed in never
 * takes the account from whoever uses it.
 */
export const ownerStep = (ports: FirstUsePorts): Step => ({
  name: "the owner, signed in here",
  run: async ({ make, dryRun }) => {
    if (!dryRun) {
      const at = await ports.url();
      const who = await ports.signedInAs(at);
      if (who) return { outcome: "found", detail: who };
    }
    const password = ports.newPassword();
    const place = await make(
      { operation: "chartctl serve --set-owner, on the host; then POST /api/auth/login", body: { CHARTCTL_OWNER_PASSWORD: new Secret(password) } },
      async () => ((await ports.setOwner(password)) ? await ports.signIn(await ports.url(), password) : undefined),
      "",
    );
    if (place === undefined) {
      const detail = `the owner has signed in elsewhere: chartctl login --api-url ${await ports.url()}; if nobody knows the password: ${ports.resetCommand}`;
      return { outcome: "waits", detail };
    }
    return { outcome: "made", detail: place };
  },
});

export const contextStep = (ports: FirstUsePorts): Step => ({
  name: "context",
  run: async ({ dryRun }) => {
    if (dryRun) return "waits";
    const { context, changed } = await ports.saveContext(await ports.url());
    return { outcome: changed ? "made" : "found", detail: context };
  },
});

/** Undefined unless the API knows the caller; its own refusals don't end a setup. */
export async function whoever(ask: () => Promise<string>): Promise<string | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isChartctlError(error, "auth")) return undefined;
    throw error;
  }
}
