/** Add-ons: the database, and what else is asked for. They are made asynchronously. */
import { z } from "zod";
import type { Step } from "../../core/setup/steps.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { Addon } from "./answers.ts";
import { addonSchema } from "./answers.ts";
import type { KnownApp } from "./app.ts";
import type { HerokuClient } from "./client.ts";

/** The smallest plan with backups; a larger one can be named. */
export const databasePlan = "heroku-postgresql:essential-0";

/** Words for those who don't know Heroku's market. */
const byNeed: Record<string, string> = { logging: "papertrail", monitoring: "newrelic" };

/** `logging,monitoring`, or plans by their own names. Error `addon.invalid` (usage). */
export function addonPlans(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean)
    .map((name) => {
      if (/^[a-z0-9][a-z0-9-]*(:[a-z0-9-]+)?$/.test(name)) return byNeed[name] ?? name;
      throw new ChartctlError({
        kind: "usage",
        code: "addon.invalid",
        message: `${JSON.stringify(name)} is no add-on`,
        hint: `name ${Object.keys(byNeed).join(", ")}, or a plan, such as heroku-redis:mini`,
      });
    });
}

const lookMilliseconds = 5_000;
const looks = 180;

export const addonStep = (client: HerokuClient, known: KnownApp, plan: string): Step => {
  const [service = plan] = plan.split(":");
  return {
    name: `add-on ${service}`,
    run: async (changes) => {
      const path = `/apps/${known.name}/addons`;
      const look = async (): Promise<Addon | undefined> =>
        ((await client.find(z.array(addonSchema), path)) ?? []).find(({ addon_service, state }) => addon_service.name === service && state !== "deprovisioned");
      const there = await look();
      const pretended: Addon = { id: "", name: service, state: "provisioned", addon_service: { name: service }, plan: { name: plan } };
      const addon =
        there ??
        (await changes
          .make({ operation: `POST ${path}`, body: { plan } }, (body) => client.send(addonSchema, "POST", path, body), pretended)
          .catch(async (error: unknown) => {
            // Made twice, it would be paid twice.
            const made = isChartctlError(error) && error.code === "heroku.unanswered" ? await look() : undefined;
            if (made) return made;
            throw error;
          }));
      if (!changes.dryRun) await provisioned(client, `${path}/${addon.id}`, addon);
      return { outcome: there ? "found" : "made", detail: addon.plan.name };
    },
  };
};

/** Errors: `heroku.addon` (external). */
async function provisioned(client: HerokuClient, path: string, first: Addon): Promise<void> {
  let addon = first;
  for (let looked = 0; addon.state === "provisioning" && looked < looks; looked++) {
    await client.pause(lookMilliseconds, "Heroku goes on making the add-on");
    addon = await client.get(addonSchema, path);
  }
  if (addon.state === "provisioned") return;
  throw new ChartctlError({
    kind: "external",
    code: "heroku.addon",
    message: addon.state === "provisioning" ? `The add-on ${addon.name} is not ready after a quarter of an hour` : `The add-on ${addon.name} could not be made`,
    hint: `look: heroku addons:info ${addon.name}`,
  });
}
