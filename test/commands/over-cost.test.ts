/** What a person sees of costs over a limit, through the built command line on its own books; and a delivery that is killed. */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Libsql from "libsql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import { openEmbedded } from "../../src/control/embedded.ts";
import { addDays, dayOf } from "../../src/core/costs/actual/period.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import { provisionOf } from "../control/support.ts";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import type { WebhookReceiver } from "../support/webhook-receiver.ts";
import { webhookReceiver } from "../support/webhook-receiver.ts";

/** The same books, with and without a webhook. */
let home: Home;
let quiet: Home;
let services: CostServices;
let receiver: WebhookReceiver;
const acme = (...args: string[]): Promise<Ran> => home.run("-t", "acme", "--user", "ana", ...args);
const flat = ({ stdout }: Ran): string => stdout.replace(/\s+/g, " ");

/** Projects that stand; their keys. Opened here once: a process that opens the file again loses SQLite's locks on it. */
async function booked(projects: [tenant: string, id: string][]): Promise<Record<string, string>> {
  const onBug = (error: unknown): void => console.error(error);
  const embedded = openEmbedded({
    dataDir: join(quiet.path, "data"),
    version: "0.0.0",
    now: () => new Date(),
    prices: () => packagedPrices,
    alertReceiver: async () => undefined,
    onBug,
  });
  const keys: Record<string, string> = {};
  for (const [tenant, id] of projects) {
    const headers = { "x-chartctl-tenant": tenant, "x-chartctl-user": "ana" };
    const books = booksFrom(controlApiClient({ fetch: embedded.fetch, baseUrl: "http://embedded", headers }));
    const { operation, project } = await books.open(provisionOf(id));
    await books.finish(operation, { outcome: "succeeded", standing: "something", outputs: {} });
    keys[id] = project.key;
  }
  await embedded.close();
  return keys;
}

