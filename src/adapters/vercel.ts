/** Vercel's REST API, as far as a front end's variables need it. */
import { setTimeout as sleepFor } from "node:timers/promises";
import { z } from "zod";
import type { Step } from "../core/setup/steps.ts";
import { ChartctlError, isChartctlError, messageOf } from "../errors.ts";
import { refuseRedirect } from "./vendor-api.ts";

export interface VercelOptions {
  fetch: typeof fetch;
  /** Of the API, without a slash at its end. */
  url: string;
  token: string;
  project: string;
  /** A team's id (`team_...`) or slug. */
  team: string | undefined;
  variables: Record<string, string>;
  sleep?: (milliseconds: number) => Promise<unknown>;
}

/** Error `vercel.token` (usage). */
export function vercelToken(env: NodeJS.ProcessEnv): string {
  if (env.VERCEL_TOKEN) return env.VERCEL_TOKEN;
  throw new ChartctlError({
    kind: "usage",
    code: "vercel.token",
    message: "No Vercel token: VERCEL_TOKEN is not set",
    hint: "make one at https://vercel.com/account/settings/tokens, and set VERCEL_TOKEN",
  });
}

const targets = ["production", "preview", "development"] as const;
/** A browser gets them: they are no secrets, and as plain ones they can be compared the next time. */
const type = "plain";

const variablesSchema = z.object({
  envs: z.array(
    z.object({
      key: z.string(),
      value: z.string().optional(),
      type: z.string(),
      target: z.union([z.string(), z.array(z.string())]).optional(),
      gitBranch: z.string().nullish(),
    }),
  ),
});
const projectSchema = z.object({ id: z.string(), name: z.string() });
const upsertedSchema = z.object({ failed: z.array(z.object({ error: z.object({ code: z.string(), message: z.string() }) })).default([]) });

/** Each variable that differs is upserted alone: one that is refused doesn't take the others with it. */
export function vercelSteps(options: VercelOptions): Step[] {
  const { project, variables } = options;
  const path = `/v10/projects/${encodeURIComponent(project)}/env`;
  return [
    {
      name: `project ${project}`,
      given: true,
      run: async () => ({ outcome: "found", detail: (await request(options, projectSchema, "GET", `/v9/projects/${encodeURIComponent(project)}`)).id }),
    },
    ...Object.entries(variables).map(
      ([key, value]): Step => ({
        name: key,
        run: async ({ make }) => {
          const { envs } = await request(options, variablesSchema, "GET", path);
          const there = envs.filter((one) => one.key === key && !one.gitBranch);
          const right = there.filter((one) => one.type === type && one.value === value).flatMap(({ target = [] }) => target);
          if (targets.every((target) => right.includes(target))) return { outcome: "found", detail: value };
          const body = { key, value, type, target: targets };
          await make(
            { operation: `POST ${path}?upsert=true`, body },
            async (sent) => {
              const { failed } = await request(options, upsertedSchema, "POST", path, { upsert: "true" }, sent);
              if (failed[0]) throw refusal(`POST ${path}`, 400, failed[0].error.code, failed[0].error.message);
            },
            undefined,
          );
          return { outcome: there.length === 0 ? "made" : "changed", detail: value };
        },
      }),
    ),
  ];
}

const answerMilliseconds = 30_000;
const waits = [500, 2_000, 5_000];

/** An upsert does twice what it does once: what gets no answer is sent again, whatever it was. */
async function request<T>(
  { fetch, url, token, team, sleep = sleepFor }: VercelOptions,
  schema: z.ZodType<T>,
  method: "GET" | "POST",
  path: string,
  query: Record<string, string> = {},
  body?: unknown,
): Promise<T> {
  const search = new URLSearchParams({ ...query, ...(team === undefined ? {} : team.startsWith("team_") ? { teamId: team } : { slug: team }) });
  for (let tried = 0; ; tried++) {
    const wait = waits[tried];
    let answer: { status: number; text: string; retryAfter: string | null };
    try {
      const response = await fetch(`${url}${path}${search.size > 0 ? `?${search}` : ""}`, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(answerMilliseconds),
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      refuseRedirect(`${method} ${path}`, response.status, response.headers.get("location"));
      answer = { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
    } catch (error) {
      if (isChartctlError(error)) throw error;
      if (wait === undefined) throw unreachable(error);
      await sleep(wait);
      continue;
    }
    const again = answer.status === 429 || answer.status >= 500;
    if (!again || wait === undefined) return answered(schema, `${method} ${path}`, answer);
    const asked = Number(answer.retryAfter) * 1_000;
    await sleep(answer.retryAfter !== null && asked >= 0 ? Math.min(asked, 60_000) : wait);
  }
}

function answered<T>(schema: z.ZodType<T>, operation: string, { status, text }: { status: number; text: string }): T {
  const document = json(text);
  if (status >= 400) {
    const { error } = (document ?? {}) as { error?: { code?: unknown; message?: unknown } };
    throw refusal(operation, status, String(error?.code ?? ""), String(error?.message ?? ""));
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new ChartctlError({
    kind: "external",
    code: "vercel.unexpected",
    message: `Vercel answered ${operation} with ${status} and something else than it documents`,
    hint: "look at https://www.vercel-status.com",
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}

function refusal(operation: string, status: number, code: string, said: string): ChartctlError {
  const message = `Vercel refuses ${operation} (${status}${code ? ` ${code}` : ""})${said ? `: ${said}` : ""}`.replace(/\.$/, "");
  const details = { status, code };
  if (status === 401 || status === 403)
    return new ChartctlError({
      kind: "auth",
      code: "vercel.token",
      message,
      hint: "the token must reach the project's team: name it with --vercel-team",
      details,
    });
  if (status === 404)
    return new ChartctlError({
      kind: "not-found",
      code: "vercel.not-found",
      message,
      hint: "name the project as Vercel does: --vercel-project NAME, and its team: --vercel-team",
      details,
    });
  if (status === 402) return new ChartctlError({ kind: "refused", code: "vercel.payment", message, hint: "see https://vercel.com/account/billing", details });
  if (status < 500 && status !== 429) return new ChartctlError({ kind: "failed", code: "vercel.refused", message, details });
  return new ChartctlError({ kind: "external", code: "vercel.failed", message, hint: "look at https://www.vercel-status.com", details });
}

const unreachable = (cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "vercel.unreachable",
    message: `Vercel can't be reached: ${messageOf(cause)}`,
    hint: "check the network, and https://www.vercel-status.com",
    cause,
  });
