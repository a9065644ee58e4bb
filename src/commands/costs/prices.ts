/** `chartctl costs prices`: the list prices that estimates are made of, and newer ones from AWS. */
import type { Command } from "commander";
import { regionSchema } from "../../contract/names.ts";
import type { PriceName } from "../../core/costs/prices/items.ts";
import { priceNames } from "../../core/costs/prices/items.ts";
import { changedPrices, refuseDoubtful, tableOf } from "../../core/costs/prices/price-list.ts";
import { missingPrices, priceOf, regionsOf } from "../../core/costs/prices/table.ts";
import type { ListedPrice } from "../../ui/prices.ts";
import { pricesText, updateText } from "../../ui/prices.ts";
import type { Cli } from "../cli.ts";
import { refuseUnknown } from "./known-place.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => await show(cli));
  command
    .command("update")
    .description("read AWS's public price list (about 30 MB), check it, and use it from then on")
    .action(async () => await update(cli));
}

async function show({ connect, io, given }: Cli): Promise<void> {
  const [stored, { region }] = await Promise.all([connect.prices(), given()]);
  const { table, from } = stored.current();
  refuseUnknown(region, Object.keys(table.places), table);
  const listed = priceNames.flatMap((name: PriceName): ListedPrice[] => {
    const price = priceOf(table, region, name);
    return price ? [{ name, ...price }] : [];
  });
  const regions = regionsOf(table).map((one) => ({ region: one, missing: missingPrices(table, one) }));
  const edges = Object.keys(table.places).filter((place) => !regions.some((one) => one.region === place));
  const document = { date: table.date, from, region, prices: listed, regions, edges };
  io.result("Prices", { ...document, table }, () => pricesText(document, io.width));
}

/** The table in use stays until the new one is whole and believed. */
async function update({ connect, io, clock }: Cli): Promise<void> {
  const stored = await connect.prices();
  const before = stored.current().table;
  const read = await stored.read({
    otherwise: `the prices of ${before.date} go on being used`,
    done: (offer, rows) => io.note(`${offer}: ${rows} rows`),
  });
  const table = tableOf(read, clock.now().toISOString().slice(0, 10));
  refuseDoubtful(table, before, regionSchema.options);
  stored.write(table);
  const unclear = read.flatMap(({ prices }) => prices.unclear);
  const changes = changedPrices(table, before);
  const regions = regionsOf(table);
  const complete = regions.filter((region) => missingPrices(table, region).length === 0);
  const document = { date: table.date, file: stored.file, evidence: table.evidence, regions: regions.length, complete, changes, unclear };
  io.result("PriceUpdate", document, () => updateText({ ...document, was: before.date }, io.width));
}
