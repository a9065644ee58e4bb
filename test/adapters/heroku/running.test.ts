/** What a running platform on Heroku is asked: scale, config, secrets, its end; and what Heroku's refusals become. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addonPlans } from "../../../src/adapters/heroku/addons.ts";
import { accountSchema, anything } from "../../../src/adapters/heroku/answers.ts";
import { herokuClient } from "../../../src/adapters/heroku/client.ts";
import { herokuHost } from "../../../src/adapters/heroku/host.ts";
import { herokuToken } from "../../../src/adapters/heroku/token.ts";
import { apiAddress } from "../../../src/adapters/vendor-api.ts";
import { keysFromText } from "../../../src/control/store/seal.ts";
import { withNewerKey } from "../../../src/core/setup/platform-config.ts";
import type { SetupReport, Step } from "../../../src/core/setup/steps.ts";
import { runSteps } from "../../../src/core/setup/steps.ts";
import { ChartctlError } from "../../../src/errors.ts";
import type { Failure } from "../../support/fault-table.ts";
import { countsOf, failuresOf, tablesUnder } from "../../support/fault-table.ts";
import type { HerokuFault, HerokuStandIn } from "../../support/heroku.ts";
import { startHeroku } from "../../support/heroku.ts";

let heroku: HerokuStandIn;
beforeEach(async () => {
  heroku = await startHeroku();
});
afterEach(async () => {
  expect(heroku.faults).toEqual([]);
  await heroku.close();
});

const never = { gentle: new AbortController().signal, now: new AbortController().signal };
const waited: number[] = [];
const client = () =>
  herokuClient({
    fetch,
    url: heroku.url,
    token: heroku.token,
    sleep: async (milliseconds) => {
      waited.push(milliseconds);
      await new Promise(setImmediate);
    },
  });
const run = async (steps: Step[], dryRun = false): Promise<SetupReport> =>
  await runSteps(steps, { dryRun, progress: () => {}, interrupt: never, goOn: "chartctl setup heroku rotate-secrets" });
const bytes = (fill: number): string => Buffer.alloc(32, fill).toString("base64");

let secrets = 0;
const host = ({ name = "sales", remembered = true }: { name?: string; remembered?: boolean } = {}) =>
  herokuHost({
    client: client(),
    app: { name, remembered, inventName: () => "other", likeName: (one) => `${one}-2`, remember: async () => {}, team: undefined, region: undefined },
    size: undefined,
    addons: [],
    config: { chosen: {}, offered: {} },
    build: { source: async () => Promise.reject(new Error("nothing is built here")), output: () => {}, signal: never.gentle },
    random: (count) => Buffer.alloc(count, ++secrets).toString("base64"),
  });

/** An app that runs, without the way there. */
async function running() {
  await client().send(anything, "POST", "/apps", { name: "sales" });
  const app = heroku.apps.get("sales");
  if (!app) throw new Error("no app");
  app.formation.set("web", { quantity: 1, size: "Basic" });
  app.formation.set("worker", { quantity: 1, size: "Basic" });
  app.config = { CHARTCTL_MASTER_KEY: bytes(200), METRICS_TOKEN: "old-metrics-token" };
  return app;
}

const faults: HerokuFault[] = ["before", "after", "500", "500-after", "429"];
const seen: Failure[] = [];
/** Remembers what a fault at call `at` of a run did; `start`: calls before that run. */
function remember(
  name: string,
  fault: HerokuFault,
  call: number,
  { first, left, again }: { first: unknown; left: string; again: SetupReport | undefined },
): void {
  const { method = "", path = "" } = heroku.calls[call] ?? {};
  seen.push({
    run: name,
    call: `${method} ${path.replace(/^\/apps\/[^/]+/, "/apps/APP").replace(/\/run\.\d+$/, "/run.N")}`,
    answerLost: fault === "after" || fault === "500-after",
    stopped: first instanceof ChartctlError ? (first.details?.stoppedAt as string) : undefined,
    left,
    next: again?.steps.map(({ outcome }) => outcome).join(", ") ?? "",
  });
}

