/** Bills in the books: exact, whole, whose they are, read by one at a time, and kept beyond the projects' ends. */
import Big from "big.js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { BilledSpan } from "../../src/control/store/billed-costs.ts";
import { billedCosts, billedPerProject, billedProjects } from "../../src/control/store/billed-costs.ts";
import { billedDays } from "../../src/control/store/billed-days.ts";
import { billingReads, claimBillingRead, giveClaimBack, recordBill, recordBillingFailure } from "../../src/control/store/billing-reads.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import { lineKinds } from "../../src/core/costs/actual/cost-source.ts";
import { addDays } from "../../src/core/costs/actual/period.ts";
import type { Bill } from "../../src/core/costs/billed/bill.ts";
import type { TestApi } from "./support.ts";
import { destroyOf, holder, proof, provisionOf, testApi } from "./support.ts";

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
  await api.call("acme")(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } });
});
afterEach(async () => await api.close());

const january: BilledSpan = { tenantId: "acme", from: "2026-01-01", until: "2026-02-01" };
const amount = (period: string, key: string | null, dollars: string, more: Partial<CostAmount> = {}): CostAmount => ({
  period,
  key,
  kind: "usage",
  currency: "USD",
  amount: dollars,
  ...more,
});
const billOf = (byProject: CostAmount[], byService: CostAmount[], more: Partial<Bill> = {}): Bill => ({
  from: "2026-01-01",
  until: "2026-01-03",
  source: "ce",
  openFrom: null,
  byProject,
  byService,
  price: { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false },
  ...more,
});
const inAnHour = (): Date => new Date(api.clock.now.getTime() + 3_600_000);

async function record(bill: Bill, tenantId = "acme"): Promise<void> {
  const by = { tenantId, claim: "one", now: api.clock.now };
  await claimBillingRead(api.db, { ...by, onlyDue: false, holder: null });
  await recordBill(api.db, by, bill, inAnHour());
}

const sum = (rows: { amount: string }[]): string => rows.reduce((total, row) => total.plus(row.amount), new Big(0)).toFixed();

