/** Setting up on Heroku, against a stand-in that judges each request by Heroku's schema: from nothing, again, and failing at every single call. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { herokuClient } from "../../../src/adapters/heroku/client.ts";
import { herokuHost } from "../../../src/adapters/heroku/host.ts";
import { contextStep, ownerStep, readyStep } from "../../../src/core/setup/first-use.ts";
import type { SavedContexts } from "../../../src/core/setup/remembered-host.ts";
import { rememberedName, withHost, withPlatform } from "../../../src/core/setup/remembered-host.ts";
import type { SetupReport } from "../../../src/core/setup/steps.ts";
import { runSteps } from "../../../src/core/setup/steps.ts";
import { typedCommand } from "../../../src/core/typed-command.ts";
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
const bytes = new Uint8Array([31, 139, 8, 0]);
const source = { bytes, version: "chartctl 0.1.0 (abc)", sha256: createHash("sha256").update(bytes).digest("hex") };

/** One operator's machine: what it remembers, and the token that it keeps. */
function machine() {
  let contexts: SavedContexts = { current: undefined, contexts: {} };
  let kept: string | undefined;
  let clock = 0;
  let secrets = 0;
  const run = async (
    options: { app?: string; dryRun?: boolean; chosen?: Record<string, string>; size?: string; token?: string; addons?: string[] } = {},
  ): Promise<SetupReport> => {
    const client = herokuClient({ fetch, url: heroku.url, token: options.token ?? heroku.token, sleep: async () => void (await new Promise(setImmediate)) });
    const name = options.app ?? rememberedName("heroku", undefined, contexts);
    let invented: string | undefined;
    const host = herokuHost({
      client,
      app: {
        name,
        remembered: Object.values(contexts.contexts).some((values) => values.host === `heroku/${name}`),
        inventName: () => `chartctl-20261121-18450${clock++}`,
        likeName: (one) => `${one}-2`,
        remember: async (chosen) => {
          contexts = withHost("heroku", chosen, undefined, contexts, invented === chosen ? undefined : invented);
          if (chosen !== name) invented = chosen;
        },
        team: undefined,
        region: undefined,
      },
      size: options.size,
      addons: options.addons ?? [],
      config: { chosen: options.chosen ?? {}, offered: { AWS_REGION: "us-east-1" } },
      build: { source: async () => source, output: () => {}, signal: never.gentle },
      random: (count) => Buffer.alloc(count, ++secrets).toString("base64"),
    });
    const passwords = new Map<string, string>();
    const ports = {
      clock: { now: () => new Date(), sleep: async () => {} },
      url: host.url,
      isReady: async () =>
        [...heroku.apps.values()].some(
          ({ formation }) => [...formation.values()].length === 2 && [...formation.values()].every(({ quantity }) => quantity > 0),
        ),
      signedInAs: async () => kept,
      setOwner: async (password: string) => {
        await host.running.once(["serve", "--set-owner"], { CHARTCTL_OWNER_PASSWORD: password });
        passwords.set("owner", password);
        return true;
      },
      resetCommand: "chartctl setup heroku --reset-owner",
      signIn: async (_: string, password: string) => {
        if (passwords.get("owner") !== password) throw new ChartctlError({ kind: "auth", code: "auth.invalid", message: "wrong password" });
        kept = "owner of platform";
        return "kept";
      },
      logsCommand: "chartctl setup heroku logs",
      newPassword: () => `password-${++secrets}`,
      saveContext: async (url: string) => {
        const before = contexts;
        contexts = withPlatform("heroku", host.name, url, undefined, before);
        return { context: contexts.current ?? "", changed: JSON.stringify(before) !== JSON.stringify(contexts) };
      },
    };
    const steps = [...host.bringUp(), readyStep(ports, never.gentle), ownerStep(ports), contextStep(ports)];
    return await runSteps(steps, {
      dryRun: options.dryRun ?? false,
      progress: () => {},
      interrupt: never,
      goOn: ({ details }) => typedCommand(["chartctl", "setup", "heroku"], { app: details?.otherName as string | undefined }),
      undo: "chartctl setup heroku destroy",
    });
  };
  return { run, contexts: () => contexts, kept: () => kept };
}

const outcomes = ({ steps }: SetupReport): Record<string, string> => Object.fromEntries(steps.map(({ name, outcome }) => [name, outcome]));
const writes = (): string[] => heroku.calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);

