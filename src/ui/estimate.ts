/** An estimate as people read it. Amounts are rounded here and nowhere before. */
import Big from "big.js";
import chalk from "chalk";
import type { EstimateLine, PartialEstimate } from "../core/costs/estimate.ts";
import type { FreeTierLine } from "../core/costs/free-tier.ts";
import type { PricesFrom } from "../core/costs/prices/newer.ts";
import type { Case } from "../core/costs/usage.ts";
import { unstatedRule } from "../core/costs/usage.ts";
import type { Ignored } from "../core/costs/usage-file.ts";
import type { Comparison } from "../core/costs/what-if.ts";
import { formatAmount, formatCents, withThousands } from "../core/money.ts";
import { asOf } from "./as-of.ts";
import { datedSource, hasLaterTiers } from "./dated-source.ts";
import type { Column } from "./table.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

/** Each line with what it assumes. */
export function estimateText({ lines, monthlyCents, region }: PartialEstimate): string {
  const rows = lines.map(
    (line) => `  ${lineDollars(line.monthlyDollars).padStart(10)}  ${line.resource} ${line.item}: ${reckoning(line)}\n${" ".repeat(14)}${line.assumption}`,
  );
  return [
    `Estimate for ${region}, list prices as of ${asOf(lines.map(({ priceDate }) => priceDate))}, no free tier:`,
    ...rows,
    monthlyCents === null ? "  No total: prices are missing" : `  ${formatCents(monthlyCents)} a month, rounded up`,
  ].join("\n");
}

/** `100 × $0.5 per GB`, tier by tier. */
const reckoning = ({ tiers, quantity, unit }: EstimateLine): string =>
  tiers.length === 0 ? `${quantity} × (no price) per ${unit}` : `${tiers.map((tier) => `${tier.quantity} × $${tier.unitDollars}`).join(" + ")} per ${unit}`;

export interface EstimateShown {
  estimate: PartialEstimate;
  free: { lines: FreeTierLine[]; dollars: string };
  /** Such as `project sales` or `serverless-web`. */
  of: string;
  /** Where usage comes from. */
  usage: string;
  pricesFrom: PricesFrom;
  /** What the books hold; undefined when nothing is booked. */
  bookedCents: number | undefined;
}

/** Room for the range of each line beside what is expected. */
const wide = 96;

export function estimateTable(shown: EstimateShown, width: number, assumptions: boolean): string {
  const { estimate, free, of } = shown;
  const figures = estimate.lines.filter(({ quantity, high }) => quantity !== "0" || high.quantity !== "0");
  const sum = (which: Case, cents: number | null): string => (cents === null ? "" : chalk.bold(formatAmount(estimate.dollars[which], "USD")));
  const rows: Row[] = [
    ...figures.map((line) => ({
      title: line.title,
      quantity: `${quantityText(line.quantity)} ${plural(line.unit)}`,
      price: priceText(line),
      month: lineDollars(line.monthlyDollars),
      low: lineDollars(line.low.monthlyDollars),
      high: lineDollars(line.high.monthlyDollars),
    })),
    {
      title: chalk.bold("Total"),
      quantity: "",
      price: "",
      month: sum("expected", estimate.monthlyCents),
      low: sum("low", estimate.lowCents),
      high: sum("high", estimate.highCents),
    },
    ...(free.lines.length === 0 ? [] : [{ title: "Free tier, not assumed", quantity: "", price: "", month: signed(`-${free.dollars}`), low: "", high: "" }]),
  ];
  const column = (title: string, key: keyof Row): Column<Row> => ({ title, value: (row) => row[key], right: key !== "title" });
  const range = width < wide ? [] : [column("Low", "low"), column("High", "high")];
  return [
    wrapped(`${chalk.bold(`Estimate of ${of}`)} in ${estimate.region}: ${totalText(estimate)}`, width, "  "),
    figures.length === 0
      ? "Nothing is used, and nothing costs."
      : table(rows, [column("Line", "title"), column("Quantity", "quantity"), column("Price", "price"), column("Month", "month"), ...range], width),
    ...(assumptions ? [assumptionsText(shown, width)] : []),
    [...notes(shown), ...missingNotes(estimate)].map((note) => wrapped(note, width, "  ")).join("\n"),
  ].join("\n\n");
}
type Row = Record<"title" | "quantity" | "price" | "month" | "low" | "high", string>;

