/** Heroku as a host: the steps of each thing that can be asked of it, in their order. */
import { z } from "zod";
import type { Host, RunningHost } from "../../core/setup/host.ts";
import type { ConfigWanted, RandomBase64 } from "../../core/setup/platform-config.ts";
import { awsCredentials, configChanges, hasOlderKeys, newestKey, withNewerKey } from "../../core/setup/platform-config.ts";
import type { Step } from "../../core/setup/steps.ts";
import { Secret } from "../../core/setup/steps.ts";
import { ChartctlError } from "../../errors.ts";
import { addonStep, databasePlan } from "./addons.ts";
import { addonSchema, anything, appSchema, configSchema } from "./answers.ts";
import type { AppWanted, KnownApp } from "./app.ts";
import { accountStep, appName, appStep, buildpackStep, refuseForeign, stackStep } from "./app.ts";
import type { BuildOptions } from "./build.ts";
import { buildStep } from "./build.ts";
import type { HerokuClient } from "./client.ts";
import type { ConfigChanges } from "./config-vars.ts";
import { configStep } from "./config-vars.ts";
import type { Earlier } from "./processes.ts";
import { logsOf, renewedStep, restartStep, runOnce, scaleStep, serves, upStep } from "./processes.ts";

export interface HerokuOptions {
  client: HerokuClient;
  app: AppWanted;
  /** A dyno size, such as `standard-1x`; Heroku's own choice otherwise. */
  size: string | undefined;
  /** Plans beside the database's. */
  addons: string[];
  config: Omit<ConfigWanted, "fixed">;
  build: BuildOptions;
  random: RandomBase64;
}

/**
 * Names on the dyno: its router is the one proxy before the server, and reaches it from outside of its network. A domain of the
 * operator's own, and a proxy before the router, stay: tokens are issued by that address, and limits count by that client's.
 */
const fixedConfig = (url: string, set: Readonly<Record<string, string>>): Record<string, string> => ({
  HOST: "0.0.0.0",
  TRUSTED_PROXIES: set.TRUSTED_PROXIES || "1",
  PUBLIC_URL: set.PUBLIC_URL || url,
  CHARTCTL_TERRAFORM: "/app/bin/terraform",
  NODE_ENV: "production",
});

export function herokuHost(options: HerokuOptions): Host & { running: RunningHost } {
  const { client, app, random } = options;
  const known: KnownApp = { name: app.name === undefined ? app.inventName() : appName(app.name), url: undefined };
  return {
    get name() {
      return known.name;
    },
    url: async () => known.url ?? (await existing(client, known)).url,
    bringUp: () => [
      accountStep(client),
      appStep(client, app, known),
      stackStep(client, known),
      buildpackStep(client, known),
      ...[databasePlan, ...options.addons].map((plan) => addonStep(client, known, plan)),
      configStep(client, known, "config vars", (set) => configChanges(set, { ...options.config, fixed: fixedConfig(known.url ?? "", set) }, random)),
      awsStep(client, known),
      buildStep(client, known, options.build),
      scaleStep(client, known, { web: 1, worker: 1, size: options.size }, { atLeast: true }),
    ],
    takeDown: () => [deleteStep(client, known, app), goneStep(client, known)],
    lost: async () => {
      await refuseForeign(client, app, await client.get(appSchema, `/apps/${known.name}`));
      const addons = (await client.get(z.array(addonSchema), `/apps/${known.name}/addons`)).filter(({ state }) => state !== "deprovisioned");
      return [
        ...addons.map(({ name, plan }) => `${name} (${plan.name}), and all that it holds`),
        "the master key: nothing that it sealed opens again",
        "every process, release and log",
      ];
    },
    running: {
      serves: () => serves(client, known),
      scale: (wanted) => [scaleStep(client, known, wanted, { atLeast: false }), upStep(client, known, { others: true })],
      logs: (wanted) => logsOf(client, known, wanted),
      config: () => client.get(configSchema, `/apps/${known.name}/config-vars`),
      setConfig: (changes) => [configStep(client, known, "config vars", (set) => differing(set, changes)), upStep(client, known)],
      restart: () => {
        const earlier: Earlier = new Set();
        return [restartStep(client, known, earlier), upStep(client, known, { earlier })];
      },
      rotateSecrets: () => rotation(client, known, random),
      once: (args, env) => runOnce(client, known, args, env),
    },
  };
}

