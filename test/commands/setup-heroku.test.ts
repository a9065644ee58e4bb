/** A running platform on Heroku, by the real command line: a change is over when the platform can be used again. */
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anything } from "../../src/adapters/heroku/answers.ts";
import { herokuClient } from "../../src/adapters/heroku/client.ts";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { HerokuStandIn } from "../support/heroku.ts";
import { startHeroku } from "../support/heroku.ts";
import { onLoopback } from "../support/loopback.ts";

let heroku: HerokuStandIn;
let home: Home;
let platforms: Awaited<ReturnType<typeof onLoopback>>;
/** How each app's platform was asked whether it is ready, with the states of its processes then. */
const asked = new Map<string, string[]>();
const waiting: (() => void)[] = [];
/** They are ready when they are asked for the second time; `stuck` never is. */
const server = createServer((request, response) => {
  const [, name = ""] = (request.url ?? "").split("/");
  const states = [...(heroku.apps.get(name)?.processes.values() ?? [])].map(({ looks }) => (looks > 0 ? "starting" : "up"));
  const times = asked.get(name) ?? [];
  asked.set(name, [...times, [...new Set(states)].join()]);
  response.end(JSON.stringify({ status: times.length > 0 && name !== "stuck" ? "ready" : "not ready" }));
  for (const resolve of waiting.splice(0)) resolve();
});

beforeAll(async () => {
  heroku = await startHeroku();
  platforms = await onLoopback(server);
  heroku.webUrl = (name) => `${platforms.url}/${name}/`;
  home = newHome({ HEROKU_API_URL: heroku.url, HEROKU_API_KEY: heroku.token, CHARTCTL_KEYRING: "0" });
});
afterAll(async () => {
  expect(heroku.faults).toEqual([]);
  await heroku.close();
  await platforms.close();
  home.remove();
});

/** An app that runs, without the way there. */
async function running(name: string) {
  const client = herokuClient({ fetch, url: heroku.url, token: heroku.token });
  await client.send(anything, "POST", "/apps", { name });
  const app = heroku.apps.get(name);
  if (!app) throw new Error("no app");
  for (const type of ["web", "worker"]) app.formation.set(type, { quantity: 1, size: "Basic" });
  await client.get(anything, `/apps/${name}/dynos`);
  return app;
}

test.concurrent.each([
  ["config", ["config", "MAX_COST_PER_PROJECT=20"]],
  ["restart", ["restart"]],
  ["scale", ["scale", "web=2"]],
])("%s returns when the platform answers again", { timeout: 120_000 }, async (name, args) => {
  await running(name);
  const ran = await home.run("setup", "heroku", ...args, "--app", name);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain(`found    processes run\nfound    the platform answers: ${platforms.url}/${name}/api/ready\n`);
  expect(asked.get(name)).toEqual(["up", "up"]);
});

test.concurrent("scaled to no web process it isn't waited for, neither then nor when its config is changed", { timeout: 120_000 }, async () => {
  await running("none");
  const scaled = await home.run("setup", "heroku", "scale", "web=0", "--app", "none");
  expect([scaled.code, scaled.stdout]).toEqual([0, "changed  web: web 0, worker 1\nfound    processes run\n"]);
  const changed = await home.run("setup", "heroku", "config", "MAX_COST_PER_PROJECT=20", "--app", "none");
  expect([changed.code, changed.stdout]).toEqual([0, expect.stringContaining("absent   the platform answers: no web process is to run\n")]);
  expect(asked.has("none")).toBe(false);
});

test.concurrent("Ctrl-C once ends the wait, and says what was changed", { timeout: 120_000 }, async () => {
  await running("stuck");
  const { child, ended } = home.start("setup", "heroku", "config", "MAX_COST_PER_PROJECT=20", "--app", "stuck");
  while (!asked.has("stuck")) await new Promise<void>((resolve) => waiting.push(resolve));
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([
    130,
    expect.stringContaining(
      "error: Stopped at the platform answers: Interrupted. Before it: config vars, processes run.\nhelp: go on with: chartctl setup heroku config MAX_COST_PER_PROJECT=20 --app stuck\n",
    ),
  ]);
});

test.concurrent("a dry run of logs shows the call, and makes none", async () => {
  const args = ["setup", "heroku", "logs", "--dry-run", "--app", "quiet", "--lines", "5", "--process", "web.1"];
  const ran = await home.run(...args);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toBe(`1. POST /apps/quiet/log-sessions  log
   {
     "lines": 5,
     "tail": false,
     "dyno_name": "web.1"
   }
1 call would be made, in this order. Nothing was changed.
`);
  expect(dataOf(await home.run(...args, "--follow", "--json"))).toEqual({
    name: "quiet",
    dryRun: true,
    steps: [],
    calls: [{ step: "log", operation: "POST /apps/quiet/log-sessions", body: { lines: 5, tail: true, dyno_name: "web.1" } }],
  });
  expect(heroku.calls.filter(({ path }) => path.startsWith("/apps/quiet"))).toEqual([]);
});

test.concurrent("a name that is somebody else's is not asked for again: the command that goes on has another one", async () => {
  heroku.taken.add("taken");
  const ran = await home.run("setup", "heroku", "--team", "acme", "--app", "taken");
  expect([ran.code, ran.stderr]).toEqual([5, expect.stringContaining("The name taken is taken by somebody else on Heroku")]);
  const [, other] = /^help: .*; go on with: chartctl setup heroku --team acme --app (\S+)$/m.exec(ran.stderr) ?? [];
  expect(other).toMatch(/^taken-[0-9a-f]{4}$/);
  expect(ran.stderr).not.toMatch(/--app taken$/m);
  expect((await home.run("setup", "heroku", "--dry-run", "--team", "acme", "--app", other ?? "")).code).toBe(0);
});
