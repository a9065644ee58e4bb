/** List prices as people read them. */
import Big from "big.js";
import chalk from "chalk";
import type { PriceName } from "../core/costs/prices/items.ts";
import { itemOf } from "../core/costs/prices/items.ts";
import type { PricesFrom } from "../core/costs/prices/newer.ts";
import type { PriceChange } from "../core/costs/prices/price-list.ts";
import type { ListPrice, Tier } from "../core/costs/prices/table.ts";
import { withThousands } from "../core/money.ts";
import { asOf } from "./as-of.ts";
import { datedSource } from "./dated-source.ts";
import { dollarsEach, plural } from "./estimate.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

export type ListedPrice = ListPrice & { name: PriceName };

interface Prices {
  date: string;
  from: PricesFrom;
  /** Or an edge area. */
  region: string;
  prices: ListedPrice[];
  regions: { region: string; missing: PriceName[] }[];
  /** CloudFront's edge areas, such as `cloudfront-eu`. */
  edges: string[];
}

export function pricesText({ date, from, region, prices, regions, edges }: Prices, width: number): string {
  const complete = regions.filter(({ missing }) => missing.length === 0).map((one) => one.region);
  const partial = regions.filter(({ missing }) => missing.length > 0).map((one) => `${one.region} (without ${one.missing.join(", ")})`);
  const lacking = regions.find((one) => one.region === region)?.missing ?? [];
  const dates = [...new Set(prices.map((price) => price.date))].sort();
  const sources = [...new Set(prices.map(({ source, date: read }) => datedSource(source.replaceAll("https://", ""), read)))];
  return [
    wrapped(
      `${chalk.bold(`List prices in ${region}`)}, as of ${asOf(prices.map((price) => price.date))}; from ${
        from === "package"
          ? `the package, put together ${date}`
          : `chartctl costs prices update on ${date}${from === "both" ? ", and the package where it is newer" : ""}`
      }`,
      width,
      "  ",
    ),
    table(
      prices,
      [
        { title: "Price", value: ({ name }) => name },
        { title: "First tier", value: ({ tiers }) => tierText(tiers[0]), right: true },
        { title: "Per", value: ({ name }) => itemOf(name).unit },
        { title: "Tiers", value: ({ tiers }) => (tiers.length === 1 ? "" : String(tiers.length)), right: true },
        { title: "As of", value: (price) => price.date },
      ],
      width,
    ),
    [
      ...prices
        .filter(({ tiers }) => tiers.length > 1)
        .map(
          ({ name, tiers }) =>
            `${name}: ${tiers
              .slice(1)
              .map((tier) => thenText(tier, plural(itemOf(name).unit)))
              .join(", ")}`,
        ),
      ...(lacking.length === 0
        ? []
        : [`${chalk.yellow("Missing")}: ${lacking.join(", ")}: not in AWS's list of then. If AWS has them now: chartctl costs prices update`]),
      `Complete regions: ${complete.join(", ")}.`,
      ...(partial.length === 0 ? [] : [`In part: ${partial.join(", ")}.`]),
      ...(edges.length === 0 ? [] : [`CloudFront's edge areas, with --region: ${edges.join(", ")}.`]),
      `Newer prices, and regions that aren't here${dates[0] === undefined ? "" : ` (the oldest of these is of ${dates[0]})`}: chartctl costs prices update`,
      `Sources: ${sources.join("; ")}.`,
    ]
      .map((note) => wrapped(note, width, "  "))
      .join("\n"),
  ].join("\n\n");
}

const tierText = (tier: Tier | undefined): string => (tier?.[1] == null ? "?" : dollarsEach(tier[1]));
const thenText = ([from, dollars]: Tier, unit: string): string => `${dollars === null ? "?" : dollarsEach(dollars)} from ${short(from)} ${unit}`;
const short = (amount: string): string => {
  const millions = new Big(amount).div(1_000_000);
  return millions.gte(1) && millions.eq(millions.round(0)) ? `${withThousands(millions.toFixed())}M` : withThousands(amount);
};

interface Update {
  date: string;
  was: string;
  file: string;
  regions: number;
  complete: string[];
  changes: PriceChange[];
  unclear: { place: string; name: PriceName }[];
}

const changesShown = 20;

export function updateText({ date, was, file, regions, complete, changes, unclear }: Update, width: number): string {
  const more = changes.length - changesShown;
  const named = unclear.map(({ place, name }) => `${name} in ${place}`);
  return [
    wrapped(`The prices of ${date} are used from now on, instead of those of ${was}: ${complete.length} of ${regions} regions are complete.`, width),
    ...(changes.length === 0
      ? ["No price that was known has changed."]
      : [
          table(
            changes.slice(0, changesShown),
            [
              { title: "Region", value: ({ place }) => place },
              { title: "Price", value: ({ name }) => name },
              { title: "Was", value: (change) => (change.was === null ? "unknown" : dollarsEach(change.was)), right: true },
              { title: "Is", value: ({ is }) => dollarsEach(is), right: true },
            ],
            width,
          ),
          ...(more > 0 ? [`and ${more} more: chartctl costs prices --json`] : []),
        ]),
    ...(named.length === 0 ? [] : [wrapped(`Left out, because the list has several prices for one thing: ${named.join(", ")}`, width, "  ")]),
    file,
  ].join("\n\n");
}
