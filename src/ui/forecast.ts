/** What this month will come to, as text. */
import Big from "big.js";
import chalk from "chalk";
import type { Backtest } from "../core/costs/forecast/backtest.ts";
import type { CostForecast } from "../core/costs/forecast/cost-forecast.ts";
import type { CurrencyForecast } from "../core/costs/forecast/month-forecast.ts";
import { leastHistoryDays } from "../core/costs/forecast/usual-days.ts";
import { formatAmount } from "../core/money.ts";
import { costNotes, nothing } from "./costs.ts";
import { facts, table } from "./table.ts";
import type { Whose } from "./whose.ts";
import { whoseText } from "./whose.ts";
import { wrapped } from "./wrapped.ts";

export function forecastText(forecast: CostForecast, whose: Whose, width: number, now: Date): string {
  const notes = [
    ...(forecast.withoutExplorer === null ? [] : [ownInstead(forecast.withoutExplorer, forecast)]),
    ...costNotes({ ...forecast, grouping: { by: "service" }, tagUnseen: false, openFrom: null }, now),
  ];
  return [
    wrapped(`${chalk.bold(`Forecast of ${whoseText(whose)}`)} for ${forecast.month} (UTC), ${forecast.metric}`, width),
    ...(forecast.currencies.length === 0
      ? [wrapped(nothing(forecast, whose), width)]
      : forecast.currencies.flatMap((one) => currencyParts(forecast, one, width))),
    notes.map((note) => wrapped(note, width)).join("\n"),
  ].join("\n\n");
}

const ownInstead = (why: string, { currencies }: CostForecast): string =>
  currencies.some(({ expected }) => expected) ? `${why}: the forecast is chartctl's own.` : `${why}.`;

function currencyParts(forecast: CostForecast, one: CurrencyForecast, width: number): string[] {
  const { expected, currency, billed, knownDays, previous } = one;
  const show = (amount: string): string => formatAmount(amount, currency);
  const begun = forecast.today.endsWith("-01");
  const headline = expected
    ? `${chalk.bold("Month-end")} ${chalk.bold(show(expected.total))}; ${rangeText(one, forecast.level, show)}`
    : `${chalk.bold("Month-end")} not forecast yet: AWS has ${knownDays} whole ${knownDays === 1 ? "day" : "days"} with costs, and a forecast takes ${leastHistoryDays}`;
  return [
    [
      wrapped(headline, width),
      facts(
        wrappedPairs(
          [
            ["Billed so far", begun ? `${show(billed)}: the month has just begun` : `${show(billed)} until ${forecast.to}${kindsText(one, show)}`],
            ["Expected rest", expected ? restText(forecast, expected, show) : undefined],
            ["Month before", show(previous)],
            [
              "chartctl's own",
              one.method === "cost-explorer" && one.own ? `${show(one.own.total)} (${show(one.own.low)} to ${show(one.own.high)})` : undefined,
            ],
          ],
          width,
        ),
        width,
      ),
    ].join("\n\n"),
    methodText(one, width),
    ...(one.backtest ? [backtestText(one.backtest, forecast.level, width)] : []),
  ];
}

const wrappedPairs = (pairs: [string, string | undefined][], width: number): [string, string | undefined][] =>
  pairs.map(([name, value]) => [name, value === undefined ? undefined : wrapped(value, width - 2, "  ")]);

function rangeText({ expected, range }: CurrencyForecast, level: number, show: (amount: string) => string): string {
  const { low = "0", high = "0" } = expected ?? {};
  if (new Big(low).eq(high))
    return new Big(expected?.usage ?? 0).plus(expected?.tax ?? 0).eq(0) ? "nothing more is expected" : "the days before were alike, so that there is no range";
  const between = `between ${show(low)} and ${show(high)}`;
  return range === "days" ? `${between}, if all days were as cheap or as dear as few were lately` : `${between} (${level}%)`;
}

function kindsText({ billedByKind }: CurrencyForecast, show: (amount: string) => string): string {
  const kinds = (["tax", "credit", "refund"] as const)
    .filter((kind) => !new Big(billedByKind[kind]).eq(0))
    .map((kind) => `${kind} ${show(billedByKind[kind])}`);
  return kinds.length === 0 ? "" : ` (with ${kinds.join(", ")})`;
}

function restText({ today, lastDay }: CostForecast, { usage, tax }: { usage: string; tax: string }, show: (amount: string) => string): string {
  const all = new Big(usage).plus(tax).toFixed();
  const days = today === lastDay ? today : `${today} to ${lastDay}`;
  return `${show(all)}, ${days}${new Big(tax).eq(0) ? "" : ` (with tax ${show(tax)})`}`;
}

function methodText({ method, taxRate }: CurrencyForecast, width: number): string {
  const usage =
    method === "cost-explorer"
      ? "Usage: Cost Explorer's forecast by day; its days' ranges are added up, which makes the range rather too wide."
      : "Usage: the mean of the last two weeks, with its outermost days levelled, weighed by weekday; monthly fees as on the first before.";
  const taxes = new Big(taxRate).eq(0)
    ? "Taxes: none in the last three months."
    : `Taxes: ${new Big(taxRate).times(100).toFixed(1)}% of usage, as in the last three months.`;
  return [...(method === null ? [] : [usage, taxes]), "Credits and refunds: as far as they are billed; none is expected."]
    .map((line) => wrapped(line, width))
    .join("\n");
}

const percent = (part: number): string => `${(part * 100).toFixed(1)}%`;

function backtestText({ months, medianError, byDay, ranges, held }: Backtest, level: number, width: number): string {
  const said = `${chalk.bold("chartctl's own, tried on the past")}: usage of ${months} whole ${months === 1 ? "month" : "months"}, forecast with what was known then. Median error ${percent(medianError)}${
    ranges === 0 ? "" : `; the range (made for ${level}%) held in ${held} of ${ranges}`
  }.`;
  return [
    wrapped(said, width),
    table(
      byDay,
      [
        { title: "From day", value: ({ dayOfMonth }) => String(dayOfMonth), right: true },
        { title: "Median error", value: ({ medianError: error }) => percent(error), right: true },
        { title: "Range held", value: (day) => (day.ranges === 0 ? "-" : `${day.held} of ${day.ranges}`), right: true },
      ],
      width,
    ),
  ].join("\n");
}
