/** Actual costs as a table. Amounts are rounded here and nowhere before. */
import Big from "big.js";
import chalk from "chalk";
import type { ActualCosts, QuotaUse } from "../core/costs/actual/actual-costs.ts";
import { addedPrices } from "../core/costs/actual/added-prices.ts";
import type { CostRow, CurrencyCosts } from "../core/costs/actual/breakdown.ts";
import type { Grouping } from "../core/costs/actual/cost-source.ts";
import { activationText } from "../core/costs/cost-tags.ts";
import { daysText } from "../core/costs/report/unread.ts";
import { currencyDigits, formatAmount, formatCents } from "../core/money.ts";
import { bytesText } from "./bytes.ts";
import { bar, foldedSparkline } from "./chart.ts";
import { printable } from "./names.ts";
import { paidText } from "./paid.ts";
import { percentText } from "./percent.ts";
import { table } from "./table.ts";
import { ageText } from "./time.ts";
import type { Whose } from "./whose.ts";
import { whoseText } from "./whose.ts";
import { wrapped } from "./wrapped.ts";

const rowsShown = 25;
const barWidth = 16;

export function costsText(costs: ActualCosts, quota: QuotaUse | undefined, whose: Whose, width: number, now: Date): string {
  return [
    wrapped(`${chalk.bold(`Costs of ${whoseText(whose)}`)}, ${costs.from} to ${costs.to} (UTC), ${costs.metric}, by ${groupingText(costs.grouping)}`, width),
    ...(costs.currencies.length === 0 ? [wrapped(nothing(costs, whose), width)] : costs.currencies.map((currency) => currencyText(costs, currency, width))),
    ...(quota
      ? [
          quotaText(quota)
            .map((line) => wrapped(line, width))
            .join("\n"),
        ]
      : []),
    costNotes(costs, now, quota)
      .map((note) => wrapped(note, width))
      .join("\n"),
  ].join("\n\n");
}

export const groupingText = (grouping: Grouping): string => {
  if (grouping.by !== "tag") return grouping.by;
  return { ProjectId: "project", UserId: "user" }[grouping.key] ?? `tag ${grouping.key}`;
};

export function nothing(
  { tags, source, from, to, books }: Pick<ActualCosts, "tags" | "source" | "from" | "to" | "books">,
  { tenantId, unknown }: Whose,
): string {
  if (books) {
    const time = `from ${from} to ${to}`;
    const of = ofBooks(tags, books);
    if (of === undefined) return `The platform's books have no cost ${time}. AWS shows what was used up to a day later.`;
    return `The platform's books have no cost of ${of} ${time}. What ${books.own ? "yours have" : "others have"} cost: chartctl -t ${tenantId} costs --by project`;
  }
  const where = source === "ce" ? "Cost Explorer" : "The Cost and Usage Report";
  const tagged = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  if (unknown !== undefined) return `${where} has no cost from ${from} to ${to} tagged ${tagged.join(", ")}. ${unknown}`;
  return tagged.length === 0
    ? `${where} has no cost from ${from} to ${to}. AWS shows what was used up to a day later.`
    : `${where} has no cost from ${from} to ${to} tagged ${tagged.join(", ")}. AWS shows what was used up to a day later, and tags only once they are activated: chartctl setup aws (in the account that pays)`;
}

function countedText({ ProjectId: project, UserId: user }: ActualCosts["tags"]): string[] {
  const owner = user === undefined ? "" : `user ${user}'s `;
  if (project !== undefined) return [`Only ${owner}project ${project} is counted.`];
  return user === undefined ? [] : [`Only ${owner}projects are counted.`];
}

/** Whose costs alone were asked for, or may be told; undefined: everybody's. */
function ofBooks({ ProjectId: project, UserId: user }: ActualCosts["tags"], { own }: NonNullable<ActualCosts["books"]>): string | undefined {
  const owner = own ? "yours" : user === undefined ? undefined : `user ${user}'s`;
  if (project !== undefined) return owner === undefined ? `a project ${project}` : `a project ${project} of ${owner}`;
  return owner && (own ? "your projects" : `${owner} projects`);
}