/** Slips first, and all of them; of what is simply others', some. */
export function ignoredText({ file, ignored }: { file: string; ignored: readonly Ignored[] }, blueprint: string): string {
  const slips = ignored.filter(({ meant }) => meant !== null);
  const others = ignored.filter(({ meant }) => meant === null);
  const names = [
    ...slips.map(({ place, meant }) => `${named(place)} (did you mean ${meant}?)`),
    ...others.slice(0, othersShown).map(({ place }) => named(place)),
  ];
  const more = others.length - othersShown;
  return `${file} states what ${blueprint} doesn't have, which counts for nothing: ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
const othersShown = 3;
const named = (place: string): string => (place.length > 80 ? `${place.slice(0, 80)}…` : place).replace(/\p{C}/gu, "�");

function totalText({ monthlyCents, lowCents, highCents, missing, dollars }: PartialEstimate): string {
  const [low, expected, high] = [dollars.low, dollars.expected, dollars.high].map((sum) => formatAmount(sum, "USD"));
  return monthlyCents === null || lowCents === null || highCents === null
    ? `${chalk.red("no total")}: ${missing.length} ${missing.length === 1 ? "price is" : "prices are"} missing (the others come to ${expected})`
    : `${chalk.bold(`${expected} a month`)}${low === high ? "" : `, between ${low} and ${high}`}`;
}

function notes({ estimate, free, usage, pricesFrom, bookedCents }: EstimateShown): string[] {
  const ranged = estimate.lines.some(({ low, high }) => low.quantity !== high.quantity);
  return [
    `Usage: ${usage}.${ranged ? ` ${capitalized(unstatedRule)}.` : ""}`,
    ...(free.lines.length === 0
      ? []
      : [
          `Free tier: what AWS gives the whole account each month, if nobody else in it uses it: ${free.lines
            .map(({ title, amount, unit }) => `${title} ${quantityText(amount)} ${plural(unit)}`)
            .join(", ")}${besides(
            free.lines.map(({ source }) => source),
            estimate,
          )}.`,
        ]),
    `Prices: ${pricesFrom === "package" ? "the package's table" : `chartctl costs prices update of ${estimate.pricesCheckedAt}${pricesFrom === "both" ? ", and the package's table where it is newer" : ""}`}: ${evidence(estimate).join("; ")}.`,
    ...quotaNote(estimate, bookedCents),
  ];
}

/** A sum is shown as any is; what is booked is its ceiling, so that a limit is never passed by parts of cents. */
function quotaNote({ monthlyCents, dollars }: PartialEstimate, bookedCents: number | undefined): string[] {
  if (bookedCents !== undefined && bookedCents !== monthlyCents)
    return [`Booked for this project: ${formatCents(bookedCents)} a month, rounded up to whole cents, from its parameters at the last provision.`];
  if (monthlyCents === null || formatCents(monthlyCents) === formatAmount(dollars.expected, "USD")) return [];
  return [
    `${bookedCents === undefined ? "Against a quota it would count" : "It is booked, and counts against the quota,"} as ${formatCents(monthlyCents)} a month: rounded up to whole cents.`,
  ];
}

function missingNotes({ missing, region, lines }: PartialEstimate): string[] {
  if (missing.length === 0) return [];
  const titles = lines.filter(({ price, monthlyDollars }) => monthlyDollars === null && missing.includes(price)).map(({ title }) => title);
  return [`${chalk.red("Missing")} for ${region}: ${titles.join(", ")}. If AWS lists them there now: chartctl costs prices update`];
}

/** Each source once, by its date. */
function evidence({ lines }: PartialEstimate): string[] {
  const used = lines.filter(({ source, quantity }) => source !== null && quantity !== "0");
  const dates = [...new Set(used.map(({ priceDate }) => priceDate ?? ""))];
  return dates.flatMap((date) => {
    const all = sources(used.filter(({ priceDate }) => priceDate === date).map(({ source }) => source ?? ""));
    const [own, joined] = [all.filter((source) => !hasLaterTiers(source)), all.filter(hasLaterTiers)];
    return [...(own.length === 0 ? [] : [`${own.join(", ")} (${date})`]), ...joined.map((source) => datedSource(source, date))];
  });
}
const sources = (all: string[]): string[] => [...new Set(all.map((source) => source.replaceAll("https://", "").replace(/\/$/, "")))];
/** Sources that the prices don't name anyway. */
const besides = (all: string[], { lines }: PartialEstimate): string => {
  const known = sources(lines.map(({ source }) => source ?? ""));
  const others = sources(all).filter((source) => !known.includes(source));
  return others.length === 0 ? "" : ` (${others.join(", ")})`;
};

function assumptionsText({ estimate, free }: EstimateShown, width: number): string {
  const block = (title: string, ...lines: string[]): string => [chalk.bold(title), ...lines.map((line) => wrapped(`  ${line}`, width, "    "))].join("\n");
  return [
    ...estimate.lines.map((line) =>
      block(
        `${line.resource} ${line.item}`,
        `${reckoning(line)} = ${line.monthlyDollars === null ? "?" : `$${line.monthlyDollars}`}`,
        line.assumption,
        line.source === null ? "no price" : datedSource(line.source, line.priceDate ?? ""),
      ),
    ),
    ...free.lines.map(({ title, amount, unit, dollars, source }) =>
      block(`Free tier, not assumed: ${title}`, `${amount} ${plural(unit)} a month of the whole account: -$${dollars}`, source),
    ),
  ].join("\n");
}

export function comparisonText({ before, after, lines, difference }: Comparison, what: { changed: string; of: string }, width: number): string {
  const changed = lines.filter((line) => line.difference === null || !new Big(line.difference).eq(0));
  const total = (estimate: PartialEstimate): string => (estimate.monthlyCents === null ? "no total" : formatAmount(estimate.dollars.expected, "USD"));
  const rows = [
    ...changed.map((line) => ({ title: line.title, before: lineDollars(line.before), after: lineDollars(line.after), difference: signed(line.difference) })),
    { title: "Total", before: total(before), after: total(after), difference: difference === null ? "?" : signed(difference) },
  ];
  return [
    wrapped(`${chalk.bold(`What if ${what.changed}`)}: ${total(after)} a month instead of ${total(before)}, for ${what.of}`, width, "  "),
    table(
      rows,
      [
        { title: "Line", value: ({ title }) => title },
        { title: "Now", value: (row) => row.before, right: true },
        { title: "What if", value: (row) => row.after, right: true },
        { title: "Difference", value: (row) => row.difference, right: true },
      ],
      width,
    ),
    [
      ...(changed.length < lines.length ? [`${lines.length - changed.length} lines stay as they are.`] : []),
      ...[...new Set([...missingNotes(before), ...missingNotes(after)])],
    ]
      .map((note) => wrapped(note, width, "  "))
      .join("\n"),
  ].join("\n\n");
}

/** Four places: a line may be a small part of a cent. */
const lineDollars = (dollars: string | null): string => {
  if (dollars === null) return chalk.red("no price");
  const exact = new Big(dollars);
  return exact.gt(0) && exact.lt("0.00005") ? "<$0.0001" : `$${withThousands(exact.toFixed(4))}`;
};
function signed(dollars: string | null): string {
  if (dollars === null) return "?";
  const exact = new Big(dollars);
  const sign = exact.gt(0) ? "+" : exact.lt(0) ? "-" : "";
  if (!exact.eq(0) && exact.abs().lt("0.00005")) return `${sign === "+" ? "<" : ">"}${sign}$0.0001`;
  return `${sign}$${withThousands(exact.abs().toFixed(4))}`;
}

/** What is less than a tenth of a cent is said of a million. */
function priceText({ unitDollars, tiers }: EstimateLine): string {
  if (unitDollars === null) return "?";
  return `${dollarsEach(unitDollars)}${tiers.length > 1 ? ` (${tiers.length} tiers)` : ""}`;
}
export function dollarsEach(dollars: string): string {
  const exact = new Big(dollars);
  return exact.lt("0.001") ? `$${atLeastCents(exact.times(1_000_000))}/1M` : `$${atLeastCents(exact)}`;
}
const atLeastCents = (dollars: Big): string => (dollars.eq(dollars.round(2)) ? dollars.toFixed(2) : dollars.toFixed());

/** As exact as it is read. */
export function quantityText(quantity: string): string {
  const exact = new Big(quantity);
  if (exact.gte(1_000_000)) return `${withThousands(trimmed(exact.div(1_000_000).toFixed(3)))}M`;
  if (exact.gte(1_000)) return withThousands(exact.toFixed(0));
  return exact.gt(0) && exact.lt("0.001") ? "<0.001" : trimmed(exact.toFixed(3));
}
const trimmed = (decimal: string): string => decimal.replace(/\.?0+$/, "");

export const plural = (unit: string): string => unit.replace(/ \(.*\)$/, "").replace(/(request|second|unit|read)$/, "$1s");
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
