/** What things cost, asked over the API: billed where it is known, estimated elsewhere, each caller their own part, and no cent lost. */
import Big from "big.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bookedCosts } from "../../src/adapters/booked-costs.ts";
import { controlApiClient } from "../../src/adapters/control-api.ts";
import type { CallApi } from "../../src/contract/endpoints.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import { createControlApi } from "../../src/control/app.ts";
import { trustOperator } from "../../src/control/principal.ts";
import { noteDailyCosts } from "../../src/control/store/costs.ts";
import { actualCosts } from "../../src/core/costs/actual/actual-costs.ts";
import type { CostAmount, CostQuery } from "../../src/core/costs/actual/cost-source.ts";
import { billing } from "../../src/core/costs/billing-names.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";
import { holder, provisionOf } from "./support.ts";

let api: HostedTest;
let tokens: Record<"ana" | "ben" | "admin" | "root", string>;
let keys: Record<"sales" | "wiki", string>;

/** The platform itself, as its worker asks: without the hosted side. */
const inside = (tenant: string): CallApi => {
  const { hosted: _, ...parts } = api.api;
  const app = createControlApi({ ...parts, identify: trustOperator, admit: async () => {} });
  const headers = { "x-chartctl-tenant": tenant, "x-chartctl-user": "worker" };
  return controlApiClient({ fetch: async (request) => await app.fetch(request), baseUrl: "http://test", headers });
};
const get = async (token: string, path: string) => await api.send("GET", path, { token });

beforeEach(async () => {
  api = await hostedTest({ cents: () => 1_460 });
  await api.user("acme", "ana", "member");
  await api.user("acme", "ben", "member");
  await api.user("acme", "admin", "admin");
  await api.user("platform", "root", "global_owner");
  tokens = {
    ana: await api.token("acme", "ana", "member"),
    ben: await api.token("acme", "ben", "member"),
    admin: await api.token("acme", "admin", "admin"),
    root: await api.token("platform", "root", "global_owner"),
  };
  const made = async (token: string, id: string): Promise<string> => {
    const { body } = await api.send("POST", "/operations", { token, body: provisionOf(id) });
    return body.project.key;
  };
  keys = { sales: await made(tokens.ana, "sales"), wiki: await made(tokens.ben, "wiki") };
  for (let day = 1; day <= 6; day++) {
    api.clock.now = new Date(`2026-01-0${day}T12:00:00.000Z`);
    await noteDailyCosts(api.db, api.clock.now); // 48 cents each
  }
});
afterEach(async () => await api.close());

const amount = (period: string, key: string | null, dollars: string, more: Partial<CostAmount> = {}): CostAmount => ({
  period,
  key,
  kind: "usage",
  currency: "USD",
  amount: dollars,
  ...more,
});
const byProject = (): CostAmount[] => [
  amount("2026-01-03", keys.sales, "1.005"),
  amount("2026-01-03", keys.sales, "-0.25", { kind: "credit" }),
  amount("2026-01-03", keys.wiki, "2.0000000001"),
  amount("2026-01-03", null, "0.4"),
  amount("2026-01-03", "elsewhere1", "0.1"),
  amount("2026-01-04", keys.sales, "3"),
  amount("2026-01-04", null, "-5", { kind: "refund" }),
  amount("2026-01-04", keys.sales, "7", { currency: "CNY" }),
  amount("2026-01-06", keys.sales, "0.01"),
];
const byService = (): CostAmount[] => [
  amount("2026-01-03", "AWS Lambda", "3.2550000001"),
  amount("2026-01-04", "AWS Lambda", "-2"),
  amount("2026-01-04", "AWS Lambda", "7", { currency: "CNY" }),
  amount("2026-01-06", "AWS Lambda", "0.01"),
];

async function readBill(ofProjects = byProject(), ofServices = byService()): Promise<void> {
  const call = inside("acme");
  const begun = await call(endpoints.beginBillingRead, { params: { tenantId: "acme" }, body: { onlyDue: true, holder } });
  const price = { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false };
  const bill = {
    from: "2026-01-03",
    until: "2026-01-07",
    source: "ce",
    openFrom: "2026-01-04",
    byProject: ofProjects,
    byService: ofServices,
    price,
  } as const;
  await call(endpoints.recordBill, {
    params: { tenantId: "acme" },
    body: { claim: begun?.claim ?? "", bill: { ...bill, byProject: [...bill.byProject], byService: [...bill.byService] }, againInHours: 24 },
  });
}
const sum = (rows: { currency: string; amount: string }[], currency = "USD"): string =>
  rows
    .filter((row) => row.currency === currency)
    .reduce((total, row) => total.plus(row.amount), new Big(0))
    .toFixed();

