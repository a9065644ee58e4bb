/** A front end's variables on Vercel: a stand-in that takes what Vercel documents, and fails at every call. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { vercelSteps } from "../../src/adapters/vercel.ts";
import type { SetupReport } from "../../src/core/setup/steps.ts";
import { runSteps } from "../../src/core/setup/steps.ts";
import { ChartctlError } from "../../src/errors.ts";
import type { Failure } from "../support/fault-table.ts";
import { countsOf, failuresOf, tablesUnder } from "../support/fault-table.ts";

const never = { gentle: new AbortController().signal, now: new AbortController().signal };
type Fault = "before" | "after" | "429" | "500" | "500-after";

/** What Vercel's REST API reference says of POST /v10/projects/{idOrName}/env; a plain variable without more. */
const bodySchema = z.strictObject({
  key: z.string(),
  value: z.string(),
  type: z.enum(["system", "secret", "encrypted", "plain", "sensitive"]),
  target: z.array(z.enum(["production", "preview", "development"])).min(1),
});

interface Variable extends z.infer<typeof bodySchema> {
  id: string;
  gitBranch?: string;
}

function vercel(start: Variable[] = []) {
  const variables = [...start];
  const calls: string[] = [];
  const stop = { fail: (_: number): Fault | undefined => undefined, refuse: false };
  const answer = (status: number, document: unknown, headers: Record<string, string> = {}): Response =>
    new Response(JSON.stringify(document), { status, headers });
  const route = (method: string, url: URL, body: unknown): Response => {
    if (url.searchParams.get("slug") !== "acme") return answer(403, { error: { code: "forbidden", message: "Not authorized" } });
    if (method === "GET" && url.pathname === "/v9/projects/front") return answer(200, { id: "prj_1", name: "front" });
    if (url.pathname !== "/v10/projects/front/env") return answer(404, { error: { code: "not_found", message: "Project not found" } });
    if (method === "GET") return answer(200, { envs: variables });
    if (method !== "POST" || url.searchParams.get("upsert") !== "true") return answer(400, { error: { code: "bad_request", message: "wrong" } });
    const sent = bodySchema.parse(body);
    if (stop.refuse) return answer(201, { created: {}, failed: [{ error: { code: "ENV_CONFLICT", message: "It is there" } }] });
    const there = variables.findIndex((one) => one.key === sent.key && !one.gitBranch);
    const id = `env_${calls.length}`;
    if (there < 0) variables.push({ ...sent, id });
    else variables[there] = { ...sent, id };
    return answer(201, { created: { ...sent, id }, failed: [] });
  };
  const fetch = (async (input: string, init: { method: string; headers: Record<string, string>; body?: string }) => {
    const url = new URL(input);
    const at = calls.push(`${init.method} ${url.pathname}`) - 1;
    const fault = stop.fail(at);
    if (fault === "before") throw new TypeError("fetch failed");
    if (fault === "429") return answer(429, { error: { code: "rate_limited", message: "Too many requests" } }, { "retry-after": "1" });
    if (fault === "500") return answer(500, { error: { code: "internal", message: "Oops" } });
    if (init.headers.authorization !== "Bearer token") return answer(401, { error: { code: "unauthorized", message: "Who?" } });
    const response = route(init.method, url, init.body && JSON.parse(init.body));
    if (fault === "after") throw new TypeError("terminated");
    if (fault === "500-after") return answer(502, {});
    return response;
  }) as unknown as typeof globalThis.fetch;
  const run = async (more: { token?: string; project?: string; team?: string; dryRun?: boolean } = {}): Promise<SetupReport> =>
    await runSteps(
      vercelSteps({
        fetch,
        url: "https://api.example.org",
        token: more.token ?? "token",
        project: more.project ?? "front",
        team: more.team ?? "acme",
        variables: { NEXT_PUBLIC_API_URL: "https://charts.example.org", NEXT_PUBLIC_AWS_REGION: "us-east-1" },
        sleep: async () => {},
      }),
      { dryRun: more.dryRun ?? false, progress: () => {}, interrupt: never, goOn: "chartctl setup vercel" },
    );
  const standing = () => Object.fromEntries(variables.filter(({ gitBranch }) => !gitBranch).map(({ key, value, target }) => [key, [value, ...target]]));
  return { run, calls, stop, standing, variables };
}

const whole = {
  NEXT_PUBLIC_API_URL: ["https://charts.example.org", "production", "preview", "development"],
  NEXT_PUBLIC_AWS_REGION: ["us-east-1", "production", "preview", "development"],
};
const posts = (calls: string[]): number => calls.filter((call) => call.startsWith("POST")).length;

const seen: Failure[] = [];
const faults: Fault[] = ["before", "after", "429", "500", "500-after"];

