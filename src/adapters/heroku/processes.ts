/** Processes (dynos): how many, logs, and one that runs a single command. */
import { z } from "zod";
import type { LogWanted, ScaleWanted } from "../../core/setup/host.ts";
import type { Call, Step } from "../../core/setup/steps.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { Dyno } from "./answers.ts";
import { anything, dynoSchema, formationSchema, logSessionSchema, releaseSchema } from "./answers.ts";
import type { KnownApp } from "./app.ts";
import type { HerokuClient } from "./client.ts";

const types = ["web", "worker"] as const;

/** `atLeast`: what an operator has scaled higher stays. */
export const scaleStep = (client: HerokuClient, known: KnownApp, wanted: ScaleWanted, { atLeast }: { atLeast: boolean }): Step => ({
  name: types.flatMap((type) => (wanted[type] === undefined ? [] : [type])).join(" and ") || "processes",
  run: async ({ make }) => {
    const path = `/apps/${known.name}/formation`;
    const formation = (await client.find(z.array(formationSchema), path)) ?? [];
    const updates = types.flatMap((type) => {
      const now = formation.find((one) => one.type === type);
      const quantity = wanted[type];
      const enough = quantity === undefined || now?.quantity === quantity || (atLeast && (now?.quantity ?? 0) >= quantity);
      const meant = quantity !== undefined || types.every((one) => wanted[one] === undefined);
      const sized = wanted.size === undefined || !meant || now?.dyno_size.name.toLowerCase() === wanted.size.toLowerCase();
      if (enough && sized) return [];
      return [{ type, ...(enough ? {} : { quantity }), ...(sized ? {} : { dyno_size: { name: wanted.size } }) }];
    });
    const detail = types.map(
      (type) => `${type} ${updates.find((one) => one.type === type)?.quantity ?? formation.find((one) => one.type === type)?.quantity ?? 0}`,
    );
    if (updates.length === 0) return { outcome: "found", detail: detail.join(", ") };
    await make({ operation: `PATCH ${path}`, body: { updates } }, (body) => client.send(anything, "PATCH", path, body), undefined);
    return { outcome: "changed", detail: detail.join(", ") };
  },
});

/** Processes as they ran before they were started anew. */
export type Earlier = Set<string>;
/** Another one, or the same one anew: either changes. */
const runOf = ({ id, updated_at }: Dyno): string => `${id} ${updated_at}`;

export const restartStep = (client: HerokuClient, known: KnownApp, earlier: Earlier): Step => ({
  name: "processes started anew",
  run: async ({ make }) => {
    const path = `/apps/${known.name}/dynos`;
    for (const dyno of await processesOf(client, known)) earlier.add(runOf(dyno));
    await make({ operation: `DELETE ${path}`, body: null }, () => client.send(anything, "DELETE", path), undefined);
    return "changed";
  },
});

/** Without those of a single command. */
const processesOf = async (client: HerokuClient, known: KnownApp): Promise<Dyno[]> =>
  (await client.get(z.array(dynoSchema), `/apps/${known.name}/dynos`)).filter(({ type }) => type !== "run");

const formationOf = async (client: HerokuClient, known: KnownApp) => await client.get(z.array(formationSchema), `/apps/${known.name}/formation`);

/** Whether a process that answers is meant to run. */
export const serves = async (client: HerokuClient, known: KnownApp): Promise<boolean> =>
  (await formationOf(client, known)).some(({ type, quantity }) => type === "web" && quantity > 0);

const lookMilliseconds = 3_000;
const looks = 100;
/** A process that is told to stop has 30 s (Dev Center, "Dyno Shutdown Behavior"). */
const shutdownMilliseconds = 35_000;

/** Until as many run as are meant to, with the newest config. `earlier`: those don't count; `others`: more may be there that stop by now. */
export const upStep = (client: HerokuClient, known: KnownApp, { earlier, others = false }: { earlier?: Earlier; others?: boolean } = {}): Step => ({
  name: "processes run",
  run: async ({ dryRun }) => {
    if (!dryRun) await untilUp(client, known, { earlier, others });
    return dryRun ? "waits" : "found";
  },
});

/** Until every process runs with the newest config, and none of before it can still write. */
export const renewedStep = (client: HerokuClient, known: KnownApp): Step => ({
  name: "processes have the new config",
  run: async ({ dryRun }) => {
    if (dryRun) return "found";
    await untilUp(client, known, {});
    await client.pause(shutdownMilliseconds);
    return "found";
  },
});

