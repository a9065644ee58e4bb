/** The app itself: its name, stack and buildpack. */
import { z } from "zod";
import type { Changes, Step } from "../../core/setup/steps.ts";
import type { ErrorFacts } from "../../errors.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { App } from "./answers.ts";
import { accountSchema, addonSchema, anything, appSchema, buildpackSchema, configSchema, formationSchema } from "./answers.ts";
import type { HerokuClient } from "./client.ts";

export interface AppWanted {
  /** Given, or remembered of an earlier run; undefined: a new one is made up. */
  name: string | undefined;
  /** True when an earlier run of this command wrote the name down: the app is ours. */
  remembered: boolean;
  /** A new name each time. */
  inventName(): string;
  /** A name like this one, to be asked for instead of it. */
  likeName(name: string): string;
  /** Before anything is made, so that a run that dies finds it again. */
  remember(name: string): Promise<void>;
  team: string | undefined;
  region: string | undefined;
}

/** What later steps know of the app. */
export interface KnownApp {
  name: string;
  /** Without a slash at its end. */
  url: string | undefined;
}

/** Part of every path that is asked: `a/../b` would be another app. Error `app.invalid` (usage). */
export function appName(text: string): string {
  if (/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/.test(text)) return text;
  throw new ChartctlError({
    kind: "usage",
    code: "app.invalid",
    message: `${JSON.stringify(text)} is no name of a Heroku app`,
    hint: "3 to 30 lower-case letters, digits and dashes, such as: --app chartctl-acme",
  });
}

const stack = "heroku-24";
const buildpack = "heroku/nodejs";
const nameTries = 5;

export const accountStep = (client: HerokuClient): Step => ({
  name: "Heroku account",
  given: true,
  run: async () => ({ outcome: "found", detail: (await client.get(accountSchema, "/account")).email }),
});

export const appStep = (client: HerokuClient, wanted: AppWanted, known: KnownApp): Step => ({
  name: "app",
  run: async (changes) => {
    const there = wanted.name === undefined ? undefined : await lookedUp(client, wanted, wanted.name);
    if (there && !wanted.remembered && (await holdsAnother(client, there))) throw new ChartctlError({ ...anotherApp(there), ...otherwise(wanted, there.name) });
    if (there && !changes.dryRun) await wanted.remember(there.name);
    const app = there ?? (await create(client, wanted, known, changes));
    Object.assign(known, { name: app.name, url: urlOf(app) });
    return { outcome: there ? "found" : "made", detail: app.name };
  },
});

/** What another account holds is forbidden to look at: of a name that was only asked for, that says that it is taken. */
const lookedUp = async (client: HerokuClient, wanted: AppWanted, name: string): Promise<App | undefined> =>
  await client.find(appSchema, `/apps/${name}`).catch((error: unknown) => {
    throw !wanted.remembered && isChartctlError(error) && error.code === "heroku.forbidden" ? taken(wanted, name, error) : error;
  });

const urlOf = (app: App): string => (app.web_url ?? `https://${app.name}.herokuapp.com`).replace(/\/+$/, "");

/** Of a made-up name, another one is tried when it is taken (422). */
async function create(client: HerokuClient, wanted: AppWanted, known: KnownApp, changes: Changes): Promise<App> {
  for (let tried = 1; ; tried++) {
    const name = tried === 1 ? known.name : wanted.inventName();
    if (!changes.dryRun) await wanted.remember(name);
    const body = { name, stack, ...(wanted.region ? { region: wanted.region } : {}), ...(wanted.team ? { team: wanted.team } : {}) };
    const path = wanted.team ? "/teams/apps" : "/apps";
    const pretended: App = {
      name,
      web_url: `https://${name}-(given by Heroku).herokuapp.com`,
      build_stack: { name: stack },
      region: { name: wanted.region ?? "us" },
      slug_size: null,
    };
    try {
      return await changes.make({ operation: `POST ${path}`, body }, (sent) => client.send(appSchema, "POST", path, sent), pretended);
    } catch (error) {
      const lost = isChartctlError(error) && error.code === "heroku.unanswered" ? await client.find(appSchema, `/apps/${name}`) : undefined;
      if (lost) return lost;
      if (!isTaken(error)) throw error;
      if (wanted.name !== undefined && !wanted.remembered) throw taken(wanted, name, error);
      if (tried === nameTries) throw error;
    }
  }
}