/** All that stands at Heroku, without what is random. */
const standing = () =>
  [...heroku.apps].map(([name, { app, config, addons, buildpacks, formation, builds }]) => ({
    name,
    stack: app.build_stack?.name,
    config: Object.keys(config).sort(),
    addons: addons.map(({ plan, state }) => `${plan?.name} ${state}`),
    buildpacks,
    formation: Object.fromEntries([...formation].map(([type, { quantity }]) => [type, quantity])),
    code: builds
      .filter(({ status }) => status === "succeeded")
      .map(({ source_blob }) => source_blob?.version)
      .at(-1),
  }));

const app = "chartctl-20261121-184500";
const whole = {
  name: app,
  stack: "heroku-24",
  config: [
    "AWS_REGION",
    "CHARTCTL_MASTER_KEY",
    "CHARTCTL_OWNER",
    "CHARTCTL_TERRAFORM",
    "DATABASE_URL",
    "HOST",
    "MAX_COST_PER_PROJECT",
    "MAX_RESOURCES_PER_USER",
    "MAX_TOTAL_COST_PER_USER",
    "METRICS_TOKEN",
    "NODE_ENV",
    "PUBLIC_URL",
    "RESOURCE_TIMEOUT_MINUTES",
    "TRUSTED_PROXIES",
  ],
  addons: ["heroku-postgresql:essential-0 provisioned"],
  buildpacks: ["heroku/nodejs"],
  formation: { web: 1, worker: 1 },
  code: source.version,
};