beforeAll(async () => {
  receiver = await webhookReceiver();
  quiet = newHome({ AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" });
  for (const tenant of ["acme", "globex"]) expect((await quiet.run("tenants", "add", tenant)).code).toBe(0);
  home = newHome({ ...quiet.env, CHARTCTL_HOME: quiet.path, ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: receiver.secret });
  const keys = await booked([
    ["acme", "sales"],
    ["acme", "other"],
    ["globex", "shop"],
  ]);
  // In this month, also on its first day.
  const today = dayOf(new Date());
  const yesterday = addDays(today, -1);
  const hour = `${yesterday.slice(0, 7) === today.slice(0, 7) ? yesterday : today}T00`;
  const line = (tenant: string, project: string, amount: string, type = "Usage"): BillLine => ({
    hour,
    type,
    productCode: "AmazonS3",
    usageType: "TimedStorage-ByteHrs",
    region: "us-east-1",
    currency: "USD",
    tags: { TenantId: tenant, UserId: "ana", ProjectId: project, ProjectKey: keys[project] ?? "" },
    amount,
  });
  const lines = [line("acme", "sales", "61.2034"), line("acme", "other", "12"), line("globex", "shop", "55.5"), line("globex", "shop", "-5.25", "Credit")];
  services = await startCostServices(lines, undefined);
  for (const one of [home, quiet]) one.env.AWS_ENDPOINT_URL = services.url;
  expect((await acme("quota", "set", "--whole-tenant", "--over-cost", "clean-up", "--grace", "36h")).code).toBe(0);
}, 60_000);
afterAll(async () => {
  await services?.close();
  await receiver?.close();
  quiet?.remove();
  home?.remove();
});

describe("costs over a limit", { timeout: 60_000 }, () => {
  it("are marked by a reading; without a webhook, nobody is told, and that is said", async () => {
    const read = await quiet.run("-t", "acme", "costs", "sync", "--source", "ce");
    expect([read.code, read.stderr]).toEqual([0, expect.stringContaining("1 alert told to nobody: set ALERT_WEBHOOK_URL")]);
  });

  it("are what status warns of: amount, limit, time left, and what to do", async () => {
    expect(flat(await acme("-p", "sales", "status"))).toMatch(
      /AWS has billed it \$61\.21 this month, its limit is \$50\.00 \(since .* UTC\); purged and destroyed in 1 d 1[12] h \(.* UTC\)\. .*chartctl destroy --purge -t acme -p sales; .*chartctl quota set -t acme --user ana --project-cost DOLLARS/,
    );
    expect(flat(await acme("-p", "other", "status"))).not.toContain("Over limit");
    expect((await acme("projects")).stdout).toMatch(/sales is over the limit of one project: \$61\.21 of \$50\.00 billed this month/);
  });

  it("are what a clean-up waits for, what stats tell, and no reason for exit 1", async () => {
    const shown = await acme("cleanup", "--dry-run");
    expect(flat(shown)).toMatch(/waits acme\/sales: wait because AWS has billed it \$61\.21 this month, its limit is \$50\.00; it is destroyed in 1 d 1[12] h/);
    expect([shown.code, (await acme("stats")).stdout]).toEqual([
      0,
      expect.stringMatching(/Over a limit this month[\s\S]+acme\/sales +│? *\$61\.21 of \$50\.00/),
    ]);
  });

  it("refuse more, exit 3, with the numbers", async () => {
    const refused = await acme("-p", "sales", "--yes", "--json", "provision", "--set", "memory_mb=1024");
    expect([refused.code, refused.stdout]).toEqual([3, expect.stringContaining("quota.project-actual")]);
  });

  it("are told once, also when the one who tells is killed before it can note it", async () => {
    receiver.next.push("silent");
    const dying = home.start("alerts", "deliver");
    while (receiver.got.length === 0) await sleep(20);
    dying.child.kill("SIGKILL");
    expect((await dying.ended).signal).toBe("SIGKILL");
    expect(dataOf(await home.run("--json", "alerts", "deliver"))).toMatchObject({ delivered: 0, standing: { waiting: 1 } });
    // A minute later the dead one's claim has ended.
    const books = new Libsql(join(quiet.path, "data", "chartctl.db"));
    books.prepare("update alerts set claimed_until = ?").run(new Date(Date.now() - 1).toISOString());
    books.close();
    expect(flat(await home.run("alerts", "deliver"))).toBe("1 alert delivered. ");
    expect(receiver.got.map(({ id }) => id)).toEqual([receiver.got[0]?.id, receiver.got[0]?.id]);
    expect(flat(await home.run("alerts"))).toMatch(/acme\/sales +over /);
  });

  it("go on when the limit is raised: nothing is marked, nothing waits", async () => {
    expect((await acme("quota", "set", "--project-cost", "70")).stdout).toMatch(/\$70\.00 a project.*\n.*told, then purged and destroyed 1 d 12 h later/);
    expect(flat(await acme("-p", "sales", "status"))).not.toContain("Over limit");
    expect(flat(await acme("cleanup", "--dry-run"))).not.toContain("billed");
  });

  it.each([
    [["--grace", "2h"], "grace.invalid"],
    [["--over-cost", "alert", "--grace", "2h"], "grace.invalid"],
    [["--over-cost", "clean-up", "--grace", "none"], "grace.invalid"],
    [["--over-cost", "clean-up", "--grace", "32d"], "grace.invalid"],
    [["--over-cost", "clean-up", "--grace", "soon"], "duration.invalid"],
    [["--over-cost", "explode"], "usage"],
  ])("quota set %j → %s, exit 64", async (flags, code) => {
    const ran = await acme("--json", "quota", "set", ...flags);
    expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([64, code]);
  });

  it("with a webhook, are told by the reading, once, with the credit taken off", async () => {
    const told = () => receiver.got.filter(({ event }) => event.data.tenantId === "globex");
    for (let time = 0; time < 2; time++) {
      const read = await home.run("-t", "globex", "costs", "sync", "--source", "ce");
      expect([read.code, read.stderr]).toEqual([0, time === 0 ? expect.stringMatching(/^\d alerts? delivered\.\n$/) : ""]);
      expect(told()).toMatchObject([{ event: { type: "cost.project.over_limit", data: { projectId: "shop", amount: "50.25" } } }]);
    }
    expect(flat(await home.run("-t", "globex", "-p", "shop", "status"))).toContain("AWS has billed it $50.25 this month, its limit is $50.00");
  });

  it("with a webhook that is set wrong, only what tells is refused", async () => {
    const wrong = newHome({ ...home.env, ALERT_WEBHOOK_URL: "http://hooks.example.org/t0ken", CHARTCTL_HOME: quiet.path });
    expect((await wrong.run("-t", "acme", "projects")).code).toBe(0);
    const refused = await wrong.run("alerts", "deliver");
    expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining("ALERT_WEBHOOK_URL must be an https URL")]);
    expect(refused.stderr).not.toContain("t0ken");
    wrong.remove();
  });
});
