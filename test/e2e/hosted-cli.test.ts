/** A team at terminals, against a control API on a socket: sign in, invite, make tokens, revoke them, watch jobs. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimJob, endJob, tellJob } from "../../src/control/store/jobs.ts";
import { openPostgres } from "../../src/control/store/postgres.ts";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { TestHosting } from "../support/hosted.ts";
import { startHosting } from "../support/hosted.ts";
import { startPipeline } from "../support/pipeline.ts";
import { atTerminal } from "../support/terminal.ts";

let api: TestHosting;
const homes: Home[] = [];
const homeOf = (env: NodeJS.ProcessEnv = {}): Home => {
  const home = newHome({ CHARTCTL_KEYRING: "0", TERM: "xterm", ...env });
  homes.push(home);
  return home;
};
const owner = homeOf();
const ann = homeOf();
const password = "correct horse battery staple";
const errorOf = (ran: Ran) => (JSON.parse(ran.stdout) as { error: { code: string; hint: string | null } }).error;
const linkIn = (ran: Ran): string => /http\S+#\S+/.exec(ran.stdout)?.[0] ?? "";
const keptIn = (home: Home) => Object.values(JSON.parse(readFileSync(join(home.path, "tokens.json"), "utf8")) as Record<string, { token: string }>);

beforeAll(async () => {
  api = await startHosting();
});
afterAll(async () => {
  await api?.stop();
  for (const home of homes) home.remove();
});

describe("a team's first hour", () => {
  it("the first owner sets a password with the link, and is signed in", async () => {
    const blocked = await owner.run("login", "--invitation", api.ownerLink);
    expect([blocked.code, blocked.stderr]).toEqual([64, expect.stringContaining("--password-stdin")]);
    const ran = await owner.pipe(`${password}\n`, "login", "--invitation", api.ownerLink, "--password-stdin");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain("You are owner of tenant platform (global_owner)");
    expect((await owner.pipe(`${password}\n`, "login", "--invitation", api.ownerLink, "--password-stdin")).code).toBe(4); // it counted once
  });

  it("keeps the token in a file for its owner alone, and not among the settings", () => {
    const [kept] = keptIn(owner);
    expect(kept?.token).toMatch(/^cct_/);
    expect(statSync(join(owner.path, "tokens.json")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(owner.path, "config.json"), "utf8")).not.toContain("cct_");
  });

  it("adds a tenant and its first user, who signs in in a home of their own", async () => {
    expect((await owner.run("tenants", "add", "acme")).code).toBe(0);
    const added = await owner.run("-t", "acme", "users", "add", "ann", "--role", "admin");
    expect(added.code, added.stderr).toBe(0);
    const ran = await ann.pipe(password, "login", "--invitation", linkIn(added), "--password-stdin");
    expect(ran.code, ran.stderr).toBe(0);
    const me = dataOf(await ann.run("whoami", "--json"));
    expect(me).toMatchObject({ tenantId: "acme", userId: "ann", role: "admin", via: "token", apiUrl: api.url, tokenIn: join(ann.path, "tokens.json") });
    expect((await ann.run("tenants")).code).toBe(4);
    expect((await ann.run("-t", "platform", "users")).code).toBe(6);
  });

  it("invites, promotes and disables; a disabled user is out at once", async () => {
    const bob = homeOf();
    const added = await ann.run("users", "add", "bob");
    expect((await bob.pipe(password, "login", "--invitation", linkIn(added), "--password-stdin")).code).toBe(0);
    expect((await bob.run("users")).code).toBe(4);
    expect((await ann.run("users", "update", "bob", "--role", "admin")).stdout).toContain("as admin");
    expect((await ann.run("users", "update", "bob", "--disable")).stdout).toContain("is disabled");
    expect(errorOf(await bob.run("whoami", "--json")).code).toBe("auth.disabled");
    expect((await ann.run("users", "update", "bob", "--enable")).code).toBe(0);
    expect((await bob.run("whoami")).code).toBe(0);
    expect((await ann.run("users", "update", "bob")).code).toBe(64);
    expect(dataOf<{ id: string }[]>(await ann.run("users", "--json")).map(({ id }) => id)).toEqual(["ann", "bob"]);
  });
});

describe("tokens", () => {
  it("CHARTCTL_TOKEN works until it is revoked, and needs no tenant", async () => {
    const made = await ann.run("tokens", "create", "--name", "ci", "--days", "7");
    expect(made.stdout).toMatch(/^cct_\S+\n$/);
    const token = made.stdout.trim();
    const ci = homeOf({ CHARTCTL_TOKEN: token, CHARTCTL_API_URL: api.url, CI: "true" });
    expect(dataOf(await ci.run("whoami", "--json"))).toMatchObject({ userId: "ann", role: "member", tokenIn: "CHARTCTL_TOKEN" });
    expect(dataOf(await ci.run("quota", "--json"))).toMatchObject({ tenantId: "acme", userId: "ann" });
    expect((await ci.run("projects", "--mine")).code).toBe(0);
    const [, id = ""] = token.split("_");
    expect((await ann.run("tokens", "revoke", id)).code).toBe(0);
    expect(errorOf(await ci.run("whoami", "--json")).code).toBe("auth.revoked");
    expect(JSON.stringify(dataOf(await ann.run("tokens", "--json")))).not.toContain(token);
  });

  it("a given token is kept only when the API knows it", async () => {
    const other = homeOf();
    const at = ["--api-url", api.url, "--token-stdin"];
    expect((await other.pipe("nonsense", "login", ...at)).code).toBe(64);
    expect((await other.pipe(`cct_0123456789abcdef_${"x".repeat(43)}`, "login", ...at)).code).toBe(4);
    expect(errorOf(await other.run("whoami", "--json", "--api-url", api.url)).code).toBe("auth.missing");
    const { token } = dataOf<{ token: string }>(await ann.run("tokens", "create", "--name", "laptop", "--json"));
    expect((await other.pipe(`${token}\n`, "login", ...at, "--context", "work")).code).toBe(0);
    expect((await other.run("whoami")).stdout).toContain("Context      work");
  });

  it("a pipeline signs in without a secret, when it is trusted", async () => {
    const pipeline = await startPipeline("repo:acme/shop:ref:refs/heads/main");
    try {
      const job = homeOf({ ...pipeline.env, CHARTCTL_API_URL: api.url });
      const login = ["login", "--workload", "-t", "acme", "--json"];
      expect((await job.run(...login)).code).toBe(4);
      const trusted = await owner.run(
        "-t",
        "acme",
        "tokens",
        "trust",
        "--user",
        "ann",
        "--issuer",
        pipeline.issuer,
        "--subject",
        "repo:acme/shop:ref:refs/heads/main",
      );
      expect(trusted.code, trusted.stderr).toBe(0);
      expect(dataOf(await job.run(...login))).toMatchObject({ me: { userId: "ann", role: "member", via: "workload" } });
      expect((await job.run("projects")).code).toBe(0);
      const [trust] = dataOf<{ id: string }[]>(await ann.run("tokens", "workloads", "--json"));
      expect((await ann.run("tokens", "untrust", trust?.id ?? "")).code).toBe(0);
      expect((await job.run(...login)).code).toBe(4);
      expect(errorOf(await homeOf().run(...login, "--api-url", api.url)).code).toBe("workload.elsewhere");
    } finally {
      await pipeline.stop();
    }
  });
});

describe("signing in and out", () => {
  const asAnn = ["login", "--tenant", "acme", "--user", "ann"];

  it("says that it was wrong, and not what; asks nothing without a terminal", async () => {
    const other = homeOf();
    const wrong = await other.pipe("not the password", ...asAnn, "--api-url", api.url, "--password-stdin", "--json");
    expect([wrong.code, errorOf(wrong).code]).toEqual([4, "auth.wrong"]);
    for (const [given, flag] of [
      [["login"], "--api-url"],
      [["login", "--api-url", api.url], "--tenant"],
      [["login", "--api-url", api.url, "-t", "acme"], "--user"],
      [[...asAnn, "--api-url", api.url], "--password-stdin"],
    ] as const) {
      const ran = await other.run(...given, "--json");
      expect([ran.code, errorOf(ran).hint]).toEqual([64, expect.stringContaining(flag)]);
    }
  });

  it("asks on a terminal, and never shows the password", async () => {
    const other = homeOf();
    const { code, screen } = await atTerminal(
      other,
      ["login"],
      [
        [/URL of the control API/, `${api.url}\r`],
        [/Tenant:/, "acme\r"],
        [/User:/, "ann\r"],
        [/Password at/, `${password}\r`],
      ],
    );
    expect(code, screen).toBe(0);
    expect(screen).toContain("You are ann of tenant acme");
    expect(screen).not.toContain(password);
  });

  it("sets a new password on a terminal, typed twice", async () => {
    const invited = await ann.run("users", "invite", "bob");
    const typed = `${password}, and more\r`;
    const { code, screen } = await atTerminal(
      homeOf(),
      ["login", "--invitation", linkIn(invited)],
      [
        [/New password at/, "too short\r"],
        [/is shorter than 12/, `${"\b".repeat(9)}${typed}`],
        [/Once more/, typed],
      ],
    );
    expect(code, screen).toBe(0);
    expect(screen).toContain("You are bob of tenant acme");
  });

  it("signing in again revokes the token of before", async () => {
    const [before] = keptIn(ann);
    expect((await ann.pipe(password, "login", "--user", "ann", "--password-stdin")).code).toBe(0);
    expect(keptIn(ann)).not.toContainEqual(before);
    expect(errorOf(await homeOf({ CHARTCTL_TOKEN: before?.token }).run("whoami", "--json", "--api-url", api.url)).code).toBe("auth.revoked");
  });

  it("signing out ends the token; once more has nothing to do", async () => {
    const other = homeOf();
    await other.pipe(password, ...asAnn, "--api-url", api.url, "--password-stdin");
    const [kept] = keptIn(other);
    expect(dataOf(await other.run("logout", "--json"))).toMatchObject({ outcome: "revoked" });
    expect((await homeOf({ CHARTCTL_TOKEN: kept?.token }).run("whoami", "--api-url", api.url)).code).toBe(4);
    expect((await other.run("whoami")).code).toBe(4);
    expect(dataOf(await other.run("logout", "--json"))).toMatchObject({ outcome: "none" });
  });
});

it("the audit log: the newest on top, all of it as JSON lines, and nobody else's", async () => {
  const newest = dataOf<{ sequence: number }[]>(await ann.run("audit", "--json"));
  const lines = (await ann.run("audit", "--export")).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { sequence: number; tenantId: string });
  expect(lines.map(({ sequence }) => sequence)).toEqual(lines.map(({ sequence }) => sequence).toSorted((a, b) => a - b));
  expect(lines.at(-1)?.sequence).toBe(newest.at(-1)?.sequence);
  expect(new Set(lines.map(({ tenantId }) => tenantId))).toEqual(new Set(["acme"]));
  expect((await ann.run("audit", "--all-tenants")).code).toBe(4);
  expect((await owner.run("audit", "--all-tenants", "--export")).stdout).toContain('"tenantId":"platform"');
});

describe("jobs of the platform's workers", () => {
  const order = async (projectId: string): Promise<string> => {
    const ran = await ann.run("-p", projectId, "provision", "--remote", "--detach", "--json");
    expect(ran.code, ran.stderr).toBe(0);
    return dataOf<{ id: string }>(ran).id;
  };
  /** A worker by hand: takes the job, and tells what the test says. */
  async function workOn(jobId: string) {
    const { db } = openPostgres({ url: api.databaseUrl, poolSize: 2, onIdleError: () => {} });
    await claimJob(db, jobId, "by-hand", new Date());
    let sequence = 0;
    return {
      tell: async (event: Record<string, unknown>) => await tellJob(db, jobId, [{ sequence: ++sequence, at: new Date().toISOString(), event }]),
      end: async (end: Parameters<typeof endJob>[3]) => {
        await endJob(db, jobId, "by-hand", end, new Date());
        await db.destroy();
      },
    };
  }

  it("are followed to their end, also over a server that dies, without a word twice", async () => {
    const worker = await workOn(await order("watched"));
    await worker.tell({ type: "step", step: "plan", phase: "start" });
    const { child, ended } = ann.start("-p", "watched", "status", "--follow");
    await new Promise<void>((resolve) => child.stderr?.on("data", (text: string) => text.includes("Plan …") && resolve()));
    await api.kill();
    await worker.tell({ type: "step", step: "plan", phase: "done" });
    await worker.tell({ type: "something", of: "a newer platform" });
    await sleep(1_500);
    await api.start();
    await worker.end({ result: { outcome: "applied", monthlyCents: 98, outputs: {} } });
    const ran = await ended;
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("Project watched is provisioned.")]);
    expect(ran.stderr.match(/Plan …/g)).toHaveLength(1);
    expect(ran.stderr).toContain("✔ Plan (");
  });

  it("that fail end with their error and its exit code; as JSON, one document a line", async () => {
    const worker = await workOn(await order("failing"));
    const [text, lines] = [ann.start("-p", "failing", "status", "--follow"), ann.start("-p", "failing", "status", "--follow", "--json")];
    await worker.tell({ type: "note", level: "warn", message: "something is odd" });
    await sleep(1_000);
    await worker.end({ error: { kind: "refused", code: "cost.too-high", message: "It costs too much", hint: "take less" } });
    const [told, documents] = await Promise.all([text.ended, lines.ended]);
    expect([told.code, told.stderr]).toEqual([3, expect.stringMatching(/something is odd[\s\S]*error: It costs too much\nhelp: take less/)]);
    const parsed = documents.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; data: Record<string, unknown> });
    expect(documents.code).toBe(3);
    expect(parsed.map(({ kind }) => kind)).toEqual(["JobEvent", "Job"]);
    expect(parsed[1]?.data).toMatchObject({ status: "failed", error: { code: "cost.too-high" } });
  });

  it("go on when their watcher is interrupted", async () => {
    const worker = await workOn(await order("alone"));
    await worker.tell({ type: "step", step: "apply", phase: "start" });
    const { child, ended } = ann.start("-p", "alone", "status", "--follow");
    await new Promise<void>((resolve) => child.stderr?.on("data", (text: string) => text.includes("Apply") && resolve()));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining("goes on without being watched") });
    expect((await ann.run("-p", "alone", "provision", "--remote", "--detach")).code).toBe(5); // one job at a time
    await worker.end({ result: { outcome: "applied" } });
  });

  it("need what the platform has", async () => {
    for (const words of [
      ["deploy-app", "--remote"],
      ["provision", "--detach"],
      ["provision", "--remote", "--plan"],
      ["destroy", "--remote", "--account-id", "123456789012"],
    ])
      expect((await ann.run("-p", "alone", ...words)).code, words.join(" ")).toBe(64);
    const embedded = homeOf();
    await embedded.run("tenants", "add", "acme");
    expect(errorOf(await embedded.run("-t", "acme", "-p", "sales", "provision", "--remote", "--json")).code).toBe("api.embedded");
  });
});

it("the platform at a glance is its owners' alone", async () => {
  expect(dataOf(await owner.run("stats", "--json"))).toMatchObject({ tenants: [{ tenantId: "acme", users: 2 }], jobs: { failedToday: 1 } });
  expect((await ann.run("stats")).code).toBe(4);
});

it("signing out of an API that is gone forgets the token, and says so", async () => {
  await api.kill();
  const ran = await ann.run("logout");
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("is not revoked")]);
  expect(ran.stdout).toContain("is forgotten here");
  expect(keptIn(ann)).toEqual([]);
});
