/** Days that stand out: by the days before them alone, whatever the unit is, never for cents, and with who is behind them. */
import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CostAmount, Period } from "../../../../src/core/costs/actual/cost-source.ts";
import { addDays, periodsOf } from "../../../../src/core/costs/actual/period.ts";
import { anomalies, judgedFrom } from "../../../../src/core/costs/trends/anomalies.ts";

const period: Period = { from: "2026-10-13", until: "2026-11-24" };
const days = periodsOf({ from: judgedFrom(period.from), until: period.until }, "day");
const amount = (day: string, key: string | null, value: string, rest: Partial<CostAmount> = {}): CostAmount => ({
  period: day,
  key,
  kind: "usage",
  currency: "USD",
  amount: value,
  ...rest,
});
/** One service and one project, both with these amounts. */
const bill = (values: readonly string[], of = days): { byService: CostAmount[]; byProject: CostAmount[] } => ({
  byService: of.map((day, at) => amount(day, "Amazon S3", values[at] ?? "0")),
  byProject: of.map((day, at) => amount(day, "sales", values[at] ?? "0")),
});
const cents = fc.integer({ min: 0, max: 100_000 }).map((value) => new Big(value).div(100).toFixed());
const values = fc.array(cents, { minLength: days.length, maxLength: days.length });
/** A bill that is calm: around a level, eight percent up and down. */
const calm = fc
  .tuple(fc.integer({ min: 300, max: 100_000 }), fc.array(fc.integer({ min: -80, max: 80 }), { minLength: days.length, maxLength: days.length }))
  .map(([level, noise]) =>
    noise.map((thousandth) =>
      new Big(level)
        .times(1_000 + thousandth)
        .div(100_000)
        .toFixed(),
    ),
  );
const some = { numRuns: 20 };
const verdicts = (found: ReturnType<typeof anomalies>) => found.map(({ day, amount: of, expected }) => [day, of, expected]);

describe("a verdict", () => {
  test("doesn't change when days are added", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 41 }), (all, later) => {
        const earlier = { ...period, until: addDays(period.until, -later) };
        const then = bill(all.slice(0, -later), days.slice(0, -later));
        expect(anomalies(then, earlier)).toEqual(anomalies(bill(all), period).filter(({ day }) => day < earlier.until));
      }),
      some,
    );
  });
  test("doesn't change with the days that are looked at, or with what isn't usage", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 41 }), (all, later) => {
        const from = addDays(period.from, later);
        const { byService, byProject } = bill(all);
        const others = (["tax", "credit", "refund"] as const).map((kind, at) => amount(addDays(from, at), "Amazon S3", "-1000", { kind }));
        const found = verdicts(anomalies({ byService: [...others, ...byService], byProject }, { ...period, from }));
        expect(found).toEqual(verdicts(anomalies(bill(all), period)).filter(([day = ""]) => day >= from));
      }),
      some,
    );
  });
  test("is the same in any unit", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 1_000_000 }), (all, thousandths) => {
        const factor = new Big(thousandths).div(1_000);
        const scaled = anomalies(bill(all.map((value) => factor.times(value).toFixed())), period, factor.toFixed());
        expect(verdicts(scaled)).toEqual(
          anomalies(bill(all), period, "1").map(({ day, amount: of, expected }) => [day, factor.times(of).toFixed(), factor.times(expected).toFixed()]),
        );
        expect(scaled.map(({ services, projects }) => [services, projects].map((risers) => risers.map(({ key, share }) => [key, share])))).toEqual(
          anomalies(bill(all), period, "1").map(({ services, projects }) => [services, projects].map((risers) => risers.map(({ key, share }) => [key, share]))),
        );
      }),
      some,
    );
  });
  test("of a day that costs what every day did is none", () => {
    fc.assert(
      fc.property(cents, (value) => {
        expect(anomalies(bill(days.map(() => value)), period)).toEqual([]);
      }),
      some,
    );
  });
  test("is none for cents, however far they jump", () => {
    const less = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: days.length, maxLength: days.length });
    fc.assert(
      fc.property(less, (all) => {
        expect(anomalies(bill(all.map((value) => new Big(value).div(100).toFixed())), period)).toEqual([]);
      }),
      some,
    );
  });
  test("is none of a calm bill", () => {
    fc.assert(
      fc.property(calm, (all) => {
        expect(anomalies(bill(all), period)).toEqual([]);
      }),
      some,
    );
  });
});