function currencyText(costs: ActualCosts, one: CurrencyCosts, width: number): string {
  const { currency, total, rows } = one;
  const shown = rows.length > rowsShown ? folded(rows, total) : rows;
  const most = Math.max(0, ...shown.map((row) => Number(row.total)));
  return [
    wrapped(totalText(costs, one), width),
    seriesText(costs, one, width),
    "",
    table(
      shown,
      [
        { title: capitalized(groupingText(costs.grouping)), value: ({ key }) => (key === null ? `(${restText(costs.grouping)})` : printable(key)), clip: true },
        { title: "Cost", value: (row) => formatAmount(row.total, currency), right: true },
        { title: "Share", value: ({ share }) => (share === null ? "" : percentText(share, 1)), right: true },
        { title: "Change", value: (row) => (costs.previous ? changeText(row) : ""), right: true },
        { title: "", value: (row) => bar(Number(row.total), most, barWidth) },
      ],
      width,
    ),
    ...(shown.length < rows.length ? [chalk.dim(wrapped(`All ${rows.length} rows: --csv or --json.`, width))] : []),
    ...(addUp(shown, total, currencyDigits(currency))
      ? []
      : [chalk.dim(wrapped("Each figure is rounded by itself; --csv and --json have every decimal.", width))]),
  ].join("\n");
}

/** What a reader would find who adds up what is shown. */
function addUp(rows: readonly Pick<CostRow, "total">[], total: string, digits: number): boolean {
  const shown = rows.reduce((sum, row) => sum.plus(new Big(row.total).round(digits)), new Big(0));
  return shown.eq(new Big(total).round(digits));
}

/** As wide as the terminal at most: a year of days would be five lines of marks. */
function seriesText({ granularity }: ActualCosts, { series }: CurrencyCosts, width: number): string {
  const { marks, perMark } = foldedSparkline(
    series.map(({ amount }) => Number(amount)),
    width,
  );
  const meaning = perMark === 1 ? `${granularity} by ${granularity}` : `a mark: the mean of ${perMark} ${granularity}s`;
  return `${marks}${marks.length + 2 + meaning.length > width ? "\n" : "  "}${meaning}`;
}

/** With what isn't usage, against the time before. */
export function totalText(
  { previous: before, books }: Pick<ActualCosts, "previous" | "books">,
  { currency, total, previous, change, byKind }: CurrencyCosts,
): string {
  const kinds = (["tax", "credit", "refund"] as const)
    .filter((kind) => !new Big(byKind[kind]).eq(0))
    .map((kind) => `${kind} ${formatAmount(byKind[kind], currency)}`);
  const against = before ? `(${before.from} to ${before.to}: ${formatAmount(previous, currency)})` : `${teller(books)} the time before`;
  const changed = before ? changeText({ change, total, previous }) : "";
  return `${chalk.bold("Total")} ${chalk.bold(formatAmount(total, currency))}${kinds.length === 0 ? "" : ` (with ${kinds.join(", ")})`}; ${[changed, against].filter(Boolean).join(" ")}`;
}

export const teller = (books: ActualCosts["books"]): string => (books ? "the platform's books don't have" : "AWS doesn't tell");

/** The cheap ones in one row; what belongs to nobody stays a row of its own. The rows still add up to the total. */
function folded(rows: CostRow[], total: string): CostRow[] {
  const named = rows.filter(({ key }) => key !== null);
  const rest = rows.filter(({ key }) => key === null);
  const most = rowsShown - 1 - rest.length;
  return [...named.slice(0, most), othersOf(named.slice(most), total), ...rest];
}

