/** `chartctl tenants verify` of a connected report, as it is typed: what is missing, how long it is waited for, and nothing paid in vain. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import { addDays } from "../../src/core/costs/actual/period.ts";
import { billing } from "../../src/core/costs/billing-names.ts";
import { tenantRoleArn, tenantRolePolicy, tenantTrustPolicy } from "../../src/core/tenants/tenant-role.ts";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import { billLines } from "../support/cost-lines.ts";
import { inBooks } from "../support/cost-place.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import type { StandInAws } from "../support/sts.ts";
import { startStandInAws } from "../support/sts.ts";
import type { UsageReport } from "../support/usage-report.ts";
import { usageReport } from "../support/usage-report.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const tenantId = "acme";
const accountId = "111122223333";
const roleArn = tenantRoleArn({ accountId, tenantId });
const lines = billLines(
  [-3, -2, -1].map((back) => addDays(today, back)),
  6,
);

let aws: StandInAws;
/** Connected today, and three days ago. */
let fresh: Home;
let older: Home;
beforeAll(async () => {
  aws = await startStandInAws();
  fresh = newHome({ ...aws.env, CHARTCTL_USER: "ann", COLUMNS: "200" });
  const { stack } = dataOf<{ stack: { parameters: { ExternalIds: string } } }>(await fresh.run("tenants", "connect", tenantId, "--json"));
  const trust = tenantTrustPolicy({ principalArn: aws.caller, externalIds: [stack.parameters.ExternalIds], tenantId });
  aws.roles.set(roleArn, { trust, policy: tenantRolePolicy({ partition: "aws", accountId, tenantId, regions: ["us-east-1"] }) });
  await fresh.run("tenants", "connect", tenantId, "--role-arn", roleArn);
  older = newHome({ ...fresh.env, CHARTCTL_HOME: undefined });
  older.env.CHARTCTL_HOME = older.path;
  cpSync(join(fresh.path, "data"), join(older.path, "data"), { recursive: true });
  const connected = { params: { tenantId }, body: { table: billing.table } };
  await inBooks(fresh, new Date(), (call) => call(endpoints.connectBilling, connected));
  await inBooks(older, new Date(Date.now() - 3 * 86_400_000), (call) => call(endpoints.connectBilling, connected));
});
afterAll(async () => {
  await aws.close();
  fresh.remove();
  older.remove();
});

type Check = { name: string; result: string; found: string; mend?: string };
/** The report's own checks, the exit code, and whether a query was paid. */
async function verify(home: Home, of: BillLine[] | undefined, change: (report: UsageReport, services: CostServices) => void = () => {}) {
  const report = of && (await usageReport("cur2", of));
  const services = await startCostServices(of ?? [], report);
  if (report) change(report, services);
  home.env.AWS_ENDPOINT_URL_ATHENA = services.url;
  const ran = await home.run("tenants", "verify", tenantId, "--json");
  const checks = dataOf<{ checks: Check[] }>(ran).checks.filter(({ name }) => name.startsWith("billing"));
  await services.close();
  report?.remove();
  const said = checks.map(({ name, result, found, mend }) => `${result} ${name.slice("billing ".length)}: ${found}${mend ? ` | ${mend}` : ""}`);
  return { exit: ran.code, said, paid: services.calls.includes("StartQueryExecution") };
}

test("a report that arrives: each check is ok, and one query is paid", async () => {
  const { exit, said, paid } = await verify(older, lines);
  expect([exit, said.map((line) => line.split(":")[0]), paid]).toEqual([0, ["ok table", "ok columns", "ok partitions", "ok data", "ok tags"], true]);
});

test.each<[string, "fresh" | "older", BillLine[] | undefined, number, RegExp[], ((report: UsageReport, services: CostServices) => void)?]>([
  ["no table on the first day", "fresh", undefined, 0, [/^warn table: not there yet: .*chartctl tenants connect acme --billing/]],
  ["no table later", "older", undefined, 3, [/^fail table: There is no .*chartctl tenants connect acme --billing/]],
  ["no data on the first day", "fresh", [], 0, [/^warn data: none yet: .*wait: AWS writes the first files within a day/]],
  ["no data later", "older", [], 3, [/^fail data: no line in/]],
  ["lines that stopped", "older", lines.map((line) => ({ ...line, hour: `${addDays(line.hour.slice(0, 10), -9)}T05` })), 0, [/^warn data: .* days ago/]],
  ["lines without tags", "older", lines.map((line) => ({ ...line, tags: {} })), 0, [/^warn tags: no line carries ProjectId \| .*chartctl setup aws/]],
  [
    "columns and partitions that are missing",
    "older",
    lines,
    3,
    [/^fail columns: missing: .*line_item_unblended_cost/, /^fail partitions: none by billing period/, /^fail tags/],
    (report) => {
      report.columns.splice(0, report.columns.length, { Name: "line_item_usage_start_date", Type: "timestamp" });
      report.partitions.splice(0);
    },
  ],
  [
    "a role that may not ask",
    "older",
    lines,
    3,
    [/^fail data: AWS refused .*athena:StartQueryExecution/],
    (_, { fail }) =>
      void fail.set("StartQueryExecution", { code: "AccessDeniedException", message: "not authorized to perform: athena:StartQueryExecution", times: 9 }),
  ],
])("%s", async (_, which, of, exit, expected, change) => {
  const found = await verify(which === "fresh" ? fresh : older, of, change);
  expect(found.exit, found.said.join("\n")).toBe(exit);
  expect(found.said.filter((line) => !line.startsWith("ok "))).toEqual(expected.map((one) => expect.stringMatching(one)));
  if (expected.length > 2 || of === undefined) expect(found.paid).toBe(false);
});
