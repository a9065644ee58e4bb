/** What projects used, in the books: exact, whose it is, and with what is billed beside it the month's bill. */
import Big from "big.js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BilledUsageView } from "../../src/contract/cost-endpoints.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import { claimBillingRead, recordBill } from "../../src/control/store/billing-reads.ts";
import { usageView } from "../../src/control/store/usage-view.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import { lineKinds } from "../../src/core/costs/actual/cost-source.ts";
import type { Bill, UsageAmount } from "../../src/core/costs/billed/bill.ts";
import type { TestApi } from "./support.ts";
import { destroyOf, proof, provisionOf, testApi } from "./support.ts";

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
  api.clock.now = new Date("2026-02-03T12:00:00.000Z");
  await api.call("acme")(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } });
});
afterEach(async () => await api.close());

const month = "2026-01";
const day = (key: string | null, amount: string, more: Partial<CostAmount> = {}): CostAmount => ({
  period: "2026-01-05",
  key,
  kind: "usage",
  currency: "USD",
  amount,
  ...more,
});
const used = (key: string, type: string, amount: string, quantity: string, more: Partial<UsageAmount> = {}): UsageAmount => ({
  period: month,
  key,
  kind: "usage",
  currency: "USD",
  amount,
  used: { type, quantity, service: null },
  ...more,
});

async function record(byProject: CostAmount[], amounts: UsageAmount[] | undefined, more: Partial<Bill> = {}): Promise<void> {
  const by = { tenantId: "acme", claim: "one", now: api.clock.now };
  await claimBillingRead(api.db, { ...by, onlyDue: false, holder: null });
  const bill: Bill = {
    from: "2026-01-01",
    until: "2026-02-04",
    source: "ce",
    openFrom: "2026-01-01",
    byProject,
    byService: [],
    price: { requests: 6, dollars: "0.06", bytesScanned: 0, reused: false },
    ...(amounts ? { usage: { from: "2026-01-01", until: "2026-02-01", source: "ce", amounts } } : {}),
    ...more,
  };
  await recordBill(api.db, by, bill, new Date("2026-02-04T12:00:00.000Z"));
}
const asked = async (project: string, of = month, owner: string | null = null): Promise<BilledUsageView> =>
  await usageView(api.db, "acme", owner, { project, month: of, now: api.clock.now });
const shown = ({ amounts }: BilledUsageView) =>
  amounts.map(({ key, kind, currency, amount, used: of }) => [key, of?.type ?? kind, currency, amount, of?.quantity]);

