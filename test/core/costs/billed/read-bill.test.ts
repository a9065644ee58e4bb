/** A bill is recorded whole, or not at all with the reason; what it costs to read is told. */
import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CostAmount, CostQuery, KeptAnswer, KeptCosts } from "../../../../src/core/costs/actual/cost-source.ts";
import type { Bill } from "../../../../src/core/costs/billed/bill.ts";
import type { KnownDays } from "../../../../src/core/costs/billed/days-to-read.ts";
import type { BillingBooks, FailedRead } from "../../../../src/core/costs/billed/read-bill.ts";
import { readBill } from "../../../../src/core/costs/billed/read-bill.ts";
import { readBills } from "../../../../src/core/costs/billed/read-bills.ts";
import { ChartctlError } from "../../../../src/errors.ts";

const now = new Date("2026-11-26T13:00:00Z");
const never = new AbortController().signal;

function booksWith(known: KnownDays | null = null, more: Partial<BillingBooks> = {}) {
  const recorded: Bill[] = [];
  const failures: FailedRead[] = [];
  const given: string[] = [];
  const books: BillingBooks = {
    begin: async () => ({ claim: "c", known, usage: [] }),
    record: async (_, bill) => void recorded.push(bill),
    fail: async (_, reason) => void failures.push(reason),
    giveBack: async (claim) => void given.push(claim),
    ...more,
  };
  return { books, recorded, failures, given };
}

function sourceOf(answer: (query: CostQuery) => Partial<KeptAnswer>) {
  const asked: CostQuery[] = [];
  const source: KeptCosts = {
    costs: async (query) => {
      asked.push(query);
      const price = { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false };
      return { kept: false, answer: { source: "ce", amounts: [], estimatedFrom: null, askedAt: now.toISOString(), price, ...answer(query) } };
    },
  };
  return { source, asked };
}
const amount = (key: string | null, dollars: string, period = "2026-11-20"): CostAmount => ({ period, key, kind: "usage", currency: "USD", amount: dollars });
const whole = { tags: {}, onlyDue: true };

