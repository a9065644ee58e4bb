/** How costs went, as text: a chart, what is usual, the largest groups, and days that stand out. */
import Big from "big.js";
import chalk from "chalk";
import type { Anomaly, Riser } from "../core/costs/trends/anomalies.ts";
import { anomalyFloor } from "../core/costs/trends/anomalies.ts";
import type { CostTrends, CurrencyTrend } from "../core/costs/trends/cost-trends.ts";
import { formatAmount } from "../core/money.ts";
import { foldedSparkline } from "./chart.ts";
import { capitalized, changeText, costNotes, groupingText, nothing, printable, restText, totalText } from "./costs.ts";
import { seriesChart } from "./series-chart.ts";
import { facts, table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

const groupsShown = 8;
const anomaliesShown = 10;
const widestSeries = 31;
const weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function trendsText(trends: CostTrends, tenantId: string, width: number, now: Date): string {
  return [
    wrapped(`${chalk.bold(`Trend of tenant ${tenantId}`)}, ${trends.from} to ${trends.to} (UTC), ${trends.metric}, by ${trends.granularity}`, width),
    ...(trends.currencies.length === 0 ? [wrapped(nothing(trends), width)] : trends.currencies.flatMap((one) => currencyParts(trends, one, width))),
    ...(trends.granularity === "month" || trends.currencies.length === 0 ? [] : [anomaliesText(trends.anomalies, width)]),
    costNotes(trends, now)
      .map((note) => wrapped(note, width))
      .join("\n"),
  ].join("\n\n");
}

function currencyParts(trends: CostTrends, one: CurrencyTrend, width: number): string[] {
  return [wrapped(totalText(trends, one), width), chartText(trends, one, width), usualText(trends, one, width), groupsText(trends, one, width)];
}

function chartText({ openFrom, anomalies, granularity }: CostTrends, { currency, series }: CurrencyTrend, width: number): string {
  const days = new Set((anomalies ?? []).filter((one) => one.currency === currency).map(({ day }) => day));
  const points = series.map(({ period, amount }) => ({
    label: granularity === "day" ? period.slice(5) : period,
    value: Number(amount),
    open: openFrom !== null && period >= openFrom,
    marked: days.has(period),
  }));
  const { text, perColumn } = seriesChart(points, { width, amount: (value) => axisMoney(value, currency), rhythm: granularity === "day" ? 7 : 1 });
  const legend = [
    ...(perColumn > 1 ? [`a column: the mean of ${perColumn} ${granularity}s`] : []),
    ...(points.some(({ marked }) => marked) ? ["▲ stands out"] : []),
    ...(points.some(({ open }) => open) ? ["┄ still open"] : []),
  ];
  return [text, ...(legend.length === 0 ? [] : [chalk.dim(legend.join("   "))])].join("\n");
}

/** Cents are shown where they are all that there is. */
const axisMoney = (value: number, currency: string): string => formatAmount(String(value), currency);

function usualText({ granularity }: CostTrends, { currency, mean, highest, lowest, weekdays }: CurrencyTrend, width: number): string {
  const on = granularity === "day" ? "on" : "in";
  return facts(
    [
      [`Mean a ${granularity}`, mean === null ? `no ${granularity} is over yet` : formatAmount(mean, currency)],
      ["Highest", highest ? `${formatAmount(highest.amount, currency)} ${on} ${highest.period}` : undefined],
      ["Lowest", lowest ? `${formatAmount(lowest.amount, currency)} ${on} ${lowest.period}` : undefined],
      [
        "Weekdays",
        weekdays ? wrapped(weekdays.map((amount, at) => `${weekdayNames[at]} ${formatAmount(amount, currency)}`).join(", "), width - 2, "  ") : undefined,
      ],
    ],
    width,
  );
}

function groupsText(trends: CostTrends, { currency, rows }: CurrencyTrend, width: number): string {
  const named = capitalized(groupingText(trends.grouping));
  // What belongs to nobody is last, and never among those that aren't shown.
  const rest = rows.filter(({ key }) => key === null);
  const shown = rows.length <= groupsShown ? rows : [...rows.slice(0, groupsShown - rest.length), ...rest];
  const left = rows.length - shown.length;
  const drawn = table(
    shown,
    [
      { title: named, value: ({ key }) => (key === null ? `(${restText(trends.grouping)})` : printable(key)) },
      { title: "Total", value: ({ total }) => formatAmount(total, currency), right: true },
      { title: "Change", value: (row) => (trends.previous ? changeText(row) : ""), right: true },
      { title: "", value: ({ series: own }) => foldedSparkline(own.map(Number), Math.min(widestSeries, width)).marks },
    ],
    width,
  );
  return left === 0 ? drawn : `${drawn}\n${wrapped(`and ${left} more, in --csv and --json`, width)}`;
}

/** Days in a row are one line: the dearest of them, and since when. */
function anomaliesText(anomalies: Anomaly[] | null, width: number): string {
  if (anomalies === null) return wrapped("Whether a day stands out isn't known: AWS doesn't tell the six weeks before.", width);
  if (anomalies.length === 0)
    return wrapped(`No day stands out: none is far above its weekday in the six weeks before, by a fifth and by ${anomalyFloor}.00 at least.`, width);
  const runs = new Map<string, Anomaly>();
  for (const one of anomalies) {
    const run = `${one.currency} ${one.since}`;
    const known = runs.get(run);
    if (!known || new Big(one.above).gt(known.above)) runs.set(run, one);
  }
  const last = (one: Anomaly): string => anomalies.filter(({ since, currency }) => since === one.since && currency === one.currency).at(-1)?.day ?? one.day;
  const shown = [...runs.values()].slice(-anomaliesShown);
  const more = runs.size - shown.length;
  return [
    chalk.bold("Stands out"),
    ...shown.map((one) => wrapped(anomalyText(one, last(one)), width, "  ")),
    ...(more > 0 ? [`and ${more} before them: --json has all`] : []),
  ].join("\n");
}

function anomalyText({ day, since, currency, amount, expected, services, projects }: Anomaly, last: string): string {
  const when = since === last ? day : `${since} to ${last}, most on ${day}`;
  const behind = [
    ...services.map((one) => riser(one, currency)),
    ...projects.map((one) => (one.key === null ? "no project's" : `project ${riser(one, currency)}`)),
  ];
  return `${when}: ${chalk.yellow(formatAmount(amount, currency))}, expected ${formatAmount(new Big(expected).toFixed(), currency)}${behind.length === 0 ? "" : `: ${behind.join("; ")}`}`;
}

const riser = ({ key, above }: Riser, currency: string): string => `${key === null ? "no service named" : printable(key)} +${formatAmount(above, currency)}`;
