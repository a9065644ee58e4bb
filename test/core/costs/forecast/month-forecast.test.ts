/** What a month will come to: its parts add up, nothing later is known, and each awkward account has a clear answer. */
import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CostAmount, LineKind } from "../../../../src/core/costs/actual/cost-source.ts";
import { addDays, addMonths, periodsOf } from "../../../../src/core/costs/actual/period.ts";
import { backtest, trialsOf } from "../../../../src/core/costs/forecast/backtest.ts";
import type { ForecastAnswer } from "../../../../src/core/costs/forecast/forecast-source.ts";
import type { CurrencyForecast } from "../../../../src/core/costs/forecast/month-forecast.ts";
import { monthForecast } from "../../../../src/core/costs/forecast/month-forecast.ts";

const from = "2025-11-01";
const amount = (period: string, value: string, kind: LineKind = "usage", currency = "USD"): CostAmount => ({
  period,
  key: "Amazon S3",
  kind,
  currency,
  amount: value,
});
/** Usage, on every day until before this one. */
const used = (today: string, value: (day: string) => number | string, first = from): CostAmount[] =>
  periodsOf({ from: first, until: today }, "day").map((day) => amount(day, String(value(day))));
const forecast = (amounts: CostAmount[], today: string, given: ForecastAnswer | null = null): CurrencyForecast => {
  const [one, ...others] = monthForecast(amounts, { from, today }, given);
  expect(others).toEqual([]);
  return one as CurrencyForecast;
};
const today = "2026-11-21";
const given = (mean: string, low: string, high: string, currency = "USD", first = today): ForecastAnswer => ({
  currency,
  days: periodsOf({ from: first, until: addMonths(`${first.slice(0, 7)}-01`, 1) }, "day").map((day) => ({ day, mean, low, high })),
  level: 80,
  price: { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false },
});
/** Repeatable noise between -1 and 1. */
const noise = (day: string): number => ((Math.sin(Date.parse(day) / 864e5) * 43_758.5453) % 1) as number;