describe("setting up on Heroku", () => {
  it("makes everything from nothing, and the second run changes nothing", async () => {
    const { run, contexts } = machine();
    const first = await run();
    expect(standing()).toEqual([whole]);
    expect(contexts()).toEqual({ current: app, contexts: { [app]: { host: `heroku/${app}`, apiUrl: `https://${app}-0123456789ab.herokuapp.com` } } });
    expect(outcomes(first)).toMatchObject({
      app: "made",
      "config vars": "made",
      code: "made",
      "web and worker": "changed",
      "the owner, signed in here": "made",
    });
    const made = writes();
    expect(made).toEqual([
      "POST /apps",
      `PUT /apps/${app}/buildpack-installations`,
      `POST /apps/${app}/addons`,
      `PATCH /apps/${app}/config-vars`,
      "POST /sources",
      "PUT /sources-ID",
      `POST /apps/${app}/builds`,
      `PATCH /apps/${app}/formation`,
      `POST /apps/${app}/dynos`,
      `POST /apps/${app}/log-sessions`,
    ]);
    const second = await run();
    expect(writes()).toEqual(made);
    expect(outcomes(second)).toMatchObject({ "AWS credentials": "waits" });
    expect(new Set(Object.values({ ...outcomes(second), "AWS credentials": "found" }))).toEqual(new Set(["found"]));
  });

  it("shows the same calls in a dry run, with no secret, and sends none", async () => {
    const { run, contexts } = machine();
    const report = await run({ dryRun: true });
    expect(writes()).toEqual([]);
    expect(contexts()).toEqual({ current: undefined, contexts: {} });
    expect(report.calls.map(({ operation }) => operation)).toEqual([
      "POST /apps",
      `PUT /apps/${app}/buildpack-installations`,
      `POST /apps/${app}/addons`,
      `PATCH /apps/${app}/config-vars`,
      "POST /sources",
      "PUT https://(given by Heroku)",
      `POST /apps/${app}/builds`,
      `PATCH /apps/${app}/formation`,
      "chartctl serve --set-owner, on the host; then POST /api/auth/login",
    ]);
    expect(report.calls[3]?.body).toMatchObject({ CHARTCTL_MASTER_KEY: "***", METRICS_TOKEN: "***", HOST: "0.0.0.0", TRUSTED_PROXIES: "1" });
    expect(report.calls.at(-1)?.body).toEqual({ CHARTCTL_OWNER_PASSWORD: "***" });
  });

  it("takes another name when the first is somebody else's, and refuses one that was asked for", async () => {
    heroku.taken.add(app);
    const { run, contexts } = machine();
    await run();
    expect([...heroku.apps.keys()]).toEqual(["chartctl-20261121-184501"]);
    expect(Object.keys(contexts().contexts)).toEqual(["chartctl-20261121-184501"]);
    heroku.taken.add("sales");
    // Forbidden to look at, as Heroku has it for another account's, and taken meanwhile: the same to whoever asked for the name.
    const undo = /undo with/; // it would be another's app
    const refused = { kind: "conflict", code: "heroku.name-taken", hint: expect.not.stringMatching(undo) };
    const another = (name: string) => ({
      ...refused,
      hint: expect.stringContaining(`such as: --app ${name}-2; go on with: chartctl setup heroku --app ${name}-2`),
    });
    await expect(machine().run({ app: "sales" })).rejects.toMatchObject({ ...refused, message: expect.stringContaining("Nothing was changed before it") });
    await expect(machine().run({ app: "sales" })).rejects.toMatchObject(another("sales"));
    heroku.fail = (_, { method }) => {
      if (method === "GET") heroku.taken.delete("late");
      else heroku.taken.add("late");
      return undefined;
    };
    await expect(machine().run({ app: "late" })).rejects.toMatchObject(refused);
    heroku.taken.delete("late");
    await expect(machine().run({ app: "late" })).rejects.toMatchObject(another("late"));
  });

  it("leaves an app alone that runs something else", async () => {
    const other = machine();
    await other.run();
    const hosted = heroku.apps.get(app);
    if (hosted) delete hosted.config.CHARTCTL_MASTER_KEY;
    await expect(machine().run({ app })).rejects.toMatchObject({
      kind: "conflict",
      code: "heroku.other-app",
      hint: expect.stringContaining(`go on with: chartctl setup heroku --app ${app}-2`),
    });
  });

  it("leaves an app alone that runs an image, which has no slug", async () => {
    const seed = machine();
    await seed.run();
    const hosted = heroku.apps.get(app);
    if (!hosted) throw new Error("no app");
    hosted.config = {};
    hosted.app.slug_size = null;
    await expect(machine().run({ app })).rejects.toMatchObject({ code: "heroku.other-app" });
    hosted.formation.clear();
    hosted.app.build_stack = { id: hosted.app.id ?? "", name: "container" };
    await expect(machine().run({ app })).rejects.toMatchObject({ code: "heroku.other-app" });
    expect(hosted.config).toEqual({});
    expect(hosted.app.build_stack.name).toBe("container");
  });

  it("keeps secrets and hand-made settings, and changes only what is named", async () => {
    const { run } = machine();
    await run();
    const hosted = heroku.apps.get(app);
    if (!hosted) throw new Error("no app");
    Object.assign(hosted.config, { MAX_COST_PER_PROJECT: "75", PUBLIC_URL: "https://charts.example.org", TRUSTED_PROXIES: "2" });
    hosted.formation.set("web", { quantity: 3, size: "Basic" });
    const before = { ...hosted.config };
    await run({ chosen: { CORS_ORIGIN: "https://app.example.org" } });
    expect(hosted.config).toEqual({ ...before, CORS_ORIGIN: "https://app.example.org" });
    expect(heroku.calls.filter(({ method, path }) => method === "PATCH" && path.endsWith("config-vars")).at(-1)?.body).toEqual({
      CORS_ORIGIN: "https://app.example.org",
    });
    expect(hosted.formation.get("web")).toEqual({ quantity: 3, size: "Basic" });
  });

  it("names the build's own words when it fails, keeps the old release when the new one does, and goes on", async () => {
    const { run } = machine();
    heroku.failNext = { build: true };
    const failed = await run().catch((error: ChartctlError) => error);
    expect(failed).toMatchObject({
      kind: "external",
      code: "heroku.build",
      details: { output: ["-----> Building on the Heroku-24 stack", "-----> Node.js app detected"] },
    });
    heroku.failNext = { release: true };
    await expect(run()).rejects.toMatchObject({ code: "heroku.release" });
    await run();
    expect(standing()).toEqual([whole]);
  });

  it("says so when the database can't be made, and makes another one", async () => {
    const { run } = machine();
    heroku.failNext = { addon: true };
    await expect(run()).rejects.toMatchObject({ kind: "external", code: "heroku.addon" });
    await run();
    expect(heroku.apps.get(app)?.addons.map(({ state }) => state)).toEqual(["deprovisioned", "provisioned"]);
  });

  it("refuses a wrong token at the first call", async () => {
    await expect(machine().run({ token: "other" })).rejects.toMatchObject({ kind: "auth", code: "heroku.token" });
    expect(heroku.calls).toHaveLength(1);
  });
});

/** Calls of an undisturbed run, from a run of its own. */
async function callsOfARun(): Promise<{ method: string; path: string }[]> {
  const undisturbed = await startHeroku();
  const outer = heroku;
  heroku = undisturbed;
  try {
    await machine().run();
    return [...undisturbed.calls];
  } finally {
    heroku = outer;
    await undisturbed.close();
  }
}

const counts = (all: string[]): Record<string, number> =>
  Object.fromEntries([...new Set(all)].sort().map((one) => [one, all.filter((other) => other === one).length]));

const modes: (HerokuFault | "down")[] = ["before", "after", "429", "500", "500-after", "down"];