/** Error `heroku.restart` (external). */
async function untilUp(client: HerokuClient, known: KnownApp, { earlier, others = false }: { earlier?: Earlier | undefined; others?: boolean }): Promise<void> {
  const releases = await client.get(z.array(releaseSchema), `/apps/${known.name}/releases`, "version ..; order=desc, max=1");
  const newest = Math.max(0, ...releases.map(({ version }) => version));
  const formation = await formationOf(client, known);
  // One that is idle runs nothing, and starts with the newest config when it is asked something (Dev Center, "Eco Dyno Hours").
  const isUp = (dyno: Dyno): boolean => dyno.state === "idle" || (dyno.state === "up" && dyno.release.version >= newest && !earlier?.has(runOf(dyno)));
  let dynos: Dyno[] = [];
  for (let looked = 0; looked < looks; looked++) {
    dynos = await processesOf(client, known);
    const enough = formation.every(({ type, quantity }) => dynos.filter((dyno) => dyno.type === type && isUp(dyno)).length >= quantity);
    if (enough && (others || dynos.every(isUp))) return;
    await client.pause(lookMilliseconds);
  }
  const states = dynos.filter((dyno) => !isUp(dyno)).map(({ name, state }) => `${name} is ${state}`);
  throw new ChartctlError({
    kind: "external",
    code: "heroku.restart",
    message: `Not every process runs with the new config after five minutes${states.length > 0 ? `: ${states.join(", ")}` : ""}`,
    hint: "see why: chartctl setup heroku logs",
  });
}

/** The log session is a URL that ends after some minutes; following opens it once. */
export function logsOf(
  client: HerokuClient,
  known: KnownApp,
  { lines, follow, process }: LogWanted,
): { call: Call<unknown>; lines(signal: AbortSignal): AsyncIterable<string> } {
  const path = `/apps/${known.name}/log-sessions`;
  const body = { lines, tail: follow, ...(process === undefined ? {} : process.includes(".") ? { dyno_name: process } : { type: process }) };
  return {
    call: { operation: `POST ${path}`, body },
    lines: async function* (signal) {
      const { logplex_url } = await client.send(logSessionSchema, "POST", path, body);
      yield* client.lines(logplex_url, signal);
    },
  };
}

/** From the app's folder, and without npx: that would be one more process to feed, between the dyno's signals and ours. */
const programInApp = "node_modules/.bin/chartctl";

/** How long the log may lag behind the process. */
const logTries = 20;

/**
 * In a dyno of its own. The API doesn't say how it ended; the dyno's own line in the log does, and without it nothing is
 * claimed. Error `host.once` (external).
 */
export async function runOnce(client: HerokuClient, known: KnownApp, args: string[], env: Record<string, string>): Promise<void> {
  const command = [programInApp, ...args].join(" ");
  const dyno = await client.send(dynoSchema, "POST", `/apps/${known.name}/dynos`, { command, attach: false, type: "run", env, time_to_live: 1_800 });
  const lines: string[] = [];
  for (let tried = 0; tried < logTries; tried++) {
    for (let looked = 0; looked < looks; looked++) {
      const now = await client.find(dynoSchema, `/apps/${known.name}/dynos/${dyno.name}`);
      if (!now || now.state === "complete" || now.state === "crashed") break;
      await client.pause(lookMilliseconds);
    }
    lines.splice(0, lines.length, ...(await logOf(client, known, dyno.name)));
    const status = lines.map((line) => /Process exited with status (\d+)/.exec(line)?.[1]).find((one) => one !== undefined);
    if (status === "0") return;
    if (status !== undefined) throw failed(`chartctl ${args.join(" ")} ended with status ${status} on the host`, lines, Number(status));
    await client.pause(lookMilliseconds);
  }
  throw failed(`Nobody can say how chartctl ${args.join(" ")} ended on the host: its log has no end`, lines);
}

/** None where it can't be read: that is asked again. */
async function logOf(client: HerokuClient, known: KnownApp, dyno: string): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const line of logsOf(client, known, { lines: 200, follow: false, process: dyno }).lines(AbortSignal.timeout(30_000)))
      if (line.includes(`[${dyno}]`)) lines.push(line);
    return lines;
  } catch (error) {
    if (isChartctlError(error, "external")) return [];
    throw error;
  }
}

const failed = (message: string, lines: string[], status?: number): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "host.once",
    message: lines.length > 0 ? `${message}:\n${lines.slice(-8).join("\n")}\n` : message,
    hint: "see more: chartctl setup heroku logs",
    details: { log: lines.slice(-8), ...(status === undefined ? {} : { status }) },
  });