describe("what was billed", () => {
  it("is as exact as the bill, whatever the amounts, keys and currencies", async () => {
    const days = ["2026-01-01", "2026-01-02"];
    const dollars = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 14 }))
      .map(([digits, places]) => new Big(digits.toString()).div(new Big(10).pow(places)).toFixed());
    const line = fc.record({
      period: fc.constantFrom(...days),
      key: fc.option(fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter((text) => !text.includes("\0"))),
      kind: fc.constantFrom(...lineKinds),
      currency: fc.constantFrom("USD", "CNY"),
      amount: dollars,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40 }), fc.array(line, { maxLength: 40 }), async (byProject, byService) => {
        await record(billOf(byProject, byService));
        for (const [dimension, given] of [
          ["project", byProject],
          ["service", byService],
        ] as const) {
          const kept = await billedCosts(api.db, january, dimension);
          for (const currency of ["USD", "CNY"]) {
            for (const day of days) {
              const of = (row: { currency: string; kind: string }): boolean => row.currency === currency;
              expect(sum(kept.filter((row) => of(row) && row.day === day))).toBe(sum(given.filter((row) => of(row) && row.period === day)));
            }
          }
          expect(new Set(kept.map(({ key }) => key))).toEqual(
            new Set([...new Set(given.map(({ key }) => key))].filter((key) => kept.some((row) => row.key === key))),
          );
        }
        expect(sum(await billedPerProject(api.db, january))).toBe(sum(byProject));
      }),
      { numRuns: 30 },
    );
  });

  it("of the days that are read again is replaced, and other days stay", async () => {
    await record(billOf([amount("2026-01-01", "a", "1"), amount("2026-01-02", "a", "2")], []));
    await record(billOf([amount("2026-01-02", "b", "5")], [], { from: "2026-01-02", until: "2026-01-04", source: "cur", openFrom: "2026-01-03" }));
    expect(await billedCosts(api.db, january, "project")).toMatchObject([
      { day: "2026-01-01", key: "a", amount: "1" },
      { day: "2026-01-02", key: "b", amount: "5" },
    ]);
    api.clock.now = new Date("2026-01-04T12:00:00.000Z");
    expect(await billedDays(api.db, january)).toMatchObject([
      { day: "2026-01-01", source: "ce", open: false },
      { day: "2026-01-02", source: "cur", open: false },
      { day: "2026-01-03", source: "cur", open: true },
    ]);
    expect(await billedCosts(api.db, { ...january, until: "2026-01-02" }, "project")).toHaveLength(1);
  });

  it("is a project's own, also after its end and when another owner uses its id", async () => {
    const first = await api.books("acme", "ana").open(provisionOf("sales"));
    await api.books("acme", "ana").finish(first.operation, { outcome: "succeeded", standing: "something" });
    const end = await api.books("acme", "ana").open(destroyOf("sales"));
    await api.books("acme", "ana").finish(end.operation, { outcome: "succeeded", standing: "nothing", receipt: proof() });
    const second = await api.books("acme", "ben").open(provisionOf("sales"));
    const [old, now] = [first.project.key, second.project.key];
    await record(
      billOf([amount("2026-01-01", old, "1"), amount("2026-01-02", now, "3"), amount("2026-01-02", null, "0.5"), amount("2026-01-02", "elsewhere1", "7")], []),
    );
    const sums = await billedPerProject(api.db, january);
    expect(sums.toSorted((a, b) => Number(a.amount) - Number(b.amount))).toEqual([
      { tenantId: "acme", projectKey: null, projectId: null, userId: null, currency: "USD", amount: "0.5" },
      { tenantId: "acme", projectKey: old, projectId: "sales", userId: "ana", currency: "USD", amount: "1" },
      { tenantId: "acme", projectKey: now, projectId: "sales", userId: "ben", currency: "USD", amount: "3" },
      { tenantId: "acme", projectKey: "elsewhere1", projectId: null, userId: null, currency: "USD", amount: "7" },
    ]);
  });

  it("never gives one tenant another's project, whatever its tags claim", async () => {
    await api.call("acme")(endpoints.addTenant, { body: { id: "globex", roleArn: null, accountId: null } });
    const { project } = await api.books("globex", "zoe").open(provisionOf("secret"));
    await record(billOf([amount("2026-01-01", project.key, "1")], []));
    expect(await billedProjects(api.db, january)).toMatchObject([{ projectKey: project.key, projectId: null, userId: null }]);
    expect(await billedProjects(api.db, { ...january, tenantId: null })).toMatchObject([{ projectId: null, userId: null }]);
    expect(await billedProjects(api.db, { ...january, tenantId: "globex" })).toEqual([]);
  });

  it("holds more rows than one statement may have", async () => {
    const many = Array.from({ length: 9_000 }, (_, at) => amount("2026-01-01", `key-${at}`, "0.01"));
    await record(billOf(many, [amount("2026-01-01", "AWS Lambda", "90")]));
    expect(sum(await billedCosts(api.db, january, "project"))).toBe("90");
  });
});