describe("GET /api/costs", () => {
  it("is estimated as long as no bill was read", async () => {
    const { body } = await get(tokens.admin, "/costs?days=6");
    expect(body.rows).toHaveLength(12);
    expect(new Set(body.rows.map((row: { source: string }) => row.source))).toEqual(new Set(["estimate"]));
    expect(body).toMatchObject({ from: "2026-01-01", to: "2026-01-06", currency: "USD", totalCents: 576, totals: [{ currency: "USD", amount: "5.76" }] });
  });

  it("is as billed where a day is known as a whole: the sum is the bill's, what names no project included", async () => {
    await readBill();
    const { body } = await get(tokens.admin, "/costs?days=6");
    const of = (day: string) => body.rows.filter((row: { day: string }) => row.day === day);
    expect(of("2026-01-03")).toEqual([
      { day: "2026-01-03", tenantId: "acme", projectId: "sales", userId: "ana", source: "actual", cents: 76, currency: "USD", amount: "0.755" },
      { day: "2026-01-03", tenantId: "acme", projectId: "wiki", userId: "ben", source: "actual", cents: 200, currency: "USD", amount: "2.0000000001" },
      { day: "2026-01-03", tenantId: "acme", projectId: null, userId: null, source: "actual", cents: 50, currency: "USD", amount: "0.5" },
    ]);
    expect([sum(of("2026-01-03")), sum(of("2026-01-04")), sum(of("2026-01-04"), "CNY")]).toEqual(["3.2550000001", "-2", "7"]);
    // Read on the 6th: yesterday and today may lack a part, and are estimates.
    for (const day of ["2026-01-02", "2026-01-05", "2026-01-06"])
      expect(of(day)).toMatchObject([
        { source: "estimate", cents: 48 },
        { source: "estimate", cents: 48 },
      ]);
    expect(body.totals).toEqual([
      { currency: "USD", amount: new Big("3.2550000001").minus(2).plus("3.84").toFixed() },
      { currency: "CNY", amount: "7" },
    ]);
    expect(body.totalCents).toBe(510);
  });

  it("shows a member their own projects alone, and another tenant nothing", async () => {
    await readBill();
    const { body } = await get(tokens.ben, "/costs?days=6");
    expect(new Set(body.rows.map((row: { projectId: string }) => row.projectId))).toEqual(new Set(["wiki"]));
    expect(body.rows.filter((row: { source: string }) => row.source === "actual")).toMatchObject([{ day: "2026-01-03", amount: "2.0000000001" }]);
    await api.user("globex", "zoe", "owner");
    expect((await get(await api.token("globex", "zoe", "owner"), "/costs?days=6")).body.rows).toEqual([]);
  });

  it("goes into trends and dashboard the same way", async () => {
    await readBill();
    const { body } = await get(tokens.admin, "/costs/trends?days=4");
    expect(body.days).toEqual([
      { day: "2026-01-03", source: "actual", cents: 326, totals: [{ currency: "USD", amount: "3.2550000001" }] },
      {
        day: "2026-01-04",
        source: "actual",
        cents: -200,
        totals: [
          { currency: "USD", amount: "-2" },
          { currency: "CNY", amount: "7" },
        ],
      },
      { day: "2026-01-05", source: "estimate", cents: 96, totals: [{ currency: "USD", amount: "0.96" }] },
      { day: "2026-01-06", source: "estimate", cents: 96, totals: [{ currency: "USD", amount: "0.96" }] },
    ]);
    expect(body).toMatchObject({ totalCents: 318, previousCents: 192, previousTotals: [{ currency: "USD", amount: "1.92" }] });
    const { body: dashboard } = await get(tokens.ana, "/dashboard");
    expect(dashboard.days.at(-4)).toEqual({ day: "2026-01-03", source: "actual", cents: 76, totals: [{ currency: "USD", amount: "0.755" }] });
  });
});