describe("reading a bill", () => {
  test("asks by the project's key and by service, for the tenant's tag alone where it shares its account", async () => {
    const { books, recorded } = booksWith({ first: "2026-10-01", firstOpen: "2026-11-01", last: "2026-11-25" });
    const { source, asked } = sourceOf(({ grouping }) => ({
      amounts: grouping.by === "tag" ? [amount("k1", "1.5"), amount(null, "2")] : [amount("AWS Lambda", "3.5")],
    }));
    const bill = await readBill({ books, source, stopped: never }, { tags: { TenantId: "acme" }, onlyDue: true }, now);
    const both = { from: "2026-11-01", until: "2026-11-27", granularity: "day", metric: "unblended", tags: { TenantId: "acme" } };
    expect(asked).toEqual([
      { ...both, grouping: { by: "tag", key: "ProjectKey" } },
      { ...both, grouping: { by: "service" } },
    ]);
    expect(recorded).toEqual([bill]);
    expect(bill).toMatchObject({
      from: "2026-11-01",
      until: "2026-11-27",
      source: "ce",
      openFrom: "2026-11-01",
      byProject: [amount("k1", "1.5"), amount(null, "2")],
      byService: [amount("AWS Lambda", "3.5")],
      price: { requests: 2, dollars: "0.02" },
    });
  });

  test("is of one source: what a report said before it failed is asked again of the other", async () => {
    const { books, recorded } = booksWith();
    let times = 0;
    const { source, asked } = sourceOf(({ grouping }) => {
      const from = times++ === 0 ? "cur" : "ce";
      const dollars = from === "cur" ? "1" : "1.2"; // newer
      return { source: from, amounts: [amount(grouping.by === "tag" ? "k" : "S3", dollars)] };
    });
    await readBill({ books, source, stopped: never }, whole, now);
    expect(asked.map(({ grouping }) => grouping.by)).toEqual(["tag", "service", "tag"]);
    expect(recorded).toMatchObject([
      { source: "ce", byProject: [amount("k", "1.2")], byService: [amount("S3", "1.2")], price: { requests: 3, dollars: "0.03" } },
    ]);
  });

  test("goes as far back as the source does", async () => {
    const { books, recorded } = booksWith();
    const { source, asked } = sourceOf(({ from }) => {
      if (from < "2026-11-01") throw new ChartctlError({ kind: "usage", code: "costs.period", message: "too far" });
      return {};
    });
    await readBill({ books, source, stopped: never }, whole, now);
    expect(asked.map(({ from }) => from)).toEqual(["2026-08-28", "2026-10-01", "2026-11-01", "2026-11-01"]);
    expect(recorded).toMatchObject([{ from: "2026-11-01" }]);
  });

  test.each([
    ["a day adds up to something else", [amount("k", "1.5")], [amount("S3", "1.51")], "The bill of 2026-11-20 is 1.5 USD by project and 1.51 USD by service"],
    [
      "one grouping lacks a day",
      [amount("k", "1"), amount("k", "1", "2026-11-21")],
      [amount("S3", "1")],
      "The bill of 2026-11-21 is 1 USD by project and 0 USD by service",
    ],
    ["sums are equal but their days aren't", [amount("k", "1")], [amount("S3", "1", "2026-11-21")], "is 1 USD by project and 0 USD by service"],
    ["currencies differ", [amount("k", "1")], [{ ...amount("S3", "1"), currency: "CNY" }], "is 1 USD by project and 0 USD by service"],
    [
      "a refund is lost",
      [amount("k", "1"), { ...amount(null, "-1"), kind: "refund" as const }],
      [amount("S3", "1")],
      "is 0 USD by project and 1 USD by service",
    ],
  ])("records nothing where %s, and keeps the reason", async (_, byProject, byService, reason) => {
    const { books, recorded, failures } = booksWith();
    const { source } = sourceOf(({ grouping }) => ({ amounts: grouping.by === "service" ? byService : byProject }));
    await expect(readBill({ books, source, stopped: never }, whole, now)).rejects.toMatchObject({
      code: "billing.sums-differ",
      message: expect.stringContaining(reason),
    });
    expect([recorded, failures]).toEqual([[], [{ error: expect.stringContaining(reason), hint: expect.any(String) }]]);
  });

  test("takes what Cost Explorer rounds in its tenth decimal, and nothing more", async () => {
    const cents = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    await fc.assert(
      fc.asyncProperty(
        fc.array(cents, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom("-1", "1"),
        async (parts, services, sign) => {
          const dollars = (units: bigint): string => new Big(units.toString()).div(1e10).toFixed();
          const total = parts.reduce((sum, part) => sum + part, 0n);
          const most = BigInt(parts.length + services);
          const split = (off: bigint): CostAmount[] => [
            ...Array.from({ length: services - 1 }, (_, at) => amount(`s${at}`, "0")),
            amount("rest", dollars(total + off)),
          ];
          const tryWith = async (off: bigint): Promise<number> => {
            const { books, recorded } = booksWith();
            const { source } = sourceOf(({ grouping }) => ({
              amounts: grouping.by === "service" ? split(off) : parts.map((part, at) => amount(`k${at}`, dollars(part))),
            }));
            await readBill({ books, source, stopped: never }, whole, now).catch(() => {});
            return recorded.length;
          };
          expect([await tryWith(0n), await tryWith(most * BigInt(sign)), await tryWith((most + 1n) * BigInt(sign))]).toEqual([1, 1, 0]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("asks for what was used in months that are over where that is wanted, records what carries a key, and counts what it cost", async () => {
    const { books, recorded } = booksWith({ first: "2026-09-15", firstOpen: "2026-11-01", last: "2026-11-25" });
    const lambda = { ...amount("k1", "1.5", "2026-10"), used: { type: "Request-ARM", quantity: "7", service: null } };
    const { source, asked } = sourceOf(({ grouping }) => ({
      amounts: grouping.by === "tag-usage" ? [lambda, { ...lambda, key: null }, amount("k1", "2", "2026-10")] : [],
    }));
    await readBill({ books, source, stopped: never, usageFailed: () => {} }, { tags: { TenantId: "acme" }, onlyDue: true }, now);
    expect(asked.at(-1)).toEqual({
      from: "2026-10-01",
      until: "2026-11-01",
      granularity: "month",
      metric: "unblended",
      grouping: { by: "tag-usage", key: "ProjectKey" },
      tags: { TenantId: "acme" },
    });
    const usage = { from: "2026-10-01", until: "2026-11-01", source: "ce", amounts: [lambda] };
    expect(recorded).toMatchObject([{ from: "2026-11-01", usage, price: { requests: 3, dollars: "0.03" } }]);
  });

  test("asks for none where it is known, and records the days where it can't be, with the reason told", async () => {
    const days = { first: "2026-09-15", firstOpen: "2026-11-01", last: "2026-11-25" };
    const known = booksWith(days, {
      begin: async () => ({ claim: "c", known: days, usage: [{ month: "2026-10", open: false, readAt: "2026-11-11T00:00:00.000Z" }] }),
    });
    const { source, asked } = sourceOf(({ grouping }) => {
      if (grouping.by === "tag-usage") throw new ChartctlError({ kind: "external", code: "aws.throttled", message: "slower" });
      return {};
    });
    await readBill({ books: known.books, source, stopped: never, usageFailed: () => {} }, whole, now);
    expect(asked).toHaveLength(2);
    const failed: unknown[] = [];
    const { books, recorded, failures } = booksWith(days);
    await readBill({ books, source, stopped: never, usageFailed: (error) => void failed.push(error) }, whole, now);
    expect([asked.length, failed, failures]).toEqual([5, [expect.objectContaining({ code: "aws.throttled" })], []]);
    expect(recorded).toMatchObject([{ from: "2026-11-01", price: { requests: 2 } }]);
    expect(recorded[0]?.usage).toBeUndefined();
    // Stopped meanwhile, nothing is recorded: anybody may read on.
    const stopped = booksWith(days);
    const stop = new AbortController();
    const stopping = sourceOf(({ grouping }) => {
      if (grouping.by === "tag-usage") {
        stop.abort();
        throw new Error("aborted");
      }
      return {};
    });
    await expect(readBill({ books: stopped.books, source: stopping.source, stopped: stop.signal, usageFailed: () => {} }, whole, now)).rejects.toThrow(
      "aborted",
    );
    expect([stopped.recorded, stopped.given]).toEqual([[], ["c"]]);
  });

  test("keeps why the source failed, and tells it", async () => {
    const { books, failures } = booksWith();
    const { source } = sourceOf(() => {
      throw new ChartctlError({ kind: "external", code: "costs.explorer-not-enabled", message: "Cost Explorer is not enabled", hint: "enable it" });
    });
    await expect(readBill({ books, source, stopped: never }, whole, now)).rejects.toMatchObject({ code: "costs.explorer-not-enabled" });
    expect(failures).toEqual([{ error: "Cost Explorer is not enabled", hint: "enable it" }]);
  });

  test("doesn't ask AWS for what isn't due, and calls a stop no failure: somebody else may read on at once", async () => {
    const idle = booksWith(null, { begin: async () => null });
    const { source, asked } = sourceOf(() => {
      throw new Error("aborted");
    });
    expect(await readBill({ books: idle.books, source, stopped: never }, whole, now)).toBeNull();
    expect(asked).toEqual([]);
    const { books, failures, given } = booksWith();
    await expect(readBill({ books, source, stopped: AbortSignal.abort() }, whole, now)).rejects.toThrow("aborted");
    expect([failures, given]).toEqual([[], ["c"]]);
  });
});

describe("reading all bills", () => {
  const tenant = (id: string, account: string) => ({ id, roleArn: `arn:aws:iam::${account}:role/x`, accountId: null });
  test("one that fails keeps nobody from theirs, and each is asked for its own part", async () => {
    const told: string[] = [];
    const tags: Record<string, string>[] = [];
    const { source } = sourceOf((query) => {
      tags.push(query.tags);
      return {};
    });
    const failing: KeptCosts = { costs: () => Promise.reject(new Error("no")) };
    const tenants = [
      tenant("acme", "111111111111"),
      tenant("globex", "222222222222"),
      tenant("initech", "222222222222"),
      { id: "none", roleArn: null, accountId: null },
    ];
    await readBills(tenants, ({ roleArn }) => roleArn !== null, true, {
      booksOf: async () => booksWith().books,
      sourceOf: async (tenantId) => (tenantId === "acme" ? failing : source),
      onRead: (tenantId) => void told.push(`read ${tenantId}`),
      onFailed: (tenantId) => void told.push(`failed ${tenantId}`),
      now: () => now,
      stopped: never,
    });
    expect(told).toEqual(["failed acme", "read globex", "read initech"]);
    expect(tags).toEqual([{ TenantId: "globex" }, { TenantId: "globex" }, { TenantId: "initech" }, { TenantId: "initech" }]);
  });
  test("ends each tenant's connections, also where it failed", async () => {
    const closed: string[] = [];
    const { source } = sourceOf(() => ({}));
    await readBills([tenant("acme", "111111111111"), tenant("globex", "222222222222")], () => true, true, {
      booksOf: async (id) => booksWith(null, id === "acme" ? { begin: () => Promise.reject(new Error("no")) } : {}).books,
      sourceOf: async (id) => ({ ...source, close: async () => void closed.push(id) }),
      onRead: () => {},
      onFailed: () => {},
      now: () => now,
      stopped: never,
    });
    expect(closed).toEqual(["acme", "globex"]);
  });
  test("one in an account that nobody knows is in no other's bill", async () => {
    const told: unknown[] = [];
    const [acme, beta] = [tenant("acme", "111111111111"), { id: "beta", roleArn: null, accountId: null }];
    for (const others of [[], [beta], [{ ...beta, accountId: "222222222222" }]]) {
      await readBills([acme, ...others], ({ id }) => id === "acme", true, {
        booksOf: async () => booksWith().books,
        sourceOf: async () => sourceOf(() => ({})).source,
        onRead: (_, __, tags) => void told.push(tags),
        onFailed: (_, error) => void told.push(error),
        now: () => now,
        stopped: never,
      });
    }
    expect(told).toEqual([{}, { TenantId: "acme" }, {}]);
  });
});