describe("chartctl setup vercel", () => {
  it("sets what is missing or differs, and nothing the second time", async () => {
    const { run, standing, calls } = vercel([{ id: "env_0", key: "NEXT_PUBLIC_AWS_REGION", value: "eu-west-1", type: "plain", target: ["production"] }]);
    expect((await run()).steps.map(({ outcome }) => outcome)).toEqual(["found", "made", "changed"]);
    expect(standing()).toEqual(whole);
    expect((await run()).steps.map(({ outcome }) => outcome)).toEqual(["found", "found", "found"]);
    expect(posts(calls)).toBe(2);
  });

  it("leaves a branch's own value and other variables alone", async () => {
    const mine: Variable[] = [
      { id: "env_0", key: "NEXT_PUBLIC_API_URL", value: "https://branch.example.org", type: "plain", target: ["preview"], gitBranch: "try" },
      { id: "env_1", key: "OTHER", value: "x", type: "plain", target: ["production"] },
    ];
    const { run, variables } = vercel(mine);
    await run();
    expect(variables.slice(0, 2)).toEqual(mine);
  });

  it("is led nowhere else with the token", async () => {
    let asked = 0;
    const elsewhere = (async (_: string, init: RequestInit) => {
      asked++;
      expect(init.redirect).toBe("manual");
      return new Response(null, { status: 308, headers: { location: "https://collector.example.org/" } });
    }) as unknown as typeof globalThis.fetch;
    const steps = vercelSteps({ fetch: elsewhere, url: "https://api.example.org", token: "token", project: "front", team: "acme", variables: {} });
    const run = runSteps(steps, { dryRun: false, progress: () => {}, interrupt: never, goOn: "again" });
    await expect(run).rejects.toMatchObject({ kind: "external", code: "api-address.moved" });
    expect(asked).toBe(1);
  });

  it("shows its calls in a dry run, and makes none", async () => {
    const { run, calls } = vercel();
    const { calls: shown } = await run({ dryRun: true });
    expect(shown.map(({ operation }) => operation)).toEqual(Array(2).fill("POST /v10/projects/front/env?upsert=true"));
    expect(posts(calls)).toBe(0);
  });

  it("says what is wrong: token, team, project, a variable that is refused", async () => {
    const { run, stop } = vercel();
    await expect(run({ token: "other" })).rejects.toMatchObject({ kind: "auth", code: "vercel.token" });
    await expect(run({ team: "others" })).rejects.toMatchObject({ kind: "auth", code: "vercel.token" });
    await expect(run({ project: "other" })).rejects.toMatchObject({
      kind: "not-found",
      code: "vercel.not-found",
      hint: expect.stringContaining("--vercel-project"),
    });
    stop.refuse = true;
    await expect(run()).rejects.toMatchObject({ code: "vercel.refused", message: expect.stringContaining("ENV_CONFLICT") });
  });

  it.each(faults)("fails at every call (%s), once and for good, and ends at the same place", async (fault) => {
    const undisturbed = vercel();
    await undisturbed.run();
    for (let at = 0; at < undisturbed.calls.length; at++) {
      const remember = (failed: ReturnType<typeof vercel>, error: unknown, left: object, next: SetupReport | undefined): void =>
        void seen.push({
          run: failed.stop.fail(at + 1) ? "from there on" : "once",
          call: failed.calls[at]?.replace(/env$/, "env?upsert=true") ?? "",
          answerLost: fault === "after" || fault === "500-after",
          stopped: error instanceof ChartctlError ? String(error.details?.stoppedAt) : undefined,
          left: Object.keys(left).join(", ") || "nothing",
          next: next?.steps.map(({ outcome }) => outcome).join(", ") ?? "",
        });
      const once = vercel();
      once.stop.fail = (index) => (index === at ? fault : undefined);
      await once.run();
      expect(once.standing(), `${fault} once at ${at}`).toEqual(whole);
      remember(once, undefined, whole, undefined);
      const down = vercel();
      down.stop.fail = (index) => (index >= at ? fault : undefined);
      const error = await down.run().catch((thrown: unknown) => thrown);
      expect(error, `${fault} from ${at}`).toBeInstanceOf(ChartctlError);
      expect(error).toMatchObject({ kind: "external", hint: expect.stringContaining("go on with: chartctl setup vercel") });
      const left = down.standing();
      const { fail } = down.stop;
      down.stop.fail = () => undefined;
      const next = await down.run();
      down.stop.fail = fail;
      remember(down, error, left, next);
      expect(down.standing(), `${fault} from ${at}`).toEqual(whole);
      expect(down.variables).toHaveLength(2);
    }
  });

  it("is in docs/FAULTS.md as it was seen (CHARTCTL_RECORD=1 writes it)", () => {
    const count = seen.length / faults.length / 2;
    const tables = [countsOf(seen, { once: count, "from there on": count }), failuresOf(seen, (call) => call.startsWith("GET "))];
    expect(tablesUnder("## `setup vercel`", tables)).toEqual(tables);
  });
});