describe("GET /api/costs/billed", () => {
  const span = "from=2026-01-03&until=2026-01-07";

  it("has the bill by service, project and user, each with the same sum", async () => {
    await readBill();
    for (const by of ["service", "project", "user"]) {
      const { status, body } = await get(tokens.admin, `/costs/billed?${span}&by=${by}`);
      expect(status).toBe(200);
      expect([by, sum(body.amounts), sum(body.amounts, "CNY")]).toEqual([by, "1.2650000001", "7"]);
      expect(body).toMatchObject({
        source: "ce",
        readAt: "2026-01-06T12:00:00.000Z",
        openFrom: "2026-01-04",
        own: false,
        known: { first: "2026-01-03", last: "2026-01-06" },
      });
    }
    const { body } = await get(tokens.admin, `/costs/billed?${span}&by=project&project=sales`);
    expect(body.amounts.filter(({ period }: CostAmount) => period === "2026-01-03")).toEqual([
      { period: "2026-01-03", key: "sales", kind: "credit", currency: "USD", amount: "-0.25" },
      { period: "2026-01-03", key: "sales", kind: "usage", currency: "USD", amount: "1.005" },
    ]);
  });

  it("gives a member their own projects, and no services", async () => {
    await readBill();
    const { body } = await get(tokens.ben, `/costs/billed?${span}`);
    expect(body).toMatchObject({ own: true, amounts: [{ key: "wiki", amount: "2.0000000001" }] });
    expect((await get(tokens.ben, `/costs/billed?${span}&by=project&project=sales`)).body.amounts).toEqual([]);
    expect((await get(tokens.ben, `/costs/billed?${span}&by=service`)).body).toMatchObject({ status: 403, code: "costs.admins" });
  });

  it("gives an admin one user's projects, and a member nobody's but their own", async () => {
    await readBill();
    const { body } = await get(tokens.admin, `/costs/billed?${span}&user=ben`);
    expect(body).toMatchObject({ own: false, amounts: [{ key: "wiki", amount: "2.0000000001" }] });
    expect((await get(tokens.ben, `/costs/billed?${span}&user=ben`)).body).toMatchObject({ own: true, amounts: body.amounts });
    for (const query of ["user=ben&project=sales", "user=nobody"])
      expect((await get(tokens.admin, `/costs/billed?${span}&${query}`)).body).toMatchObject({ own: false, amounts: [] });
    const refused = { status: 403, code: "role.admin", hint: "your own projects: chartctl costs --by project" };
    expect((await get(tokens.ben, `/costs/billed?${span}&user=ana`)).body).toMatchObject(refused);
  });

  it.each([
    [`${span}&by=service&project=sales`, "costs.grouping"],
    [`${span}&by=service&user=ana`, "costs.grouping"],
    ["from=2026-02-30&until=2026-03-03", "request.invalid"],
    [`${span}&by=region`, "request.invalid"],
  ])("refuses %s: %s", async (query, code) => {
    expect((await get(tokens.admin, `/costs/billed?${query}`)).body).toMatchObject({ status: 422, code });
  });

  it("takes no bill from outside, not from the platform's owner either", async () => {
    const { status, body } = await api.send("POST", "/tenants/acme/bill", { token: tokens.root, body: { onlyDue: false, holder } });
    expect({ status, code: body.code }).toEqual({ status: 403, code: "billing.platform" });
    expect(await api.db.selectFrom("billing_reads").selectAll().execute()).toEqual([]);
  });

  it("leaves a line of audit for what was read, and what that cost", async () => {
    await readBill();
    const { body } = await api.send("GET", "/audit", { token: tokens.admin });
    expect(body.filter(({ action }: { action: string }) => action === "billing.read")).toMatchObject([
      { actor: "worker", after: { from: "2026-01-03", until: "2026-01-07", source: "ce", price: { requests: 2, dollars: "0.02" } } },
    ]);
  });
});

