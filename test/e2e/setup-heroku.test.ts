/** The platform from nothing to signed in, by the real command line; Heroku is a stand-in that really builds and runs what it is sent. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { HerokuStandIn } from "../support/heroku.ts";
import { startHeroku } from "../support/heroku.ts";
import type { Dynos } from "../support/heroku-dynos.ts";
import { runDynos } from "../support/heroku-dynos.ts";

let heroku: HerokuStandIn;
let dynos: Dynos;
let home: Home;
const terraform = execaSync("sh", ["-c", "command -v terraform"]).stdout;
const version = (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;

beforeAll(async () => {
  heroku = await startHeroku();
  dynos = await runDynos(heroku, terraform);
  home = newHome({ HEROKU_API_URL: heroku.url, HEROKU_API_KEY: heroku.token, CHARTCTL_KEYRING: "0", MAX_COST_PER_PROJECT: "20" });
});
afterAll(async () => {
  await dynos?.stop();
  await heroku?.close();
  home?.remove();
});

const app = () => {
  const [only, ...others] = heroku.apps.values();
  if (!only || others.length > 0) throw new Error(`${heroku.apps.size} apps`);
  return only;
};
const writes = (): number => heroku.calls.filter(({ method }) => method !== "GET").length;

describe("chartctl setup heroku", { timeout: 1_200_000 }, () => {
  it("refuses without a token, and says where to get one", async () => {
    const ran = await newHome({ HEROKU_API_URL: heroku.url, HOME: "/nowhere" }).run("setup", "heroku");
    expect([ran.code, ran.stdout]).toEqual([64, ""]);
    expect(ran.stderr).toContain("heroku authorizations:create");
    expect(heroku.calls).toEqual([]);
  });

  it("refuses a setting that the server would refuse, before anything is called", async () => {
    const ran = await home.run("setup", "heroku", "--set", "MAX_COST_PER_PROJECT=much");
    expect([ran.code, ran.stderr]).toEqual([64, expect.stringContaining("MAX_COST_PER_PROJECT is no amount in dollars")]);
    expect(heroku.calls).toEqual([]);
  });

  it.each(["mars", "us-esat-1", "eu-central-1"])("refuses the region %s, and names those that there are", async (region) => {
    const ran = await home.run("setup", "heroku", "--dry-run", "--region", region);
    expect([ran.code, ran.stderr]).toEqual([64, expect.stringMatching(/--region us or eu; .*--region us-east-1 or us-west-2/)]);
    expect(heroku.calls).toEqual([]);
  });

  it("shows every call of a dry run, and makes none", async () => {
    const ran = await home.run("setup", "heroku", "--dry-run");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(
      /1\. POST \/apps .*POST \/sources.*POST \/apps\/chartctl-\d{8}-\d{6}\/builds.*9 calls would be made, in this order\. Nothing was changed\./s,
    );
    expect(ran.stdout).toContain('"CHARTCTL_MASTER_KEY": "***"');
    expect(writes()).toBe(0);
  });

  it("is left with Ctrl-C once, at once, while Heroku makes something; what stands is named, and so is the way on", async () => {
    const { child, ended } = home.start("setup", "heroku");
    await expect.poll(() => heroku.calls.some(({ method, path }) => method === "POST" && path.endsWith("/addons")), { timeout: 60_000 }).toBe(true);
    const calls = heroku.calls.length;
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/Stopped at add-on heroku-postgresql: Interrupted; Heroku goes on making the add-on\. Before it: app/),
    ]);
    expect(stderr).toMatch(/go on with: chartctl setup heroku; undo with: chartctl setup heroku destroy/);
    expect(heroku.calls.length - calls).toBeLessThan(3);
  });

  it("asks nothing, goes on where it was left, and the very next command is signed in", async () => {
    const ran = await home.run("setup", "heroku");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain(`NEXT_PUBLIC_API_URL=${dynos.url}/api\n  NEXT_PUBLIC_ENVIRONMENT=production\n`);
    const me = dataOf(await home.run("whoami", "--json"));
    expect(me).toMatchObject({ userId: "owner", tenantId: "platform", role: "global_owner", apiUrl: dynos.url, context: app().app.name });
    expect(app().app.name).toMatch(/^chartctl-\d{8}-\d{6}$/);
    expect(app().config).toMatchObject({ MAX_COST_PER_PROJECT: "20", PUBLIC_URL: dynos.url });
    // The password went to one process, once, and is nowhere.
    expect(Object.keys(app().config).join()).not.toMatch(/PASSWORD/);
    expect(`${ran.stdout}${ran.stderr}${JSON.stringify(heroku.calls.map(({ path }) => path))}`).not.toContain(app().config.CHARTCTL_MASTER_KEY);
  });

  it("has shipped this package, whole, and the Terraform that is pinned", () => {
    expect(JSON.parse(readFileSync(join(dynos.folder, "package.json"), "utf8"))).toMatchObject({ dependencies: { chartctl: `file:chartctl-${version}.tgz` } });
    expect(readFileSync(join(dynos.folder, "node_modules/chartctl/package.json"), "utf8")).toBe(readFileSync("package.json", "utf8"));
    const packed = execaSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"]).stdout;
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
    const shipped = execaSync("tar", ["-tzf", `chartctl-${version}.tgz`], { cwd: dynos.folder }).stdout.split("\n");
    expect(shipped.sort()).toEqual(files.map(({ path }) => `package/${path}`).sort());
    expect(dynos.postbuild()).toContain("Terraform 1.11.4 is at bin/terraform");
  });

  it("changes nothing when it is run again", async () => {
    const before = writes();
    const ran = await home.run("setup", "heroku");
    expect(ran.code, ran.stderr).toBe(0);
    expect(writes()).toBe(before);
  });

  it("takes the owner's account from nobody: another machine waits, or says that it means it", async () => {
    const other = newHome({ HEROKU_API_URL: heroku.url, HEROKU_API_KEY: heroku.token, CHARTCTL_KEYRING: "0", MAX_COST_PER_PROJECT: "20" });
    try {
      const waits = await other.run("setup", "heroku", "--app", app().app.name);
      expect(waits.code, waits.stderr).toBe(0);
      expect(waits.stdout.replace(/\s+/g, " ")).toMatch(/the owner has signed in elsewhere: chartctl login --api-url \S+; .*--reset-owner/);
      expect((await other.run("whoami")).code).toBe(4);
      expect((await home.run("whoami")).code).toBe(0);
      const meant = await other.run("setup", "heroku", "--app", app().app.name, "--reset-owner");
      expect(meant.code, meant.stderr).toBe(0);
      expect(dataOf(await other.run("whoami", "--json"))).toMatchObject({ userId: "owner", role: "global_owner" });
    } finally {
      other.remove();
    }
  });

  it("scales, shows its config without secrets, and its logs", async () => {
    const scaled = await home.run("setup", "heroku", "scale", "web=2", "--size", "standard-1x");
    expect(scaled.code, scaled.stderr).toBe(0);
    expect(app().formation.get("web")).toEqual({ quantity: 2, size: "standard-1x" });
    const shown = dataOf<{ config: Record<string, string> }>(await home.run("setup", "heroku", "config", "--json"));
    expect(shown.config).toMatchObject({ CHARTCTL_MASTER_KEY: "***", METRICS_TOKEN: "***", DATABASE_URL: "***", MAX_COST_PER_PROJECT: "20" });
    const changed = await home.run("setup", "heroku", "config", "ALERT_EMAIL=ops@example.org");
    expect(changed.code, changed.stderr).toBe(0);
    expect((await home.run("whoami")).code).toBe(0); // it waited until the platform could be used again
    expect(app().config.ALERT_EMAIL).toBe("ops@example.org");
    expect((await home.run("setup", "heroku", "logs", "--lines", "5")).stdout.trim().split("\n")).toHaveLength(5);
  });

  it("rotates the keys, and what was sealed under the old one still opens", async () => {
    expect((await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme")).code).toBe(0);
    const old = { ...app().config };
    const ran = await home.run("setup", "heroku", "rotate-secrets");
    expect(ran.code, ran.stderr).toBe(0);
    expect(app().config.CHARTCTL_MASTER_KEY).toMatch(/^k2:\S+$/);
    expect(app().config.METRICS_TOKEN).not.toBe(old.METRICS_TOKEN);
    expect(app().logs.join("\n")).toMatch(/Sealed again under the newest key: 1 tenants/);
    expect(dataOf<unknown[]>(await home.run("tenants", "--json"))).toHaveLength(1);
  });

  it("is destroyed by its name alone, after proof that no project lives, and leaves nothing behind here", async () => {
    const { name } = app().app;
    const dry = await home.run("setup", "heroku", "destroy", "--dry-run", "--yes");
    expect([dry.code, heroku.apps.size]).toEqual([0, 1]);
    expect(dry.stdout).toContain(`1. DELETE /apps/${name}`);
    const asked = await home.run("setup", "heroku", "destroy");
    expect([asked.code, asked.stderr]).toEqual([64, expect.stringContaining(`--confirm ${name}`)]);
    expect(asked.stderr).toContain("heroku-postgresql:essential-0");
    expect((await home.run("setup", "heroku", "destroy", "--confirm", "other")).code).toBe(64);
    expect(heroku.apps.size).toBe(1);
    const ran = await home.run("setup", "heroku", "destroy", "--confirm", name);
    expect(ran.code, ran.stderr).toBe(0);
    expect(heroku.apps.size).toBe(0);
    expect(readFileSync(join(home.path, "config.json"), "utf8")).not.toContain(name);
    expect(readFileSync(join(home.path, "tokens.json"), "utf8")).not.toContain("cct_");
    expect(heroku.faults).toEqual([]);
  });
});