describe("who reads a bill", () => {
  const by = (claim: string) => ({ tenantId: "acme", claim, now: api.clock.now });

  it("is one of many at once", async () => {
    const claims = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => claimBillingRead(api.db, { ...by(`claim-${at}`), onlyDue: false, holder: null })),
    );
    expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(claims.filter(({ status }) => status === "rejected")).toMatchObject(Array.from({ length: 7 }, () => ({ reason: { code: "billing.running" } })));
    expect(await claimBillingRead(api.db, { ...by("late"), onlyDue: true, holder: null })).toBeNull();
  });

  it("is had at once from one that is seen dead on the same machine, and from nobody else", async () => {
    const dead = { machine: "here", pid: 4, startedAt: "boot-4" };
    const takeOver = (claim: string, more: object) => claimBillingRead(api.db, { ...by(claim), onlyDue: false, holder, ...more });
    await takeOver("dead", { holder: dead });
    const running = { code: "billing.running", details: { holder: dead } };
    await expect(takeOver("heir", {})).rejects.toMatchObject(running);
    for (const other of [{ pid: 5 }, { startedAt: "boot-5" }, { machine: "there" }])
      await expect(takeOver("heir", { holderGone: { ...dead, ...other } }), JSON.stringify(other)).rejects.toMatchObject(running);
    const elsewhere = { holder: { ...holder, machine: "there" }, holderGone: dead };
    await expect(takeOver("heir", elsewhere)).rejects.toMatchObject(running);
    await takeOver("heir", { holderGone: dead });
    await expect(giveClaimBack(api.db, by("dead"))).rejects.toMatchObject({ code: "billing.claim-lost" });
    await giveClaimBack(api.db, by("heir"));
  });

  it("gives it back when it is stopped: somebody else reads on at once, and no try is counted; a lost claim is nobody's to give", async () => {
    await claimBillingRead(api.db, { ...by("one"), onlyDue: true, holder: null });
    await giveClaimBack(api.db, by("one"));
    expect(await billingReads(api.db, "acme")).toMatchObject([{ attempts: 0, error: null, nextAt: null }]);
    expect(await claimBillingRead(api.db, { ...by("two"), onlyDue: true, holder: null })).toEqual({ known: null, usage: [] });
    await expect(giveClaimBack(api.db, by("one"))).rejects.toMatchObject({ code: "billing.claim-lost" });
    expect(await claimBillingRead(api.db, { ...by("three"), onlyDue: true, holder: null })).toBeNull();
  });

  it("is told what is known, and asked again when it is due", async () => {
    expect(await claimBillingRead(api.db, { ...by("one"), onlyDue: true, holder: null })).toEqual({ known: null, usage: [] });
    await recordBill(api.db, by("one"), billOf([], [], { openFrom: "2026-01-02" }), inAnHour());
    expect(await claimBillingRead(api.db, { ...by("two"), onlyDue: true, holder: null })).toBeNull();
    expect(await billingReads(api.db, null)).toEqual([
      { tenantId: "acme", readAt: api.clock.now.toISOString(), nextAt: inAnHour().toISOString(), attempts: 0, error: null, hint: null },
    ]);
    api.clock.now = inAnHour();
    expect(await claimBillingRead(api.db, { ...by("two"), onlyDue: true, holder: null })).toEqual({
      known: { first: "2026-01-01", firstOpen: "2026-01-02", last: "2026-01-02" },
      usage: [],
    });
  });

  it("keeps a failure with its next try, ever later, and forgets it with a success", async () => {
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt++) {
      await claimBillingRead(api.db, { ...by("one"), onlyDue: true, holder: null });
      const failed = await recordBillingFailure(api.db, by("one"), { error: "Cost Explorer is not enabled", hint: "enable it" });
      expect(failed).toMatchObject({ attempts: attempt, error: "Cost Explorer is not enabled", hint: "enable it", readAt: null });
      waits.push((Date.parse(failed.nextAt ?? "") - api.clock.now.getTime()) / 60_000);
      api.clock.now = new Date(failed.nextAt ?? "");
    }
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 960, 1_440, 1_440]);
    await record(billOf([], []));
    expect(await billingReads(api.db, "acme")).toMatchObject([{ attempts: 0, error: null, hint: null }]);
  });

  it("that was thought dead writes nothing over its successor's", async () => {
    const dead = by("dead");
    await claimBillingRead(api.db, { ...dead, onlyDue: false, holder: null });
    api.clock.now = new Date(api.clock.now.getTime() + 16 * 60_000);
    await claimBillingRead(api.db, { ...by("heir"), onlyDue: true, holder: null });
    await expect(recordBill(api.db, dead, billOf([amount("2026-01-01", "a", "9")], []), inAnHour())).rejects.toMatchObject({ code: "billing.claim-lost" });
    await expect(recordBillingFailure(api.db, dead, { error: "late", hint: null })).rejects.toMatchObject({ code: "billing.claim-lost" });
    await recordBill(api.db, by("heir"), billOf([amount("2026-01-01", "a", "1")], []), inAnHour());
    expect(await billedCosts(api.db, january, "project")).toMatchObject([{ amount: "1" }]);
    expect(await billedDays(api.db, { ...january, until: addDays("2026-01-01", 1) })).toHaveLength(1);
  });

  it("is refused a tenant that isn't there", async () => {
    await expect(claimBillingRead(api.db, { ...by("one"), tenantId: "nobody", onlyDue: false, holder: null })).rejects.toMatchObject({
      code: "tenant.not-found",
    });
  });
});
