/** What a tenant cost before it was removed stays in every sum, and is said to be a removed one's. */
import Big from "big.js";
import fc from "fast-check";
import readWorkbook from "read-excel-file/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CostOverview } from "../../src/contract/cost-overview.ts";
import type { ReportFormat } from "../../src/contract/report-endpoints.ts";
import { createControlApi } from "../../src/control/app.ts";
import { makeReports } from "../../src/control/make-reports.ts";
import { removeTenant } from "../../src/control/store/tenant-changes.ts";
import { transact } from "../../src/control/store/transact.ts";
import { writeBill } from "../../src/control/store/write-bill.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import type { CostReport } from "../../src/core/costs/report/report.ts";
import { reportRenderer } from "../../src/report-wiring.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";
import { provisionOf } from "./support.ts";

let api: HostedTest;
let root: string;
beforeEach(async () => {
  api = await hostedTest({ cents: () => 1_460 });
  api.clock.now = new Date("2026-01-06T12:00:00.000Z");
  await api.user("platform", "root", "global_owner");
  root = await api.token("platform", "root", "global_owner");
});
afterEach(() => api.close());

interface Line {
  day: string;
  key: string | null;
  service: string;
  amount: string;
  currency?: string;
}
/** January up to, not with, the 6th: read, as a worker records it. */
async function readBill(tenantId: string, lines: Line[]): Promise<void> {
  const by = (keyOf: (line: Line) => string | null): CostAmount[] =>
    lines.map((line) => ({ period: line.day, key: keyOf(line), kind: "usage", currency: line.currency ?? "USD", amount: line.amount }));
  const bill = {
    from: "2026-01-01",
    until: "2026-01-06",
    source: "ce",
    openFrom: null,
    price: { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false },
  };
  await transact(api.db, async (tx) => {
    const parts = { ...bill, source: "ce" as const, byProject: by(({ key }) => key), byService: by(({ service }) => service) };
    await writeBill(tx, tenantId, parts, api.clock.now);
  });
}
async function addTenant(id: string): Promise<void> {
  const row = { id, role_arn: null, account_id: null, external_id: api.seal.seal("e", `tenant/${id}/external-id`), version: 1 };
  await api.db
    .insertInto("tenants")
    .values({ ...row, created_at: api.clock.now.toISOString() })
    .execute();
}
const remove = async (id: string) => await removeTenant(api.db, { id, actor: "root", now: api.clock.now, requestId: "test" });

const overview = async (): Promise<CostOverview> => (await api.send("GET", "/admin/costs", { token: root })).body;
const order = async (format: ReportFormat): Promise<string> =>
  (await api.send("POST", "/reports/generate", { token: root, body: { month: "2026-01", format, allTenants: true } })).body.id;
const file = async (id: string): Promise<Response> =>
  await createControlApi(api.api).fetch(new Request(`http://test/api/reports/${id}/file`, { headers: { authorization: `Bearer ${root}` } }));
async function reports(): Promise<CostReport[]> {
  const made: CostReport[] = [];
  const render = reportRenderer("0.0.0");
  await makeReports(
    api.api,
    async (report, format) => {
      made.push(report);
      return await render(report, format);
    },
    () => {},
  );
  return made;
}

it("is in the overview, and in the report of all tenants as CSV, XLSX and page", async () => {
  await addTenant("initech");
  await api.user("initech", "eve", "member");
  const token = await api.token("initech", "eve", "member");
  api.clock.now = new Date("2026-01-03T12:00:00.000Z");
  const { key } = (await api.send("POST", "/operations", { token, body: provisionOf("wiki") })).body.project;
  api.clock.now = new Date("2026-01-06T12:00:00.000Z");
  const ended = api.clock.now.toISOString();
  await api.db.updateTable("operations").set({ status: "succeeded", finished_at: ended }).where("tenant_id", "=", "initech").execute();
  await api.db.updateTable("projects").set({ ended_at: ended }).where("key", "=", key).execute();
  await readBill("acme", [{ day: "2026-01-02", key: null, service: "AWS Lambda", amount: "34082.257" }]);
  await readBill("initech", [
    { day: "2026-01-03", key, service: "AWS Lambda", amount: "12.25" },
    { day: "2026-01-04", key: null, service: "Tax", amount: "0.25" },
  ]);
  await remove("initech");

  const { billed, unallocated, tenants, projects } = await overview();
  expect([billed, unallocated]).toEqual([[{ currency: "USD", amount: "34094.757" }], [{ currency: "USD", amount: "34082.507" }]]);
  expect(tenants).toMatchObject([
    { tenantId: "acme", removed: false, billed: [{ amount: "34082.257" }] },
    { tenantId: "globex", removed: false, billed: [{ amount: "0" }] },
    { tenantId: "initech", removed: true, billed: [{ amount: "12.5" }], unallocated: [{ amount: "0.25" }], wholeDays: 4, readAt: null, error: null },
  ]);
  expect(projects).toContainEqual(expect.objectContaining({ tenantId: "initech", projectId: "wiki", userId: "eve", ended: true }));

  const [lines, book, page] = [await order("csv"), await order("xlsx"), await order("html")];
  expect((await reports()).map(({ currencies }) => currencies[0]?.total)).toEqual(Array(3).fill("34094.757"));
  const rows = (await (await file(lines)).text()).split("\n");
  expect(rows).toContain("2026-01,removed,initech,initech,,,,,");
  expect(rows.find((row) => row.startsWith("2026-01,tenant,initech"))).toMatch(/^2026-01,tenant,initech,initech,,USD,12\.5,1\.44,$/);
  expect(rows.find((row) => row.startsWith("2026-01,project,initech,wiki"))).toContain(",eve,USD,12.25,");
  const sheets = await readWorkbook(Buffer.from(await (await file(book)).arrayBuffer()));
  const table = sheets.find(({ sheet }) => sheet === "Tenants")?.data ?? [];
  expect(table.map((row) => [row[0], row.at(-1)])).toEqual([
    ["Tenant", "State"],
    ["acme", null],
    ["initech", "removed"],
  ]);
  expect(JSON.stringify(sheets.find(({ sheet }) => sheet === "About")?.data)).toContain("removed since: nobody reads its bill any more");
  const html = await (await file(page)).text();
  expect(html).toMatch(/<th scope="row"><bdi class="short">initech<\/bdi> <span>removed<\/span><\/th>/);
  expect(html).toContain("initech: Cost Explorer, asked");
});