describe("what was used", () => {
  it("is told by service where its type needs it, with what is billed beside it", async () => {
    const { project } = await api.books("acme", "ana").open(provisionOf("sales"));
    const s3 = { type: "TimedStorage-ByteHrs", service: "Amazon Simple Storage Service" };
    await record(
      [
        day(project.key, "2.5"),
        day(project.key, "0.3", { kind: "tax" }),
        day(project.key, "-1", { kind: "credit" }),
        day(project.key, "4", { currency: "CNY" }),
      ],
      [
        used(project.key, "Request-ARM", "1.5", "700000"),
        used(project.key, s3.type, "0.25", "9", { used: { ...s3, quantity: "9" } }),
        used(project.key, s3.type, "0.25", "1", { used: { ...s3, quantity: "1" } }),
        used(project.key, "Request-ARM", "4", "5", { currency: "CNY" }),
        used("elsewhere1", "Request-ARM", "9", "9"),
        used(project.key, "Free-Request", "0", "12"),
        used(project.key, "Nothing", "0", "0"),
      ],
    );
    const view = await asked("sales");
    expect(shown(view)).toEqual([
      [null, "Free-Request", "USD", "0", "12"],
      [null, "Request-ARM", "CNY", "4", "5"],
      [null, "Request-ARM", "USD", "1.5", "700000"],
      ["Amazon Simple Storage Service", "TimedStorage-ByteHrs", "USD", "0.5", "10"],
      [null, "credit", "USD", "-1", undefined],
      [null, "tax", "USD", "0.3", undefined],
      [null, "usage", "USD", "0.5", undefined],
    ]);
    expect(view).toMatchObject({ source: "ce", readAt: "2026-02-03T12:00:00.000Z", dueAt: null, open: true });
    expect((await asked("other")).amounts).toEqual([]);
  });

  it("adds up to what the books' days have, whatever either has", async () => {
    const { project } = await api.books("acme", "ana").open(provisionOf("sales"));
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 14 }))
      .map(([digits, places]) => new Big(digits.toString()).div(new Big(10).pow(places)).toFixed());
    const key = fc.constantFrom(project.key, "elsewhere1");
    const currency = fc.constantFrom("USD", "CNY");
    const period = fc.constantFrom("2026-01-01", "2026-01-31", "2026-02-01");
    const days = fc.array(fc.record({ period, key: fc.option(key), kind: fc.constantFrom(...lineKinds), currency, amount: decimal }), { maxLength: 30 });
    const lines = fc.array(
      fc
        .tuple(key, fc.constantFrom("Request-ARM", "EU-Request", "X"), decimal, decimal, currency)
        .map(([of, type, amount, quantity, unit]) => used(of, type, amount, quantity, { currency: unit })),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(days, lines, async (byProject, amounts) => {
        await record(byProject, amounts);
        const view = await asked("sales");
        for (const unit of ["USD", "CNY"]) {
          const sum = (all: { currency: string; amount: string }[]): string =>
            all
              .filter((one) => one.currency === unit)
              .reduce((so, { amount }) => so.plus(amount), new Big(0))
              .toFixed();
          expect(sum(view.amounts)).toBe(sum(byProject.filter((one) => one.key === project.key && one.period < "2026-02")));
          expect(sum(view.amounts.filter((one) => one.used))).toBe(sum(amounts.filter((one) => one.key === project.key)));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is replaced by the next reading of its month, and stays where the days alone are read", async () => {
    const { project } = await api.books("acme", "ana").open(provisionOf("sales"));
    await record([day(project.key, "1")], [used(project.key, "Request", "1", "5"), used(project.key, "Gone", "1", "5")]);
    api.clock.now = new Date("2026-02-11T12:00:00.000Z");
    await record([day(project.key, "3")], [used(project.key, "Request", "3", "15")], { openFrom: "2026-02-01" });
    await record([day(project.key, "3.5")], undefined, { openFrom: "2026-02-01" });
    const view = await asked("sales");
    expect(shown(view)).toEqual([
      [null, "Request", "USD", "3", "15"],
      [null, "usage", "USD", "0.5", undefined], // AWS changed the days since
    ]);
    expect(view).toMatchObject({ open: false, readAt: "2026-02-11T12:00:00.000Z" });
    const begun = await claimBillingRead(api.db, { tenantId: "acme", claim: "two", now: api.clock.now, onlyDue: false, holder: null });
    expect(begun?.usage).toEqual([{ month, open: false, readAt: "2026-02-11T12:00:00.000Z" }]);
  });

  it("is a member's own alone, also where another had the name before, and never another tenant's", async () => {
    const first = await api.books("acme", "ana").open(provisionOf("sales"));
    await api.books("acme", "ana").finish(first.operation, { outcome: "succeeded", standing: "something" });
    const end = await api.books("acme", "ana").open(destroyOf("sales"));
    await api.books("acme", "ana").finish(end.operation, { outcome: "succeeded", standing: "nothing", receipt: proof() });
    const second = await api.books("acme", "ben").open(provisionOf("sales"));
    await api.call("acme")(endpoints.addTenant, { body: { id: "globex", roleArn: null, accountId: null } });
    const theirs = await api.books("globex", "zoe").open(provisionOf("secret"));
    const [old, now] = [first.project.key, second.project.key];
    await record(
      [day(old, "1"), day(now, "3"), day(theirs.project.key, "8")],
      [used(old, "Request", "1", "10"), used(now, "Request", "2", "20"), used(theirs.project.key, "Request", "8", "80")],
    );
    const rest = [null, "usage", "USD", "1", undefined];
    expect(shown(await asked("sales"))).toEqual([expect.anything(), expect.anything(), rest]);
    expect(shown(await asked("sales", month, "ana"))).toEqual([[null, "Request", "USD", "1", "10"]]);
    expect(shown(await asked("sales", month, "ben"))).toEqual([[null, "Request", "USD", "2", "20"], rest]);
    expect(shown(await asked("sales", month, "eve"))).toEqual([]);
    expect(shown(await asked("secret"))).toEqual([]);
  });

  it("says when a month is read that isn't yet: whole, and with the next bill; what is never read has no time", async () => {
    expect(await asked("sales")).toMatchObject({ readAt: null, dueAt: null });
    await record([], undefined);
    expect(await asked("sales")).toMatchObject({ amounts: [], source: null, readAt: null, dueAt: "2026-02-04T12:00:00.000Z", open: false });
    expect((await asked("sales", "2026-02")).dueAt).toBe("2026-03-02T00:00:00.000Z");
    expect((await asked("sales", "2025-12")).dueAt).toBeNull();
  });

  it("holds more rows than one statement may have", async () => {
    const { project } = await api.books("acme", "ana").open(provisionOf("sales"));
    await record(
      [day(project.key, "50")],
      Array.from({ length: 5_000 }, (_, at) => used(project.key, `type-${at}`, "0.01", "1")),
    );
    expect((await asked("sales")).amounts).toHaveLength(5_000);
  });
});