describe("the parts", () => {
  const value = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map((digits) => new Big(digits.toString()).div(10 ** 10).toFixed());
  const line = fc
    .tuple(fc.integer({ min: 0, max: 384 }), value, fc.constantFrom<LineKind>("usage", "tax", "credit", "refund"), fc.constantFrom("USD", "EUR"))
    .map(([at, of, kind, currency]) => amount(addDays(from, at), of, kind, currency));
  test("add up exactly to what the month comes to, and the range holds it, whatever was billed", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.boolean(), (lines, asked) => {
        for (const one of monthForecast(lines, { from, today }, asked ? given("1.25", "1", "1.5") : null)) {
          const billed = lines.filter(({ period, currency }) => currency === one.currency && period >= "2026-11-01" && period < today);
          const exact = billed.reduce((sum, { amount: of }) => sum.plus(of), new Big(0));
          expect(one.billed).toBe(exact.toFixed());
          expect(
            Object.values(one.billedByKind)
              .reduce((sum, of) => sum.plus(of), new Big(0))
              .toFixed(),
          ).toBe(one.billed);
          for (const expected of [one.expected, one.own]) {
            if (expected === null) continue;
            expect(exact.plus(expected.usage).plus(expected.tax).toFixed()).toBe(expected.total);
            expect([new Big(expected.low).lte(expected.total), new Big(expected.high).gte(expected.total)]).toEqual([true, true]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("chartctl's own method", () => {
  test("knows weekdays, and is right about a bill that only has these", () => {
    const weekly = (day: string): number => (new Date(day).getUTCDay() % 6 === 0 ? 4 : 10);
    const all = used("2026-12-01", weekly);
    const one = forecast(
      all.filter(({ period }) => period < today),
      today,
    );
    const month = all.filter(({ period }) => period >= "2026-11-01").reduce((sum, { amount: of }) => sum.plus(of), new Big(0));
    expect([one.method, one.range, one.expected?.total]).toEqual(["own", "backtest", month.toFixed()]);
    expect(one.backtest).toMatchObject({ months: 12, medianError: 0, held: one.backtest?.ranges });
  });
  test("follows a new level within two weeks, and isn't moved by one dear day", () => {
    const dear = used(today, (day) => (day === "2026-11-15" ? 500 : 10));
    expect(forecast(dear, today).expected?.usage).toBe("100");
    for (const first of ["2026-11-11", "2026-11-01", "2026-10-18", "2026-09-01"])
      expect(
        forecast(
          dear.filter(({ period }) => period >= first),
          today,
        ).expected?.usage,
      ).toBe("100");
    const stepped = used(today, (day) => (day < "2026-11-05" ? 10 : 25));
    expect(Number(forecast(stepped, today).expected?.usage)).toBeCloseTo(250, -1);
  });
  test("takes the fees of a first from the first before, on a first, and counts them for no other day", () => {
    const fees = (until: string) => used(until, (day) => (day.endsWith("-01") ? 23 : 3));
    expect(forecast(fees("2026-11-01"), "2026-11-01").expected?.total).toBe("110");
    expect(forecast(fees(today), today).expected?.total).toBe("110");
  });
  test("looks at nothing that comes later: a past month is tried as it was forecast then", () => {
    const bill = used(today, (day) => (10 * (1 + noise(day) / 4)).toFixed(4));
    const then = forecast(
      bill.filter(({ period }) => period < "2026-09-10"),
      "2026-09-10",
    );
    const trial = trialsOf(bill.map(({ period: day, amount: of }) => ({ day, amount: Number(of) }))).find(
      ({ month, dayOfMonth }) => month === "2026-09" && dayOfMonth === 10,
    );
    expect(trial?.expected).toBeCloseTo(Number(then.expected?.total), 4);
  });
  test("has a range that holds about as often as it says, on bills that are noisy", () => {
    let [ranges, held] = [0, 0];
    for (let bill = 0; bill < 12; bill++) {
      const one = forecast(
        used(today, (day) => (10 * (1 + noise(addDays(day, bill * 997)) / 2)).toFixed(4)),
        today,
      );
      ranges += one.backtest?.ranges ?? 0;
      held += one.backtest?.held ?? 0;
    }
    expect(ranges).toBeGreaterThan(300);
    expect(held / ranges).toBeGreaterThan(0.72);
    expect(held / ranges).toBeLessThan(0.95);
  });
});

describe("taxes, credits and refunds", () => {
  const taxed = (until: string): CostAmount[] => [
    ...used(until, () => 10),
    ...["2026-08-01", "2026-09-01", "2026-10-01"].map((day) => amount(day, day.startsWith("2026-09") ? "30" : "31", "tax")),
  ];
  test("taxes come at the rate of the last three months, less what is billed of them", () => {
    expect(forecast(taxed(today), today)).toMatchObject({ taxRate: "0.1", billed: "200", expected: { usage: "100", tax: "30", total: "330" } });
    const some = [...taxed(today), amount("2026-11-01", "20", "tax")];
    expect(forecast(some, today)).toMatchObject({ billed: "220", billedByKind: { tax: "20" }, expected: { tax: "10", total: "330" } });
    const all = [...taxed(today), amount("2026-11-01", "31", "tax")];
    expect(forecast(all, today).expected).toMatchObject({ tax: "0", total: "331" });
  });
  test("credits and refunds count as far as they are billed, and none is expected", () => {
    const bill = [
      ...used(today, () => 10),
      amount("2026-11-02", "-150", "credit"),
      amount("2026-10-02", "-290", "credit"),
      amount("2026-11-03", "-5", "refund"),
    ];
    expect(forecast(bill, today)).toMatchObject({
      billed: "45",
      billedByKind: { usage: "200", credit: "-150", refund: "-5" },
      expected: { total: "145" },
      previous: "20",
      taxRate: "0",
    });
  });
  test("of an account with credits alone nothing more is expected", () => {
    expect(forecast([amount("2026-11-02", "-50", "credit")], today)).toMatchObject({
      billed: "-50",
      expected: { usage: "0", tax: "0", total: "-50", low: "-50", high: "-50" },
      backtest: null,
    });
  });
});

describe("an account that", () => {
  test("is empty has nothing to forecast", () => {
    expect(monthForecast([], { from, today }, null)).toEqual([]);
  });
  test("has less than a week of costs is told that, with what is billed", () => {
    expect(
      forecast(
        used(today, () => 10, addDays(today, -6)),
        today,
      ),
    ).toMatchObject({ billed: "60", expected: null, method: null, range: null, knownDays: 6, backtest: null });
    expect(
      forecast(
        used(today, () => 10, addDays(today, -7)),
        today,
      ),
    ).toMatchObject({ expected: { total: "170" }, knownDays: 7 });
  });
  test("has no four months yet is given the range of its days, without the outermost tenth", () => {
    const outliers: Record<string, number> = { "2026-11-14": 0, "2026-11-15": 500 };
    const one = forecast(
      used(today, (day) => outliers[day] ?? 10 + (Number(day.slice(8)) % 10), "2026-10-15"),
      today,
    );
    expect([one.range, one.method]).toEqual(["days", "own"]);
    const left = 10;
    expect([one.expected?.low, one.expected?.high]).toEqual([10, 19].map((of) => new Big(one.billed).plus(of * left).toFixed()));
  });
  test("has several currencies is forecast in each, and Cost Explorer's counts in its own alone", () => {
    const bill = [...used(today, () => 10), ...used(today, () => 2).map((one) => ({ ...one, currency: "EUR" }))];
    expect(
      monthForecast(bill, { from, today }, given("11", "10", "12")).map(({ currency, method, expected, own }) => [
        currency,
        method,
        expected?.total,
        own?.total,
      ]),
    ).toEqual([
      ["USD", "cost-explorer", "310", "300"],
      ["EUR", "own", "60", "60"],
    ]);
  });
  test("stopped isn't expected to begin again", () => {
    expect(
      forecast(
        used(today, (day) => (day < "2026-10-20" ? 10 : 0)),
        today,
      ).expected,
    ).toMatchObject({ usage: "0", total: "0" });
  });
});

describe("a month", () => {
  test("that began today is all expected", () => {
    const one = forecast(
      used("2026-11-01", () => 10),
      "2026-11-01",
    );
    expect(one).toMatchObject({ billed: "0", expected: { usage: "300", total: "300" }, previous: "310" });
  });
  test("on its last day has that left", () => {
    expect(
      forecast(
        used("2026-11-30", () => 10),
        "2026-11-30",
      ),
    ).toMatchObject({ billed: "290", expected: { usage: "10", total: "300" } });
  });
  test("with a 31st learns from the last day of those without", () => {
    const one = forecast(
      used("2026-10-31", (day) => (10 * (1 + noise(day) / 4)).toFixed(4)),
      "2026-10-31",
    );
    expect(one.range).toBe("backtest");
  });
  test("with Cost Explorer's forecast has its days added up, and their ranges", () => {
    expect(
      forecast(
        used(today, () => 10),
        today,
        given("11", "9.5", "12.5"),
      ),
    ).toMatchObject({
      method: "cost-explorer",
      range: "cost-explorer",
      expected: { usage: "110", total: "310", low: "295", high: "325" },
      own: { total: "300" },
    });
  });
});

test("a backtest of nothing is none, and months without usage are left out", () => {
  expect(backtest(trialsOf([]))).toBeNull();
  const idle = periodsOf({ from, until: today }, "day").map((day) => ({ day, amount: day < "2026-06-01" || day >= "2026-08-01" ? 1 : 0 }));
  expect(backtest(trialsOf(idle))?.months).toBe(10); // of twelve, two are idle
});
