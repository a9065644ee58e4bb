/** `chartctl costs sync` as it is typed: what it reads, what it says that cost, and what it says when AWS refuses. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, dayOf } from "../../src/core/costs/actual/period.ts";
import { proxyAws } from "../support/aws-proxy.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";

const today = dayOf(new Date());
const line = (back: number, amount: string, tags: Record<string, string>, rest: Partial<BillLine> = {}): BillLine => ({
  hour: `${addDays(today, -back)}T05`,
  type: "Usage",
  productCode: "AWSLambda",
  usageType: "Lambda-GB-Second-ARM",
  region: "us-east-1",
  tags: { TenantId: "acme", ...tags },
  currency: "USD",
  amount,
  ...rest,
});
const lines = [
  line(1, "7.25", { ProjectKey: "k123456789" }),
  line(1, "-1.5", { ProjectKey: "k123456789" }, { type: "Credit" }),
  line(2, "2.0000000001", {}, { productCode: "AmazonS3" }),
  line(89, "0.25", { ProjectKey: "k123456789" }),
  line(1, "99", { TenantId: "other" }),
];

let services: CostServices;
let home: ReturnType<typeof newHome>;
beforeAll(async () => {
  services = await startCostServices(lines, undefined);
  home = newHome({ AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", COLUMNS: "100" });
  await home.run("tenants", "add", "acme");
  await home.run("tenants", "add", "idle");
});
afterAll(async () => {
  await services.close();
  home.remove();
});

test("reads 90 days at first, then from where AWS may still change them, and says what that cost", async () => {
  const first = await home.run("-t", "acme", "costs", "sync");
  expect([first.code, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toMatch(
    new RegExp(
      `^acme: ${addDays(today, -90)} to ${today}, \\$8\\.00 \\(\\$2\\.00 of it without a project\\); from \\d{4}-\\d\\d-01 on AWS may still change it\\. Cost Explorer: 2 requests, \\$0\\.02\\.\n$`,
    ),
  );
  const [again] = dataOf<{ from: string; openFrom: string; price: object }[]>(await home.run("-t", "acme", "costs", "sync", "--json"));
  expect(again).toMatchObject({ tenantId: "acme", to: today, source: "ce", price: { requests: 2, dollars: "0.02" } });
  expect(again?.from).toBe(again?.openFrom);
});

test("of all tenants goes on after one that fails, tells both, and stats tells it until it is read again", async () => {
  services.fail.set("GetCostAndUsage", { code: "AccessDeniedException", message: "User is not authorized to perform ce:GetCostAndUsage", times: 1 });
  const ran = await home.run("costs", "sync", "--all-tenants");
  expect([ran.code, ran.stdout]).toEqual([
    1,
    expect.stringMatching(
      /^acme: not read: .*ce:GetCostAndUsage.*\n {2}the tenant's role has to allow .*\nidle: .* nothing was billed that is tagged TenantId=idle \(tags count once they are activated: chartctl setup aws\); .*\n$/,
    ),
  ]);
  expect((await home.run("stats")).stdout).toMatch(
    /The bill of acme can't be read \(1 try, last read \d.*\): .*ce:GetCostAndUsage\n {2}the tenant's role has to allow /,
  );
  await home.run("-t", "acme", "costs", "sync");
  expect((await home.run("stats")).stdout).not.toContain("can't be read");
});

test("of all tenants that is stopped ends with 130, says what wasn't read, and goes on when it is typed again", async () => {
  const proxy = await proxyAws(services.url);
  const stopped = newHome({ ...home.env, CHARTCTL_HOME: home.path, AWS_ENDPOINT_URL: proxy.url });
  const held = proxy.hold(/GetCostAndUsage/);
  const { child, ended } = stopped.start("costs", "sync", "--all-tenants");
  await held.reached;
  child.kill("SIGINT");
  await new Promise<void>((resolve) => child.stderr?.on("data", (text: string) => (text.includes("Stopping") ? resolve() : undefined)));
  held.release();
  const ran = await ended;
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([
    130,
    expect.stringMatching(/^acme: not read: Stopped; nothing of this answer is kept\. .*\n {2}ask again, with the same command\n$/),
    expect.stringContaining("warning: Stopped: 1 of 2 tenants' bills were not asked for."),
  ]);
  expect((await home.run("costs", "sync", "--all-tenants")).code).toBe(0);
  await proxy.close();
  stopped.remove();
});

test("a secret that alerts can't be signed with is said before anything is paid", async () => {
  const asked = services.calls.length;
  const wrong = newHome({ ...home.env, CHARTCTL_HOME: home.path, ALERT_WEBHOOK_URL: "https://alerts.example.org/", ALERT_WEBHOOK_SECRET: "short" });
  const ran = await wrong.run("-t", "acme", "costs", "sync");
  expect([ran.code, ran.stderr]).toEqual([64, expect.stringContaining("ALERT_WEBHOOK_SECRET must be whsec_")]);
  expect(services.calls.length).toBe(asked);
  wrong.remove();
});

test.each([
  ["an unknown tenant", ["-t", "nobody", "costs", "sync"], 6, "tenant.not-found"],
  ["no tenant", ["costs", "sync"], 64, "tenant.missing"],
  ["a report that isn't there", ["-t", "acme", "costs", "sync", "--source", "cur"], 6, "cur.no-table"],
  ["a hosted API", ["-t", "acme", "--api-url", "http://127.0.0.1:9", "costs", "sync"], 3, "billing.platform"],
])("%s ends with its own error", async (_, args, code, error) => {
  const ran = await home.run(...args, "--json");
  expect([ran.code, (JSON.parse(ran.stdout) as { error: { code: string } }).error.code]).toEqual([code, error]);
});