/** A dyno has no role of its own in AWS. The operator's keys are never taken over by themselves: they may do far more than the platform needs. */
const awsStep = (client: HerokuClient, known: KnownApp): Step => ({
  name: awsCredentials,
  run: async () => {
    const set = (await client.find(configSchema, `/apps/${known.name}/config-vars`)) ?? {};
    return set.AWS_ACCESS_KEY_ID && set.AWS_SECRET_ACCESS_KEY
      ? "found"
      : { outcome: "waits", detail: "none yet: chartctl setup heroku config --from-env AWS_ACCESS_KEY_ID --from-env AWS_SECRET_ACCESS_KEY" };
  },
});

/** Error `heroku.not-found`. */
async function existing(client: HerokuClient, known: KnownApp): Promise<{ url: string }> {
  const app = await client.get(appSchema, `/apps/${known.name}`);
  return { url: (app.web_url ?? `https://${app.name}.herokuapp.com`).replace(/\/+$/, "") };
}

const differing = (set: Record<string, string>, changes: ConfigChanges): ConfigChanges =>
  Object.fromEntries(Object.entries(changes).filter(([name, value]) => (value instanceof Secret ? value.reveal() : value) !== (set[name] ?? null)));

/**
 * At every moment each process can open what any of them has sealed: first both keys everywhere, then everything sealed
 * under the new one, and only then the old one goes. Stopped in between, the next run goes on with the key that is there.
 */
function rotation(client: HerokuClient, known: KnownApp, random: RandomBase64): Step[] {
  return [
    configStep(client, known, "new master key beside the old one", (set): ConfigChanges => {
      const keys = set.CHARTCTL_MASTER_KEY;
      if (!keys)
        throw new ChartctlError({
          kind: "not-found",
          code: "heroku.no-key",
          message: `The app ${known.name} has no CHARTCTL_MASTER_KEY: nothing is to be rotated`,
          hint: "finish its setup: chartctl setup heroku",
        });
      return hasOlderKeys(keys) ? {} : { CHARTCTL_MASTER_KEY: new Secret(withNewerKey(keys, random)) };
    }),
    renewedStep(client, known),
    {
      name: "everything sealed again",
      run: async ({ make }) => {
        const args = ["serve", "--rotate-keys"];
        await make({ operation: `POST /apps/${known.name}/dynos`, body: { command: args.join(" ") } }, () => runOnce(client, known, args, {}), undefined);
        return "changed";
      },
    },
    configStep(client, known, "old master key taken out, new metrics token", (set) => ({
      CHARTCTL_MASTER_KEY: new Secret(newestKey(set.CHARTCTL_MASTER_KEY ?? "")),
      METRICS_TOKEN: new Secret(random(24)),
    })),
    renewedStep(client, known),
  ];
}

const deleteStep = (client: HerokuClient, known: KnownApp, wanted: AppWanted): Step => ({
  name: `app ${known.name}`,
  run: async ({ make }) => {
    const path = `/apps/${known.name}`;
    const app = await client.find(appSchema, path);
    if (!app) return "absent";
    await refuseForeign(client, wanted, app);
    await make({ operation: `DELETE ${path}`, body: null }, () => client.send(anything, "DELETE", path), undefined);
    return "removed";
  },
});

const goneStep = (client: HerokuClient, known: KnownApp): Step => ({
  name: "proof that it is gone",
  run: async ({ dryRun }) => {
    if (dryRun) return "absent";
    for (let looked = 0; looked < 10; looked++) {
      if (!(await client.find(appSchema, `/apps/${known.name}`))) return { outcome: "absent", detail: "Heroku answers 404" };
      await client.pause(2_000);
    }
    throw new ChartctlError({
      kind: "external",
      code: "heroku.still-there",
      message: `The app ${known.name} is still there`,
      hint: "try again: chartctl setup heroku destroy",
    });
  },
});