describe("a running platform", () => {
  it("is scaled to what was said, sizes of what was named, and nothing that is so already", async () => {
    const app = await running();
    await run(host().running.scale({ web: 2, size: "Standard-1X" }));
    expect(Object.fromEntries(app.formation)).toEqual({ web: { quantity: 2, size: "Standard-1X" }, worker: { quantity: 1, size: "Basic" } });
    await run(host().running.scale({ size: "standard-1x" }));
    expect(heroku.calls.findLast(({ method }) => method === "PATCH")?.body).toEqual({ updates: [{ type: "worker", dyno_size: { name: "standard-1x" } }] });
    const calls = heroku.calls.length;
    expect((await run(host().running.scale({ web: 2 }))).steps[0]?.outcome).toBe("found");
    expect(new Set(heroku.calls.slice(calls).map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  it.each<[string, (asked: ReturnType<typeof host>["running"]) => Step[], number]>([
    ["config", ({ setConfig }) => setConfig({ MAX_COST_PER_PROJECT: "20" }), 2],
    ["restart", ({ restart }) => restart(), 2],
    ["scale up", ({ scale }) => scale({ web: 3 }), 1],
    ["scale down to nothing", ({ scale }) => scale({ web: 0 }), 0],
  ])("%s: is waited for until what is meant to run does, anew", async (_, steps, looks) => {
    const { processes, formation } = await running();
    await client().get(anything, "/apps/sales/dynos");
    waited.length = 0;
    const report = await run(steps(host().running));
    expect(report.steps.at(-1)).toMatchObject({ name: "processes run", outcome: "found" });
    expect(waited).toEqual(Array.from({ length: looks }, () => 3_000));
    expect([...processes.keys()]).toHaveLength([...formation.values()].reduce((sum, { quantity }) => sum + quantity, 0));
    expect(await host().running.serves()).toBe(formation.get("web")?.quantity !== 0);
  });

  it("is waited for five minutes and no longer, and what doesn't run is named", async () => {
    await running();
    heroku.crashed.add("web.1");
    waited.length = 0;
    await expect(run(host().running.setConfig({ MAX_COST_PER_PROJECT: "20" }))).rejects.toMatchObject({
      kind: "external",
      code: "heroku.restart",
      message: "Stopped at processes run: Not every process runs with the new config after five minutes: web.1 is crashed. Before it: config vars.",
      hint: expect.stringMatching(/^see why: chartctl setup heroku logs; go on with: /),
    });
    expect(waited).toEqual(Array.from({ length: 100 }, () => 3_000));
  });

  it("shows in a dry run what would be changed, and waits for nothing", async () => {
    await running();
    waited.length = 0;
    const { running: asked } = host();
    for (const steps of [asked.setConfig({ MAX_COST_PER_PROJECT: "20" }), asked.restart(), asked.scale({ web: 2 })]) {
      const { steps: done, calls } = await run(steps, true);
      expect([calls.length, done.at(-1)]).toEqual([1, { name: "processes run", outcome: "waits" }]);
    }
    expect([waited, heroku.calls.slice(1).filter(({ method }) => method !== "GET")]).toEqual([[], []]);
  });

  it("has its secrets rotated such that each key opens what it sealed, at every moment", async () => {
    const app = await running();
    const keys: string[][] = [];
    heroku.restarted = ({ config }) => void keys.push(keysFromText(config.CHARTCTL_MASTER_KEY ?? "").map(({ id, key }) => `${id} ${key[0]}`));
    heroku.run = (command, _, { config }) => {
      keys.push([`run ${command}`, ...keysFromText(config.CHARTCTL_MASTER_KEY ?? "").map(({ id }) => id)]);
      return 0;
    };
    secrets = 0;
    await run(host().running.rotateSecrets());
    expect(keys).toEqual([["k2 1", "k1 200"], ["run node_modules/.bin/chartctl serve --rotate-keys", "k2", "k1"], ["k2 1"]]);
    expect(app.config.METRICS_TOKEN).not.toBe("old-metrics-token");
  });

  it("keeps both keys when the sealing fails, or nobody can say how it ended", async () => {
    const app = await running();
    heroku.run = () => 1;
    const failed = await run(host().running.rotateSecrets()).catch((error: ChartctlError) => error);
    expect(failed).toMatchObject({ kind: "external", code: "host.once", message: expect.stringContaining("status 1") });
    expect(keysFromText(app.config.CHARTCTL_MASTER_KEY ?? "").map(({ id }) => id)).toEqual(["k2", "k1"]);
    heroku.run = () => {
      app.logs = Object.assign([], { push: () => 0 });
      return 0;
    };
    await expect(run(host().running.rotateSecrets())).rejects.toMatchObject({ code: "host.once", message: expect.stringContaining("Nobody can say") });
    expect(keysFromText(app.config.CHARTCTL_MASTER_KEY ?? "").map(({ id }) => id)).toEqual(["k2", "k1"]);
  });

  it.each(faults)("has its secrets rotated over a fault at every call (%s)", { timeout: 600_000 }, async (fault) => {
    await running();
    const from = heroku.calls.length;
    await run(host().running.rotateSecrets());
    const count = heroku.calls.length - from;
    expect(count).toBeGreaterThan(8);
    for (let at = 0; at < count; at++) {
      heroku.apps.clear();
      const app = await running();
      const start = heroku.calls.length;
      // What was sealed last, by which key; each config must open it.
      let sealed = 200;
      const opens = (config: Record<string, string>): boolean => keysFromText(config.CHARTCTL_MASTER_KEY ?? "").some(({ key }) => key[0] === sealed);
      const lost: number[] = [];
      heroku.restarted = ({ config }) => void (opens(config) || lost.push(at));
      heroku.run = (_, __, { config }) => {
        sealed = keysFromText(config.CHARTCTL_MASTER_KEY ?? "")[0].key[0] ?? 0;
        return 0;
      };
      heroku.fail = (index) => (index - start === at ? fault : undefined);
      const first = await run(host().running.rotateSecrets()).catch((error: unknown) => error);
      if (first instanceof Error)
        expect(first).toMatchObject({ kind: "external", hint: expect.stringContaining("go on with: chartctl setup heroku rotate-secrets") });
      heroku.fail = () => undefined;
      const keys = keysFromText(app.config.CHARTCTL_MASTER_KEY ?? "");
      const left = `${keys.length === 1 ? "one key" : "both keys"}, all sealed under the ${sealed === keys[0].key[0] ? "newest" : "old one"}`;
      const again = first instanceof Error ? await run(host().running.rotateSecrets()) : undefined;
      remember("rotate-secrets", fault, start + at, { first, left, again });
      expect(lost, `${fault} at ${at}`).toEqual([]);
      expect(keysFromText(app.config.CHARTCTL_MASTER_KEY ?? ""), `${fault} at ${at}`).toHaveLength(1);
      expect(opens(app.config), `${fault} at ${at}`).toBe(true);
    }
  });

  const asked: [string, (running: ReturnType<typeof host>["running"]) => Step[], (app: Awaited<ReturnType<typeof running>>) => string][] = [
    ["scale", ({ scale }) => scale({ web: 2 }), ({ formation }) => `web ${formation.get("web")?.quantity}`],
    ["config", ({ setConfig }) => setConfig({ MAX_COST_PER_PROJECT: "20" }), ({ config }) => `limit ${config.MAX_COST_PER_PROJECT ?? "not set"}`],
    ["restart", ({ restart }) => restart(), () => "it runs"],
  ];
  describe.each(asked)("%s, over a fault at every call", (name, steps, inWords) => {
    it.each(faults)("%s: the next run comes to the same end", async (fault) => {
      const whole = await running();
      const from = heroku.calls.length;
      await run(steps(host().running));
      const count = heroku.calls.length - from;
      const wanted = inWords(whole);
      for (let at = 0; at < count; at++) {
        heroku.apps.clear();
        const app = await running();
        const start = heroku.calls.length;
        heroku.fail = (index) => (index - start === at ? fault : undefined);
        const first = await run(steps(host().running)).catch((error: unknown) => error);
        if (first instanceof Error) expect(first).toMatchObject({ kind: "external", hint: expect.stringContaining("go on with: ") });
        heroku.fail = () => undefined;
        const left = inWords(app);
        const again = await run(steps(host().running));
        remember(name, fault, start + at, { first, left, again });
        expect(inWords(app), `${fault} at ${at}`).toBe(wanted);
      }
    });
  });

  it.each(faults)("is destroyed, with proof, over a fault at every call (%s)", async (fault) => {
    for (let at = 0; at < 3; at++) {
      await running();
      const start = heroku.calls.length;
      heroku.fail = (index) => (index - start === at ? fault : undefined);
      const first = await run(host().takeDown()).catch((error: unknown) => error);
      heroku.fail = () => undefined;
      if (first instanceof Error) expect(first).toMatchObject({ kind: "external", code: "heroku.unanswered" });
      const left = heroku.apps.size > 0 ? "the app" : "nothing";
      const again = await run(host().takeDown());
      remember("destroy", fault, start + at, { first, left, again });
      expect(again.steps.at(-1)).toMatchObject({ outcome: "absent", detail: "Heroku answers 404" });
      expect(heroku.apps.size, `${fault} at ${at}`).toBe(0);
    }
  });

  it("is destroyed without being remembered only where it is chartctl's", async () => {
    const app = await running();
    const stranger = host({ remembered: false });
    app.config = { SECRET_KEY_BASE: "another's" };
    const hint = "if it is yours to destroy: heroku apps:destroy --app sales";
    await expect(stranger.lost()).rejects.toMatchObject({ kind: "conflict", code: "heroku.other-app", hint });
    await expect(run(stranger.takeDown())).rejects.toMatchObject({ code: "heroku.other-app" });
    app.formation.clear(); // no code, but data
    await client().send(anything, "POST", "/apps/sales/addons", { plan: "heroku-postgresql:essential-0" });
    await expect(run(stranger.takeDown())).rejects.toMatchObject({ code: "heroku.other-app" });
    expect(heroku.apps.has("sales")).toBe(true);
    app.config = { CHARTCTL_MASTER_KEY: bytes(200) };
    await run(stranger.takeDown());
    expect(heroku.apps.has("sales")).toBe(false);
  });

  it("is one app: a name that is a path is refused before anything is asked", () => {
    for (const name of ["sales/../victim", "../account", "sales/config-vars", "sales?x", "Sales", "a", "sales\n", "-sales", "x".repeat(31)])
      expect(() => host({ name }), name).toThrow(expect.objectContaining({ kind: "usage", code: "app.invalid" }));
    expect(heroku.calls).toEqual([]);
  });

  it("says what its end would lose", async () => {
    await running();
    await client().send(anything, "POST", "/apps/sales/addons", { plan: "heroku-postgresql:essential-0" });
    expect(await host().lost()).toEqual([expect.stringContaining("heroku-postgresql:essential-0"), expect.stringContaining("master key"), expect.any(String)]);
  });
});

it("what a running platform is asked is in docs/FAULTS.md as it was seen (CHARTCTL_RECORD=1 writes it)", () => {
  const calls = Object.fromEntries(seen.map(({ run: name }) => [name, seen.filter((one) => one.run === name).length / faults.length]));
  const tables = [countsOf(seen, calls), failuresOf(seen, (call) => call.startsWith("GET "))];
  expect(tablesUnder("## A running platform on Heroku", tables)).toEqual(tables);
});

describe("Heroku's API", () => {
  it.each([
    [401, "auth", "heroku.token"],
    [402, "refused", "heroku.payment"],
    [403, "auth", "heroku.forbidden"],
    [404, "not-found", "heroku.not-found"],
    [409, "conflict", "heroku.refused"],
    [422, "failed", "heroku.refused"],
    [429, "external", "heroku.rate-limit"],
  ])("a %s becomes %s", async (status, kind, code) => {
    const answer = async () => new Response(JSON.stringify({ id: "some_id", message: "Some words." }), { status, headers: { "retry-after": "0" } });
    const refusing = herokuClient({ fetch: answer as typeof fetch, url: "https://api.example.org", token: "x", sleep: async () => {} });
    const error = await refusing.send(anything, "POST", "/apps", {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ChartctlError);
    expect(error).toMatchObject({ kind, code, message: `Heroku refuses POST /apps (${status} some_id): Some words` });
  });

  it("is waited for as long as it says, and asked less often when few requests are left", async () => {
    waited.length = 0;
    heroku.fail = (index) => (index === 0 ? "429" : undefined);
    const one = client();
    await one.get(accountSchema, "/account");
    expect(waited).toEqual([1_000]);
    heroku.remaining = 50;
    await one.get(accountSchema, "/account");
    waited.length = 0;
    await one.pause(2_000);
    expect(waited).toEqual([10_000]);
  });

  it("is followed nowhere: what is sent to it, it alone gets", async () => {
    const asked: string[] = [];
    const elsewhere = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      asked.push(String(url));
      expect(init?.redirect).toBe("manual");
      return new Response(null, { status: 307, headers: { location: "https://collector.example.org/apps" } });
    };
    const led = herokuClient({ fetch: elsewhere as typeof fetch, url: "https://api.example.org", token: "x", sleep: async () => {} });
    const refused = { kind: "external", code: "api-address.moved", message: expect.stringContaining("https://collector.example.org") };
    await expect(led.send(anything, "DELETE", "/apps/sales")).rejects.toMatchObject(refused);
    await expect(led.get(accountSchema, "/account")).rejects.toMatchObject(refused);
    expect(asked).toEqual(["https://api.example.org/apps/sales", "https://api.example.org/account"]);
  });

  it("is waited for no longer than its operator wants to: not for a build, and not for its rate limit", async () => {
    const stop = new AbortController();
    const one = herokuClient({ fetch, url: heroku.url, token: heroku.token, interrupted: stop.signal, sleep: async () => stop.abort() });
    await expect(one.pause(60_000, "the build goes on at Heroku")).rejects.toMatchObject({
      kind: "interrupted",
      message: "Interrupted; the build goes on at Heroku",
    });
    heroku.fail = () => "429";
    await expect(one.send(anything, "POST", "/apps", { name: "sales" })).rejects.toMatchObject({ kind: "interrupted" });
    expect(heroku.calls).toHaveLength(1);
  });

  it("is asked again for what is only read, and once for what is written", async () => {
    heroku.fail = () => "500";
    await expect(client().get(accountSchema, "/account")).rejects.toMatchObject({ code: "heroku.failed" });
    expect(heroku.calls).toHaveLength(4);
    await expect(client().send(anything, "POST", "/apps", { name: "sales" })).rejects.toMatchObject({ code: "heroku.unanswered" });
    expect(heroku.calls).toHaveLength(5);
  });
});

describe("what is given", () => {
  it("takes the token of the environment, or that of Heroku's own command line", () => {
    const home = mkdtempSync(join(tmpdir(), "chartctl-netrc-"));
    try {
      expect(() => herokuToken({ HOME: home })).toThrow(expect.objectContaining({ kind: "usage", code: "heroku.token" }));
      writeFileSync(
        join(home, ".netrc"),
        "machine git.heroku.com\n  login a\n  password wrong\nmachine api.heroku.com\n  login a@example.org\n  password right\nmachine other.example.org password wrong\n",
      );
      expect(herokuToken({ HOME: home })).toBe("right");
      expect(herokuToken({ HOME: home, HEROKU_API_KEY: "first" })).toBe("first");
      expect(() => herokuToken({ HOME: home }, "api.elsewhere.example.org")).toThrow(/api\.elsewhere\.example\.org/);
      writeFileSync(join(home, ".netrc"), "machine api.heroku.com login a\nmachine other.example.org password wrong\n");
      expect(() => herokuToken({ HOME: home })).toThrow(ChartctlError);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it("sends a token over no open network", () => {
    const own = "https://api.heroku.com";
    const at = (HEROKU_API_URL?: string): string => apiAddress({ HEROKU_API_URL }, "HEROKU_API_URL", own);
    expect([at(), at(""), at("https://api.example.org/"), at("http://127.0.0.1:8080")]).toEqual([own, own, "https://api.example.org", "http://127.0.0.1:8080"]);
    for (const wrong of ["http://api.heroku.com", "http://localhost.example.org", "api.heroku.com", "file:///etc", "https://user:word@api.heroku.com"])
      expect(() => at(wrong), wrong).toThrow(expect.objectContaining({ kind: "usage", code: "api-address.invalid" }));
  });

  it("takes add-ons by need or by plan", () => {
    expect(addonPlans("logging, monitoring,heroku-redis:mini")).toEqual(["papertrail", "newrelic", "heroku-redis:mini"]);
    expect(addonPlans(undefined)).toEqual([]);
    expect(() => addonPlans("a b")).toThrow(expect.objectContaining({ kind: "usage", code: "addon.invalid" }));
  });

  it("puts a new key before those that are there", () => {
    const random = (count: number): string => Buffer.alloc(count, 7).toString("base64");
    expect(withNewerKey(bytes(1), random)).toBe(`k2:${bytes(7)} k1:${bytes(1)}`);
    expect(withNewerKey(`k9:${bytes(1)}, k2:${bytes(2)}`, random)).toBe(`k10:${bytes(7)} k9:${bytes(1)} k2:${bytes(2)}`);
  });
});