describe("days and numbers of a query", () => {
  const paths = ["/costs/billed", "/costs/bookings"];

  it.each([
    ["from=2026-01-03&until=2026-01-03", "from=2026-01-03&until=2026-01-04"],
    ["from=2026-02-03&until=2026-01-03", "from=2026-01-03&until=2026-02-03"],
    ["from=2026-02-03&until=2020-01-03", "from=2024-02-02&until=2026-02-03"],
    ["from=2020-01-01&until=2026-01-03", "from=2024-01-02&until=2026-01-03"],
  ])("%s are refused, by both that take them, with days that both take: %s", async (wrong, right) => {
    for (const path of paths) {
      const { body } = await get(tokens.admin, `${path}?${wrong}`);
      expect(body, path).toMatchObject({ status: 422, code: "costs.period", hint: expect.stringMatching(`: ${right}$`) });
      expect((await get(tokens.admin, `${path}?${right}`)).status, path).toBe(200);
    }
  });

  it.each(["from=0001-01-01&until=9999-12-31", "from=1999-12-31&until=2000-01-05", "from=2026-02-30&until=2026-03-03", "from=2026-01-03"])(
    "%s are no days of a bill",
    async (query) => {
      for (const path of paths) expect((await get(tokens.admin, `${path}?${query}`)).body, path).toMatchObject({ status: 422, code: "request.invalid" });
    },
  );

  it.each([
    ["/costs", "days", "90", "91"],
    ["/costs/trends", "days", "90", "0"],
    ["/admin/costs", "days", "366", "367"],
    ["/jobs", "limit", "200", "201"],
    ["/audit", "limit", "1000", "1001"],
    ["/admin/alerts", "limit", "1000", "1001"],
  ])("%s takes %s in digits alone, up to %s", async (path, name, most, beyond) => {
    const asked = async (value: string) => (await get(tokens.root, `${path}?${name}=${encodeURIComponent(value)}`)).status;
    expect([await asked("7"), await asked(most)]).toEqual([200, 200]);
    for (const wrong of ["0x10", "1e1", " 7", "7.0", "+7", "-7", "", "Infinity", "9".repeat(30), beyond])
      expect([wrong, await asked(wrong)]).toEqual([wrong, 422]);
  });
});

describe("GET /api/admin/costs", () => {
  it("is empty, and no error, before anything was read", async () => {
    const { status, body } = await get(tokens.root, "/admin/costs?days=6");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      month: "2026-01",
      billed: [{ currency: "USD", amount: "0" }],
      compared: { estimatedCents: 0, billedCents: 0 },
      monthlyCents: 2_920,
    });
    expect(body.tenants).toMatchObject([
      { tenantId: "acme", readAt: null, error: null, wholeDays: 0 },
      { tenantId: "globex", readAt: null },
    ]);
    expect(body.days).toEqual(Array.from({ length: 6 }, (_, at) => ({ day: `2026-01-0${at + 1}`, cents: 96, estimatedCents: 96, billed: "none" })));
  });

  it("adds up to the bill in every grouping, and compares the days that are billed whole with their estimates", async () => {
    await readBill();
    const { body } = await get(tokens.root, "/admin/costs?days=6");
    type Rows = { billed: { currency: string; amount: string }[] }[];
    for (const grouping of ["tenants", "projects", "users", "services"]) {
      const rows = (body[grouping] as Rows).flatMap(({ billed }) => billed);
      expect([grouping, sum(rows), sum(rows, "CNY")]).toEqual([grouping, "1.2650000001", "7"]);
    }
    expect(sum(body.billed)).toBe("1.2650000001");
    expect(sum(body.unallocated)).toBe("-4.5");
    // The 3rd and the 4th: $1.255 billed, twice 2 * 48 cents estimated.
    expect(body.compared).toEqual({ estimatedCents: 192, billedCents: 126 });
    expect(body.tenants[0]).toMatchObject({
      tenantId: "acme",
      wholeDays: 2,
      source: "ce",
      openFrom: "2026-01-04",
      readAt: "2026-01-06T12:00:00.000Z",
      attempts: 0,
    });
    expect(body.projects).toMatchObject([
      { projectId: "sales", userId: "ana", ended: false, compared: { estimatedCents: 96, billedCents: 376 } },
      { projectId: "wiki", userId: "ben", compared: { estimatedCents: 96, billedCents: 200 } },
      { projectId: null, userId: null, compared: { estimatedCents: 0, billedCents: -450 } },
    ]);
    expect(body.counts).toEqual({ projects: 3, users: 3, services: 1 });
    expect(body.days.slice(2)).toEqual([
      { day: "2026-01-03", cents: 326, estimatedCents: 96, billed: "all" },
      { day: "2026-01-04", cents: -200, estimatedCents: 96, billed: "all" },
      { day: "2026-01-05", cents: 96, estimatedCents: 96, billed: "none" },
      { day: "2026-01-06", cents: 96, estimatedCents: 96, billed: "none" },
    ]);
  });

  it("tells the same of each day as the platform at a glance", async () => {
    const glance = async () => (await get(tokens.root, "/admin/stats")).body.days;
    expect((await glance()).slice(-6)).toEqual(Array.from({ length: 6 }, (_, at) => ({ day: `2026-01-0${at + 1}`, cents: 96, billed: "none" })));
    await readBill();
    const { days } = (await get(tokens.root, "/admin/costs?days=30")).body as { days: { day: string; cents: number; billed: string }[] };
    expect(await glance()).toEqual(days.map(({ day, cents, billed }) => ({ day, cents, billed })));
    expect(days.slice(-4, -2).map(({ cents, billed }) => [cents, billed])).toEqual([
      [326, "all"],
      [-200, "all"],
    ]);
  });

  it("tells a bill that can't be read, with the reason and the next try", async () => {
    const call = inside("acme");
    const params = { tenantId: "acme" };
    const begun = await call(endpoints.beginBillingRead, { params, body: { onlyDue: true, holder } });
    await call(endpoints.failBillingRead, { params, body: { claim: begun?.claim ?? "", error: "Cost Explorer is not enabled", hint: "enable it" } });
    const failed = {
      tenantId: "acme",
      readAt: null,
      nextAt: "2026-01-06T12:15:00.000Z",
      attempts: 1,
      error: "Cost Explorer is not enabled",
      hint: "enable it",
    };
    expect((await get(tokens.root, "/admin/costs")).body.tenants[0]).toMatchObject(failed);
    expect((await get(tokens.root, "/admin/stats")).body.billing).toEqual([failed]);
  });
});