it("is no more in a month in which it neither cost nor booked anything", async () => {
  await addTenant("initech");
  await readBill("initech", [{ day: "2026-01-03", key: null, service: "AWS Lambda", amount: "1" }]);
  await remove("initech");
  api.clock.now = new Date("2026-02-02T12:00:00.000Z");
  const { tenants } = await overview();
  expect(tenants.map(({ tenantId }) => tenantId)).toEqual(["acme", "globex"]);
});

it("makes the parts equal the whole in every grouping, whoever was removed", async () => {
  const line = fc.record({
    day: fc.constantFrom("2026-01-01", "2026-01-03", "2026-01-05"),
    key: fc.constantFrom(null, "abcdefghij", "klmnopqrst"),
    service: fc.constantFrom("AWS Lambda", "Amazon DynamoDB", "Tax"),
    amount: fc.integer({ min: -10_000_000, max: 1_000_000_000 }).map((size) => new Big(size).div(10_000_000).toFixed()),
    currency: fc.constantFrom("USD", "USD", "CNY"),
  });
  const tenant = fc.record({ removed: fc.boolean(), lines: fc.array(line, { maxLength: 8 }) });
  const add = (amounts: string[]): string => amounts.reduce((sum, amount) => sum.plus(amount), new Big(0)).toFixed();
  let run = 0;
  const check = async (platform: { removed: boolean; lines: Line[] }[]): Promise<void> => {
    run++;
    await api.db.deleteFrom("billed_costs").execute();
    for (const table of ["billed_days", "billed_day_sums", "billed_month_sums"] as const) await api.db.deleteFrom(table).execute();
    await api.db.deleteFrom("tenants").where("id", "like", "r%").execute();
    await readBill("acme", []); // or a report might have nothing to say
    for (const [at, { removed, lines }] of platform.entries()) {
      const id = `r${run}-${at}`;
      await addTenant(id);
      await readBill(id, lines);
      if (removed) await remove(id);
    }
    const whole = (currency: string): string =>
      add(platform.flatMap(({ lines }) => lines.filter((one) => one.currency === currency).map(({ amount }) => amount)));
    const costs = await overview();
    const of = (rows: { billed: { currency: string; amount: string }[] }[], currency: string): string =>
      add(rows.flatMap(({ billed }) => billed.filter((one) => one.currency === currency).map(({ amount }) => amount)));
    for (const currency of ["USD", "CNY"]) {
      for (const rows of [[costs], costs.tenants, costs.projects, costs.users, costs.services]) expect(of(rows, currency)).toBe(whole(currency));
      expect(
        of(
          costs.tenants.map(({ unallocated }) => ({ billed: unallocated })),
          currency,
        ),
      ).toBe(of([{ billed: costs.unallocated }], currency));
    }
    const cents = costs.tenants.reduce((sum, { compared }) => sum + compared.billedCents, 0);
    expect(Math.abs(cents - costs.compared.billedCents)).toBeLessThanOrEqual(platform.length); // each is rounded by itself
    await order("csv");
    const [report] = await reports();
    for (const currency of ["USD", "CNY"]) {
      const made = report?.currencies.find((one) => one.currency === currency);
      for (const parts of [made?.tenants, made?.projects, made?.users, made?.services, made?.days])
        expect(add((parts ?? []).map(({ total }) => total))).toBe(whole(currency));
    }
    const gone = platform.flatMap(({ removed, lines }, at) => (removed && costsSomething(lines) ? [`r${run}-${at}`] : []));
    expect(costs.tenants.filter(({ removed }) => removed).map(({ tenantId }) => tenantId)).toEqual(gone);
    expect(report?.sources.filter(({ removed }) => removed).map(({ tenantId }) => tenantId)).toEqual(gone);
    await api.db.deleteFrom("report_chunks").execute();
    await api.db.deleteFrom("reports").execute();
  };
  await fc.assert(fc.asyncProperty(fc.array(tenant, { minLength: 1, maxLength: 5 }), check), { numRuns: 25 });
});

/** A row of the books is a day's sum of a key, and none where that is nothing. */
const costsSomething = (lines: Line[]): boolean => {
  const sums = (keyOf: (line: Line) => string | null): Big[] => {
    const all = new Map<string, Big>();
    for (const line of lines) {
      const at = JSON.stringify([line.day, keyOf(line), line.currency]);
      all.set(at, (all.get(at) ?? new Big(0)).plus(line.amount));
    }
    return [...all.values()];
  };
  return [...sums(({ key }) => key), ...sums(({ service }) => service)].some((sum) => !sum.eq(0));
};
