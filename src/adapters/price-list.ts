/**
 * AWS's price list over HTTPS (the Price List Bulk API; anyone may read it): the index names each service's newest file, which comes
 * as CSV, a row a price, and is read as it arrives. The largest, data transfer, is some 20 MB; memory stays at one row and what is kept.
 */
import { z } from "zod";
import type { Offer } from "../core/costs/prices/items.ts";
import { offers } from "../core/costs/prices/items.ts";
import type { ListRow, OfferPrices } from "../core/costs/prices/price-list.ts";
import { columnName, offerReader } from "../core/costs/prices/price-list.ts";
import { isLoopback } from "../core/loopback.ts";
import { ChartctlError, messageOf } from "../errors.ts";
import { csvRows } from "./csv-rows.ts";

const priceListAddress = "https://pricing.us-east-1.amazonaws.com";

const indexSchema = z.object({ offers: z.record(z.string(), z.object({ currentVersionUrl: z.string().startsWith("/") })) });

export interface ReadOffer {
  offer: Offer;
  published: string;
  source: string;
  rows: number;
  prices: OfferPrices;
}

interface Options {
  /** Instead of AWS's own. */
  address: string;
  /** What is used when this fails; in the error's hint. */
  otherwise: string;
  interrupted: AbortSignal;
  /** A file was read. */
  done(offer: Offer, rows: number): void;
}

/** Errors `prices.unreachable`, `prices.list` (external), `interrupted`. */
export async function readPriceList({ address, otherwise, interrupted, done }: Options): Promise<ReadOffer[]> {
  const host = new URL(address).host;
  const fail = (code: "unreachable" | "list", why: string, cause?: unknown): ChartctlError =>
    interrupted.aborted
      ? new ChartctlError({ kind: "interrupted", code: "interrupted", message: "Not all prices were read; none was changed", hint: otherwise })
      : new ChartctlError({
          kind: "external",
          code: `prices.${code}`,
          message: code === "unreachable" ? `AWS's price list at ${host} can't be reached: ${why}` : `${host} doesn't answer as AWS's price list: ${why}`,
          hint: `${otherwise}; when there is a way out again: chartctl costs prices update`,
          cause,
        });
  const open = async (path: string): Promise<Response> => {
    const response = await fetch(`${address}${path}`, { signal: interrupted, redirect: "error" }).catch((error: unknown) => {
      throw fail("unreachable", reasonOf(error), error);
    });
    if (!response.ok) throw fail("list", `${path} is answered with ${response.status}`);
    return response;
  };
  const index = indexSchema.safeParse(await (await open("/offers/v1.0/aws/index.json")).json().catch(() => undefined));
  if (!index.success) throw fail("list", "its index isn't one");
  const read: ReadOffer[] = [];
  for (const offer of offers) {
    const url = index.data.offers[offer]?.currentVersionUrl;
    if (url === undefined) throw fail("list", `its index has no ${offer}`);
    const path = url.replace(/\.json$/, ".csv");
    const { body } = await open(path);
    if (!body) throw fail("list", `${path} is empty`);
    const reader = offerReader(offer);
    try {
      const { published, rows } = await eachRow(body.pipeThrough(new TextDecoderStream()), reader.row);
      if (rows === 0) throw fail("list", `${path} has no prices`);
      if (!/^\d{4}-\d{2}-\d{2}/.test(published)) throw fail("list", `${path} doesn't say when it was published`);
      read.push({ offer, published, source: `${withoutSecrets(address)}${path}`, rows, prices: reader.end() });
      done(offer, rows);
    } catch (error) {
      throw error instanceof ChartctlError ? error : fail("unreachable", `${path} ended before its end (${reasonOf(error)})`, error);
    }
  }
  return read;
}

/** As it is recorded: a mirror's address may carry a password. */
function withoutSecrets(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`.replace(/\/+$/, "");
}

/** Five lines about the file, then the columns' names, then rows. */
async function eachRow(text: AsyncIterable<string>, take: (row: ListRow) => void): Promise<{ published: string; rows: number }> {
  let published = "";
  let columns: string[] | undefined;
  let rows = 0;
  for await (const values of csvRows(text)) {
    if (columns) {
      rows++;
      take(Object.fromEntries(columns.map((column, at) => [column, values[at] ?? ""])));
    } else if (values[0] === "SKU") columns = values.map(columnName);
    else if (values[0] === "Publication Date") published = values[1] ?? "";
  }
  return { published, rows };
}

/** What the network says is one level below what fetch says. */
const reasonOf = (error: unknown): string => {
  const { cause } = error as { cause?: unknown };
  return messageOf(cause ?? error) || (cause as { code?: string } | undefined)?.code || "no answer";
};

/** AWS's own, or a mirror's. Error `prices.address` (usage). */
export function addressIn(env: NodeJS.ProcessEnv): string {
  const given = env.CHARTCTL_PRICES_URL || priceListAddress;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) return given.replace(/\/+$/, "");
  throw new ChartctlError({
    kind: "usage",
    code: "prices.address",
    message: `CHARTCTL_PRICES_URL names no address of a price list: ${JSON.stringify(given.slice(0, 80))}`,
    hint: `an https URL, or http on this machine; without it: ${priceListAddress}`,
  });
}