const taken = (wanted: AppWanted, name: string, cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "heroku.name-taken",
    message: `The name ${name} is taken by somebody else on Heroku`,
    ...otherwise(wanted, name),
    cause,
  });

const isTaken = (error: unknown): boolean => isChartctlError(error) && error.details?.status === 422 && /taken/i.test(error.message);

/**
 * An app that runs something and knows nothing of chartctl is somebody's, and stays as it is. An image has no slug: its
 * stack or its processes give it away.
 */
async function holdsAnother(client: HerokuClient, app: App): Promise<boolean> {
  if (await isPlatform(client, app)) return false;
  const processes = (await client.find(z.array(formationSchema), `/apps/${app.name}/formation`)) ?? [];
  return app.slug_size !== null || app.build_stack.name === "container" || processes.length > 0;
}

/** Before an app is destroyed that this machine didn't make: nothing in it may be another's. Error `heroku.other-app` (conflict). */
export async function refuseForeign(client: HerokuClient, wanted: AppWanted, app: App): Promise<void> {
  if (wanted.remembered || (await isPlatform(client, app))) return;
  const addons = (await holdsAnother(client, app)) ? undefined : await client.get(z.array(addonSchema), `/apps/${app.name}/addons`);
  if (addons?.every(({ state }) => state === "deprovisioned")) return;
  throw new ChartctlError({ ...anotherApp(app), hint: `if it is yours to destroy: heroku apps:destroy --app ${app.name}` });
}

const isPlatform = async (client: HerokuClient, { name }: App): Promise<boolean> =>
  Boolean((await client.get(configSchema, `/apps/${name}/config-vars`)).CHARTCTL_MASTER_KEY);

const anotherApp = ({ name }: App): Pick<ErrorFacts, "kind" | "code" | "message"> => ({
  kind: "conflict",
  code: "heroku.other-app",
  message: `The app ${name} holds something else than chartctl`,
});

/** What to ask for instead; `details.otherName` is for the command that goes on. */
function otherwise(wanted: AppWanted, name: string): Pick<ErrorFacts, "hint" | "details"> {
  const otherName = wanted.likeName(name);
  return { hint: `leave --app out, and a name is made up; or name another one, such as: --app ${otherName}`, details: { otherName } };
}

export const stackStep = (client: HerokuClient, known: KnownApp): Step => ({
  name: `stack ${stack}`,
  run: async ({ make }) => {
    const app = await client.find(appSchema, `/apps/${known.name}`);
    if (!app || app.build_stack.name === stack) return "found";
    const path = `/apps/${known.name}`;
    await make({ operation: `PATCH ${path}`, body: { build_stack: stack } }, (body) => client.send(appSchema, "PATCH", path, body), app);
    return { outcome: "changed", detail: `was ${app.build_stack.name}` };
  },
});

export const buildpackStep = (client: HerokuClient, known: KnownApp): Step => ({
  name: "Node buildpack",
  run: async ({ make }) => {
    const path = `/apps/${known.name}/buildpack-installations`;
    const installed = (await client.find(z.array(buildpackSchema), path)) ?? [];
    if (installed.length === 1 && [installed[0]?.buildpack.name, installed[0]?.buildpack.url].includes(buildpack)) return "found";
    await make({ operation: `PUT ${path}`, body: { updates: [{ buildpack }] } }, (body) => client.send(anything, "PUT", path, body), undefined);
    return installed.length === 0 ? "made" : "changed";
  },
});