describe("a day that is planted", () => {
  test("is found, with the service and the project behind it, and is the only one", () => {
    const services = ["Amazon S3", "AWS Lambda", "Amazon DynamoDB"];
    const projects = ["sales", "hr", null];
    fc.assert(
      fc.property(
        calm,
        fc.integer({ min: 42, max: days.length - 1 }),
        fc.nat(2),
        fc.nat(2),
        fc.integer({ min: 2, max: 50 }),
        (all, at, service, project, times) => {
          const spike = new Big(all[at] ?? "0").times(times * 3).plus(2);
          const planted = (keys: (string | null)[], culprit: number): CostAmount[] =>
            days.flatMap((day, index) => [
              ...keys.map((key) => amount(day, key, all[index] ?? "0")),
              ...(index === at ? [amount(day, keys[culprit] ?? null, spike.toFixed())] : []),
            ]);
          const found = anomalies({ byService: planted(services, service), byProject: planted(projects, project) }, period);
          expect(found.map(({ day, since }) => [day, since])).toEqual([[days[at], days[at]]]);
          expect([found[0]?.services[0]?.key, found[0]?.projects[0]?.key]).toEqual([services[service], projects[project] ?? null]);
          // What it is above, and what was expected, are all of it.
          const { amount: of = "0", expected = "0", above = "0" } = found[0] ?? {};
          expect(new Big(expected).plus(above).toFixed()).toBe(of);
        },
      ),
    );
  });
  test("is found on the weekend of a bill that has its weekdays, where any weekday costs as much", () => {
    const weekly = days.map((day) => (new Date(day).getUTCDay() % 6 === 0 ? "4" : "10"));
    expect(anomalies(bill(weekly), period)).toEqual([]);
    const saturday = days.indexOf("2026-11-14");
    expect(verdicts(anomalies(bill(weekly.map((value, at) => (at === saturday ? "10" : value))), period))).toEqual([["2026-11-14", "10", "4"]]);
  });
});

test("a cost that stays is told for some days, as one, and then it is normal", () => {
  const found = anomalies(bill(days.map((day) => (day < "2026-11-03" ? "10" : "25"))), period);
  expect(found.map(({ day, since }) => [day, since])).toEqual(["03", "04", "05", "06"].map((day) => [`2026-11-${day}`, "2026-11-03"]));
});

test("fees that come on the first of each month are no news; those that are new are", () => {
  const fees = (from: string, fee: string) => bill(days.map((day) => (day.endsWith("-01") && day >= from ? fee : day.endsWith("-01") ? "8" : "3")));
  expect(anomalies(fees("2026-12-01", "8"), period)).toEqual([]);
  expect(verdicts(anomalies(fees("2026-11-01", "20"), period))).toEqual([["2026-11-01", "20", "8"]]);
});

test("an account that is new is compared with nothing for two weeks, and a fall is none", () => {
  const begun = (from: string) => days.map((day) => (day < from ? "0" : "50"));
  expect(anomalies(bill(begun("2026-11-20")), period)).toEqual([]);
  expect(anomalies(bill(begun("2026-10-20").map((value, at) => (days[at] === "2026-11-05" ? "500" : value))), period)).toHaveLength(1);
  expect(anomalies(bill(days.map((day) => (day < "2026-11-01" ? "50" : "0"))), period)).toEqual([]);
  expect(anomalies({ byService: [], byProject: [] }, period)).toEqual([]);
});

test("currencies are judged apart", () => {
  const [dollars, euros] = ["USD", "EUR"].map((currency) =>
    days.map((day) => amount(day, "Amazon S3", day === (currency === "USD" ? "2026-11-10" : "2026-11-09") ? "90" : "10", { currency })),
  ) as [CostAmount[], CostAmount[]];
  expect(anomalies({ byService: [...dollars, ...euros], byProject: [] }, period).map(({ day, currency, projects }) => [day, currency, projects])).toEqual([
    ["2026-11-09", "EUR", []],
    ["2026-11-10", "USD", []],
  ]);
});