function othersOf(rows: CostRow[], all: string): CostRow {
  const sum = (values: string[]): Big => values.reduce((so, value) => so.plus(value), new Big(0));
  const total = sum(rows.map((row) => row.total));
  const previous = sum(rows.map((row) => row.previous));
  return {
    key: `${rows.length} others`,
    total: total.toFixed(),
    previous: previous.toFixed(),
    share: new Big(all).gt(0) ? total.div(all).toFixed(4) : null,
    change: previous.gt(0) ? total.minus(previous).div(previous).toFixed(4) : null,
    series: [],
  };
}

const quotaText = ({ userId, limitCents, estimatedCents, spentDollars, leftDollars, otherCurrencies, tagUnseen, booked }: QuotaUse): string[] => [
  `${chalk.bold("Quota")} of ${userId} this month: ${formatAmount(spentDollars, "USD")} spent, ${formatCents(estimatedCents)} estimated for a whole month, ${
    new Big(leftDollars).lt(0) ? chalk.red(`${formatAmount(new Big(leftDollars).abs().toFixed(), "USD")} over`) : `${formatAmount(leftDollars, "USD")} left`
  } of ${formatCents(limitCents)}${
    otherCurrencies.length === 0
      ? ""
      : `; besides ${otherCurrencies.map(({ currency, amount }) => formatAmount(amount, currency)).join(", ")}, which a limit in dollars doesn't count`
  }`,
  ...(tagUnseen
    ? [
        booked
          ? "This month's bill has costs, and none of them is of a project that the platform has booked."
          : `${chalk.yellow("No cost carries the tag")} UserId, which says whose it is: chartctl setup aws, in the account that pays`,
      ]
    : []),
];

type Noted = Pick<ActualCosts, "tags" | "openFrom" | "tagUnseen" | "grouping" | "source" | "askedAt" | "price"> & Partial<Pick<ActualCosts, "books">>;

export function costNotes({ tags, openFrom, tagUnseen, grouping, source, askedAt, books, price: ofTable }: Noted, now: Date, quota?: QuotaUse): string[] {
  const price = quota ? addedPrices([ofTable, quota.price]) : ofTable;
  const tagged = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const name = source === "ce" ? "Cost Explorer" : "Cost and Usage Report";
  const requests = `${price.requests} ${price.requests === 1 ? "request" : "requests"}`;
  const asked = `asked ${ageText(askedAt, now)} ago`;
  const paid =
    source === "ce"
      ? `${requests}, ${paidText(price.dollars)}`
      : price.reused
        ? "an earlier result, free"
        : `${bytesText(price.bytesScanned)} scanned, about ${paidText(price.dollars)}`;
  return [
    ...(tagUnseen && grouping.by === "tag"
      ? [
          books
            ? "None of these costs is of a project that the platform knows: in the account that pays, its tags may not be active yet."
            : `${chalk.yellow("No cost carries the tag")} ${printable(grouping.key)}: ${printable(activationText(grouping.key))}`,
        ]
      : []),
    ...(books && books.unread.length > 0 ? [`${chalk.yellow("Not counted:")} ${daysText(books.unread)}, whose bill the platform has not read.`] : []),
    ...(books ? countedText(tags) : []),
    ...(books || tagged.length === 0 ? [] : [`Only what is tagged ${tagged.join(", ")} is counted.`]),
    ...(openFrom === null ? [] : [`AWS may still change figures from ${openFrom.replace(/T(\d\d)$/, " $1:00")} on: the bill is open.`]),
    ...(books?.own ? ["Your own projects alone: the whole bill is its tenant's admins' to see."] : []),
    `${name}: ${books ? `read by the platform ${ageText(askedAt, now)} ago` : price.requests === 0 ? `${asked}, nothing paid now (--refresh asks again)` : ofTable.requests === 0 ? `${asked}; now ${paid}` : paid}.`,
  ];
}

export function changeText({ change, total, previous }: Pick<CostRow, "change" | "total" | "previous">): string {
  if (change === null) return new Big(previous).eq(0) && !new Big(total).eq(0) ? "new" : "";
  return percentText(change, 0, "+");
}
export const restText = (grouping: Grouping): string => (grouping.by === "tag" ? `no ${groupingText(grouping)}` : `no ${grouping.by} named`);
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