/** How many calls, by method, stop a run with an error: a lost answer of a create is looked up, and reads are asked again. */
const stops: Record<HerokuFault | "down", Record<string, number>> = {
  before: { PATCH: 2, POST: 5, PUT: 1 },
  after: { PATCH: 1, POST: 2, PUT: 1 },
  429: {},
  500: { PATCH: 2, POST: 5, PUT: 1 },
  "500-after": { PATCH: 1, POST: 2, PUT: 1 },
  down: { GET: 18, PATCH: 2, POST: 6, PUT: 2 },
};

/** What stands, in few words. */
function inWords(signedIn: boolean): string {
  const [app] = heroku.apps.values();
  if (!app) return "nothing";
  const things = {
    app: true,
    buildpack: app.buildpacks.length > 0,
    database: app.addons.length > 0,
    config: "CHARTCTL_MASTER_KEY" in app.config,
    code: app.builds.length > 0,
    "web and worker": [...app.formation.values()].some(({ quantity }, at) => at === 1 && quantity > 0),
    "owner signed in": signedIn,
  };
  return Object.entries(things)
    .flatMap(([name, there]) => (there ? [name] : []))
    .join(", ");
}

const shortNames: Record<string, string> = {
  "Node buildpack": "buildpack",
  "add-on heroku-postgresql": "database",
  "config vars": "config",
  "the owner, signed in here": "owner",
};
/** What a run did beside finding what stood. */
function didInWords({ steps }: SetupReport): string {
  const names = (outcome: string) => steps.filter((one) => one.outcome === outcome).map(({ name }) => shortNames[name] ?? name);
  const did = ["made", "changed"].flatMap((outcome) => (names(outcome).length > 0 ? [`${outcome} ${names(outcome).join(", ")}`] : []));
  return did.join("; ") || "found all";
}

const seen: Failure[] = [];
const run = "setup heroku";

describe("a fault at every call of a setup", () => {
  it.each(modes)("%s", { timeout: 600_000 }, async (mode) => {
    const calls = await callsOfARun();
    expect(calls.length).toBeGreaterThan(25);
    const told: string[] = [];
    for (const at of calls.keys()) {
      heroku.apps.clear();
      const from = heroku.calls.length;
      heroku.fail = (index) => (mode === "down" ? (index - from >= at ? "before" : undefined) : index - from === at ? mode : undefined);
      const { run: once, contexts, kept } = machine();
      const first = await once().catch((error: unknown) => error);
      const call = heroku.calls[from + at];
      const where = `${mode} at call ${at}, ${call?.method} ${call?.path}`;
      if (first instanceof Error) {
        expect(first, where).toBeInstanceOf(ChartctlError);
        const { message, hint, kind } = first as ChartctlError;
        expect(kind, where).toBe("external");
        expect(hint, where).toContain("go on with: chartctl setup heroku");
        expect(message, where).toMatch(/^Stopped at .+: .+(Before it: .+|Nothing was changed before it)\.$/s);
        if (heroku.apps.size > 0 && !/Stopped at app/.test(message))
          expect([message, hint].join(), where).toMatch(/Before it: .*app.*undo with: chartctl setup heroku destroy/s);
        told.push(call?.method ?? "");
      }
      // Down is down: no call from there on gets through. A read that fails once is asked again, and a 429 was never done.
      if (mode === "down") expect(first, where).toBeInstanceOf(ChartctlError);
      if (mode === "429") expect(first, where).not.toBeInstanceOf(Error);
      if (call?.method === "GET" && mode !== "down") expect(first, where).not.toBeInstanceOf(Error);
      heroku.fail = () => undefined;
      const left = inWords(kept() !== undefined);
      const next = didInWords(await once());
      seen.push({
        run,
        call: call ? `${call.method} ${call.path.replace(/^\/apps\/[^/]+/, "/apps/APP")}` : "",
        answerLost: mode === "after" || mode === "500-after",
        stopped: (first as ChartctlError).details?.stoppedAt as string | undefined,
        left,
        next,
      });
      // Nothing was made yet when a run is down from its start: then the next one has a later name.
      const name = contexts().current ?? "";
      expect(standing(), where).toEqual([{ ...whole, name }]);
      expect(contexts().contexts, where).toEqual({ [name]: { host: `heroku/${name}`, apiUrl: `https://${name}-0123456789ab.herokuapp.com` } });
      expect(kept(), where).toBe("owner of platform");
    }
    expect(counts(told)).toEqual(stops[mode]);
  });

  it("is in docs/FAULTS.md as it was seen (CHARTCTL_RECORD=1 writes it)", () => {
    const tables = [countsOf(seen, { [run]: seen.length / modes.length }), failuresOf(seen, (call) => call.startsWith("GET "))];
    expect(tablesUnder("## `setup heroku`", tables)).toEqual(tables);
  });
});
