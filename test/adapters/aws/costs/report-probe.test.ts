/** Whether a tenant's report arrives: asked of Athena's stand-in, free questions first. */
import { afterEach, expect, test } from "vitest";
import { reportProbe } from "../../../../src/adapters/aws/costs/report-probe.ts";
import { billingTemplate } from "../../../../src/core/tenants/billing-template.ts";
import { verifyBilling } from "../../../../src/core/tenants/verify-billing.ts";
import type { BillLine } from "../../../support/cost-lines.ts";
import { billLines } from "../../../support/cost-lines.ts";
import type { CostServices } from "../../../support/cost-services.ts";
import { startCostServices } from "../../../support/cost-services.ts";
import type { CurKind, UsageReport } from "../../../support/usage-report.ts";
import { usageReport } from "../../../support/usage-report.ts";

type Column = UsageReport["columns"][number];
let services: CostServices;
let report: UsageReport | undefined;
afterEach(async () => {
  await services.close();
  report?.remove();
  report = undefined;
});
const now = new Date("2026-11-04T12:00:00Z");
const lines = billLines(["2026-11-01", "2026-11-02", "2026-11-03"], 6);
const start = async (of: BillLine[] | undefined, kind: CurKind = "cur2"): Promise<void> => {
  report = of && (await usageReport(kind, of));
  services = await startCostServices(of ?? [], report);
};
const verify = async (since = "2026-10-01T00:00:00Z") => {
  const probe = reportProbe(
    { AWS_ENDPOINT_URL: services.url },
    "acme",
    { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "none" },
    new AbortController().signal,
  );
  const checks = await verifyBilling(probe, { table: "cost_and_usage", since }, "acme", now);
  return checks.map(({ name, result, found, mend }) => `${result} ${name}: ${found}${mend ? ` | ${mend}` : ""}`);
};
const paid = (): boolean => services.calls.includes("StartQueryExecution");

test.each<CurKind>(["cur2", "legacy"])("a report that arrives (%s): table, columns, partitions, newest line with its price, tags", async (kind) => {
  await start(lines, kind);
  const [table, columns, partitions, data, tags] = await verify();
  expect(table).toBe("ok billing table: chartctl_billing.cost_and_usage");
  expect(columns).toBe("ok billing columns: the 5 that costs needs, and all that it can use");
  expect(partitions).toMatch(/^ok billing partitions: (billing_period|year, month)$/);
  expect(data).toMatch(
    /^ok billing data: 18 lines in 2026-10 and 2026-11; the newest is of 2026-11-03 \d\d:00 UTC, \d+ hours ago \(asked for about \$0\.00005\d\)$/,
  );
  expect(tags).toMatch(/^ok billing tags: \d+ lines carry ProjectId$/);
});
test.each([
  ["line_item_blended_cost", "--metric blended"],
  ["reservation_unused_recurring_fee", "--metric amortized, --metric net-amortized"],
  ["savings_plan_net_savings_plan_effective_cost", "--metric net-amortized"],
  ["line_item_net_unblended_cost", "--metric net-unblended, --metric net-amortized"],
  ["line_item_usage_type", "--by usage-type, estimate --check"],
  ["line_item_usage_amount", "estimate --check"],
  ["product_region_code", "--by region"],
])("without %s, says that it has no answer to %s", async (column, lacking) => {
  await start(lines);
  if (report) report.columns = report.columns.filter(({ Name }) => Name !== column);
  expect((await verify())[1]).toBe(`ok billing columns: the 5 that costs needs; not for ${lacking} (missing: ${column})`);
});
test("the table of chartctl's own template answers every question", async () => {
  await start(lines);
  const { Table } = (billingTemplate() as { Resources: { Table: { Properties: { TableInput: Record<string, unknown> } } } }).Resources;
  const { StorageDescriptor, PartitionKeys } = Table.Properties.TableInput as { StorageDescriptor: { Columns: Column[] }; PartitionKeys: Column[] };
  Object.assign(report as UsageReport, { columns: StorageDescriptor.Columns, partitions: PartitionKeys });
  expect((await verify())[1]).toBe("ok billing columns: the 5 that costs needs, and all that it can use");
});
test("one that stopped is a warning, and so are lines without tags", async () => {
  await start(lines.map((line) => ({ ...line, hour: `2026-10-2${line.hour.slice(9)}`, tags: {} })));
  const [, , , data, tags] = await verify();
  expect(data).toMatch(/^warn billing data: 18 lines .* (9|1\d) days ago .*Data Exports/);
  expect(tags).toMatch(/^warn billing tags: no line carries ProjectId \| .*chartctl setup aws/);
});
test("none yet is waited for on the first day, and failed from the second on", async () => {
  await start([]);
  expect((await verify("2026-11-04T09:00:00Z")).at(-1)).toMatch(
    /^warn billing data: none yet: connected 3 hours ago .* \| wait: AWS writes the first files within a day/,
  );
  expect((await verify("2026-11-02T09:00:00Z")).at(-1)).toMatch(/^fail billing data: no line in 2026-10 and 2026-11/);
});
test("a table that isn't there names the command that makes it", async () => {
  await start(undefined);
  expect(await verify("2026-11-04T09:00:00Z")).toEqual([
    expect.stringMatching(/^warn billing table: not there yet: .*chartctl tenants connect acme --billing/),
  ]);
  expect(await verify()).toEqual([expect.stringMatching(/^fail billing table: There is no .*chartctl tenants connect acme --billing/)]);
});
test("what costs can't do without is named, and nothing is paid for", async () => {
  await start(lines);
  report?.columns.splice(0, report.columns.length, { Name: "line_item_usage_start_date", Type: "timestamp" });
  report?.partitions.splice(0);
  const found = await verify();
  expect(found[1]).toMatch(/^fail billing columns: missing: .*line_item_unblended_cost/);
  expect(found[2]).toMatch(/^fail billing partitions: none by billing period/);
  expect(found[3]).toMatch(/^fail billing tags/);
  expect(paid()).toBe(false);
});
test("a refusal is told, and what to do", async () => {
  await start(lines);
  services.fail.set("StartQueryExecution", { code: "AccessDeniedException", message: "not authorized to perform: athena:StartQueryExecution", times: 9 });
  expect((await verify()).at(-1)).toMatch(/^fail billing data: AWS refused .*athena:StartQueryExecution/);
});
