/** Prices as rows of text: a place, then its prices by column. `0.09/10240:0.085` has two tiers, `10240:?` is one that nobody has looked up, `-` is not known. */
import type { PriceName } from "./items.ts";
import { priceNames } from "./items.ts";
import type { PriceTable, Tier } from "./table.ts";

export interface PriceText {
  source: string;
  /** When that was published, or looked up. */
  date: string;
  rows: string;
}

const unknown = "?";
/** In a source: what is behind it, with its own date, is of the tiers after the first. */
export const laterTiers = "; later tiers: ";

export function tableIn(texts: Record<string, PriceText>, date: string): PriceTable {
  const evidence: PriceTable["evidence"] = {};
  const places: PriceTable["places"] = {};
  for (const [key, text] of Object.entries(texts)) {
    evidence[key] = { source: text.source, date: text.date };
    for (const { place, name, tiers } of pricesIn(text)) {
      places[place] ??= {};
      places[place][name] = { tiers, evidence: key };
    }
  }
  return { date, evidence, places };
}

/**
 * With what was read again since. Mostly that was a first tier: while it is what it was, the tiers after it stay, and the source says
 * from where; once it is another, they are unknown.
 */
export function readAgain({ date, evidence, places }: PriceTable, texts: Record<string, PriceText>): PriceTable {
  const table: PriceTable = { date, evidence: { ...evidence }, places: Object.fromEntries(Object.entries(places).map(([place, of]) => [place, { ...of }])) };
  for (const [key, text] of Object.entries(texts))
    for (const { place, name, tiers } of pricesIn(text)) {
      const known = table.places[place]?.[name];
      const before = known && table.evidence[known.evidence];
      if (before && before.date > text.date) continue;
      const later = known?.tiers.slice(tiers.length) ?? [];
      const same = tiers.every(([from, dollars], at) => known?.tiers[at]?.[0] === from && known.tiers[at]?.[1] === dollars);
      const added = later.length > 0 && same ? `${key}+${known?.evidence}` : key;
      const source = added === key ? text.source : `${text.source}${laterTiers}${before?.source} (${before?.date})`;
      table.evidence[added] = { source, date: text.date };
      const all = [...tiers, ...later.map(([from, dollars]): Tier => [from, same ? dollars : null])];
      table.places[place] ??= {};
      table.places[place][name] = { tiers: all, evidence: added };
    }
  return table;
}

/** A table's rows for what one evidence stands for; what `tableIn` reads. */
export function rowsOf({ places }: PriceTable, evidence: string): string {
  const names = priceNames.filter((name) => Object.values(places).some((prices) => prices[name]?.evidence === evidence));
  const rows = Object.entries(places).flatMap(([place, prices]) => {
    const of = (name: PriceName): string => {
      const price = prices[name];
      return price?.evidence === evidence ? price.tiers.map(([from, dollars]) => `${from === "0" ? "" : `${from}:`}${dollars ?? unknown}`).join("/") : "-";
    };
    const texts = names.map(of);
    return texts.every((text) => text === "-") ? [] : [[place, ...texts].join(" ")];
  });
  return [["place", ...names].join(" "), ...rows].join("\n");
}

function* pricesIn({ rows }: PriceText): Generator<{ place: string; name: PriceName; tiers: Tier[] }> {
  const [columns = [], ...lines] = rows
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/ +/));
  for (const [place = "", ...texts] of lines)
    for (const [at, text] of texts.entries()) {
      if (text === "-") continue;
      const tiers = text.split("/").map((tier): Tier => {
        const [dollars = "", from = "0"] = tier.split(":").reverse();
        return [from, dollars === unknown ? null : dollars];
      });
      yield { place, name: columns[at + 1] as PriceName, tiers };
    }
}