describe("chartctl costs against a hosted API", () => {
  const client = (token: string): CallApi =>
    controlApiClient({
      fetch: async (request) => await createControlApi(api.api).fetch(request),
      baseUrl: "http://test",
      headers: { authorization: `Bearer ${token}` },
    });
  const usual = { source: "auto", table: billing.table, refresh: false } as const;
  const query: CostQuery = { from: "2026-01-03", until: "2026-01-07", granularity: "day", metric: "unblended", grouping: { by: "service" }, tags: {} };

  const byProjectId = { by: "tag", key: "ProjectId" } as const;

  it("makes the same table from the books as from AWS", async () => {
    await readBill();
    const ask = {
      period: { from: "2026-01-03", until: "2026-01-07" },
      granularity: "day",
      metric: "unblended",
      grouping: { by: "tag", key: "ProjectId" },
      tags: {},
    } as const;
    const books = await actualCosts(bookedCosts(client(tokens.admin), usual), ask, api.clock.now);
    const names = new Map([
      [keys.sales, "sales"],
      [keys.wiki, "wiki"],
    ]);
    const amounts = byProject().map((one) => ({ ...one, key: one.key === null ? null : (names.get(one.key) ?? `ProjectKey=${one.key}`) }));
    const answer = {
      source: "ce",
      amounts,
      estimatedFrom: "2026-01-04",
      askedAt: api.clock.now.toISOString(),
      price: { requests: 0, dollars: "0", bytesScanned: 0, reused: false },
    } as const;
    const aws = await actualCosts({ costs: async () => ({ kept: true, answer: { ...answer, amounts } }) }, ask, api.clock.now);
    expect({ ...books, previous: null, books: null }).toEqual({ ...aws, previous: null, currencies: aws.currencies });
    expect(books).toMatchObject({
      kept: true,
      books: { own: false },
      previous: null,
      currencies: [{ currency: "USD", total: "1.2650000001" }, { currency: "CNY" }],
    });
  });

  it("keeps what claims to be a project, and is none that the books know, apart from the one with that id", async () => {
    const extra = amount("2026-01-03", "sales", "500");
    const [bill, services] = [byProject, byService].map((of) => of()) as [CostAmount[], CostAmount[]];
    await readBill([...bill, extra], [...services, { ...extra, key: "AWS Lambda" }]);
    const asked = async (tags: CostQuery["tags"]) => {
      const { answer } = await bookedCosts(client(tokens.admin), usual).costs({ ...query, grouping: byProjectId, tags });
      return answer.amounts.filter(({ currency }) => currency === "USD");
    };
    const all = await asked({});
    expect(sum(all.filter(({ key }) => key === "ProjectKey=sales"))).toBe("500");
    expect(sum(all.filter(({ key }) => key === "sales"))).toBe("3.765");
    expect(sum(await asked({ ProjectId: "sales" }))).toBe("3.765");
  });

  it("names the days that were never read, between others", async () => {
    await readBill();
    const { readAt } = await api.db.selectFrom("billed_days").select("read_at as readAt").executeTakeFirstOrThrow();
    await api.db.insertInto("billed_days").values({ tenant_id: "acme", day: "2025-12-30", source: "ce", open: 0, read_at: readAt }).execute();
    const unread = async (from: string, until: string) =>
      (await bookedCosts(client(tokens.admin), usual).costs({ ...query, from, until })).answer.books?.unread;
    expect(await unread("2025-12-30", "2026-01-10")).toEqual(["2025-12-31", "2026-01-01", "2026-01-02"]);
    expect(await unread("2026-01-02", "2026-01-04")).toEqual(["2026-01-02"]);
    expect(await unread("2026-01-03", "2026-01-10")).toEqual([]);
    const period = { from: "2026-01-01", until: "2026-01-03" };
    const costs = await actualCosts(bookedCosts(client(tokens.admin), usual), { ...query, period }, api.clock.now);
    expect(costs.books?.unread).toEqual(["2025-12-31", "2026-01-01", "2026-01-02"]); // of the time before, too
  });

  it("adds days up to months", async () => {
    await readBill();
    const { answer } = await bookedCosts(client(tokens.admin), usual).costs({ ...query, granularity: "month" });
    expect(answer).toMatchObject({ estimatedFrom: "2026-01", books: { own: false } });
    expect([sum(answer.amounts), new Set(answer.amounts.map(({ period }) => period))]).toEqual(["1.2650000001", new Set(["2026-01"])]);
  });

  it.each<[string, Partial<CostQuery>, RegExp]>([
    ["a metric", { metric: "amortized" }, /unblended.*--metric/],
    ["hours", { granularity: "hour" }, /days.*--granularity day/],
    ["a region", { grouping: { by: "region" } }, /not by region.*--by service/],
    ["a tag", { grouping: { by: "tag", key: "Team" } }, /not by the tag Team/],
    ["one project's services", { tags: { ProjectId: "sales" } }, /chartctl -p sales costs --by project/],
    ["one user's services", { tags: { UserId: "ana" } }, /chartctl --user ana costs --by project/],
    [
      "the first of it, of one project",
      { from: "2026-01-01", grouping: byProjectId, tags: { ProjectId: "sales" } },
      /: chartctl -p sales costs --from 2026-01-03/,
    ],
    ["more than it has, and more than it tells at once", { from: "2012-01-01" }, /from 2026-01-03 on, not from 2012-01-01/],
    ["what is before it", { from: "2026-01-01" }, /from 2026-01-03 on.*--from 2026-01-03/],
  ])("says why the books don't know %s", async (_, more, words) => {
    await readBill();
    const asking = bookedCosts(client(tokens.admin), usual).costs({ ...query, ...more });
    await expect(asking).rejects.toMatchObject({ kind: "usage" });
    await asking.catch(({ message, hint }) => expect(`${message} ${hint}`).toMatch(words));
  });

  it("tells no more days at once than two years have", async () => {
    await readBill();
    await api.db.updateTable("billed_days").set({ day: "2012-01-01" }).where("day", "=", "2026-01-03").execute();
    await expect(bookedCosts(client(tokens.admin), usual).costs({ ...query, from: "2012-01-01" })).rejects.toMatchObject({
      code: "costs.period",
      hint: "ask for fewer: chartctl costs --from 2024-01-06",
    });
  });

  it("says that nothing was read yet, and who may ask for what", async () => {
    await expect(bookedCosts(client(tokens.ana), usual).costs({ ...query, grouping: { by: "tag", key: "UserId" } })).rejects.toMatchObject({
      code: "costs.not-read",
      kind: "external",
    });
    for (const more of [{ refresh: true }, { source: "ce" as const }, { table: "other" }])
      expect(() => bookedCosts(client(tokens.ana), { ...usual, ...more })).toThrow(expect.objectContaining({ code: "costs.hosted", kind: "usage" }));
  });
});
