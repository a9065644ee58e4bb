/** Config vars: one request with what differs, because each one starts all processes anew. */
import { isDeepStrictEqual } from "node:util";
import type { Secret, Step } from "../../core/setup/steps.ts";
import { isChartctlError } from "../../errors.ts";
import { configSchema } from "./answers.ts";
import type { KnownApp } from "./app.ts";
import type { HerokuClient } from "./client.ts";

const shownNames = 3;

export type ConfigChanges = Record<string, string | Secret | null>;

export const configStep = (
  client: HerokuClient,
  known: KnownApp,
  name: string,
  decide: (set: Record<string, string>) => ConfigChanges | Promise<ConfigChanges>,
): Step => ({
  name,
  run: async ({ make }) => {
    const path = `/apps/${known.name}/config-vars`;
    const set = (await client.find(configSchema, path)) ?? {};
    const changes = await decide(set);
    const names = Object.keys(changes);
    if (names.length === 0) return "found";
    await make(
      { operation: `PATCH ${path}`, body: changes },
      async (body) => {
        try {
          await client.send(configSchema, "PATCH", path, body);
        } catch (error) {
          if (!isChartctlError(error) || error.code !== "heroku.unanswered") throw error;
          const now = await client.get(configSchema, path);
          if (!Object.entries(body).every(([key, value]) => isDeepStrictEqual(now[key] ?? null, value))) throw error;
        }
      },
      undefined,
    );
    return {
      outcome: names.every((key) => set[key] === undefined) ? "made" : "changed",
      detail: names.length > shownNames ? `${names.length} variables` : names.join(", "),
    };
  },
});
