/** What was read of tenants' bills, in a line each. */

import Big from "big.js";
import chalk from "chalk";
import type { AnswerPrice, CostAmount } from "../core/costs/actual/cost-source.ts";
import { addDays } from "../core/costs/actual/period.ts";
import type { Bill } from "../core/costs/billed/bill.ts";
import { dollarsFirst } from "../core/costs/currencies.ts";
import { formatAmount } from "../core/money.ts";
import { bytesText } from "./bytes.ts";

interface Read {
  tenantId: string;
  from: string;
  /** The last day. */
  to: string;
  source: "ce" | "cur";
  openFrom: string | null;
  price: AnswerPrice;
  /** Only what carries these was read. */
  tags: Record<string, string>;
  totals: { currency: string; amount: string /** Of it, what no project's tag is on. */; withoutProject: string }[];
}
export type BillRead = Read | { tenantId: string; error: { code: string; message: string; hint?: string } };

export function billRead(tenantId: string, { from, until, source, openFrom, price, byProject }: Bill, tags: Record<string, string>): Read {
  const sum = (amounts: CostAmount[]): string => amounts.reduce((so, { amount }) => so.plus(amount), new Big(0)).toFixed();
  const totals = [...new Set(byProject.map(({ currency }) => currency))].map((currency) => {
    const own = byProject.filter((amount) => amount.currency === currency);
    return { currency, amount: sum(own), withoutProject: sum(own.filter(({ key }) => key === null)) };
  });
  return { tenantId, from, to: addDays(until, -1), source, openFrom, price, tags, totals: dollarsFirst(totals, ({ amount }) => amount) };
}

export const billsText = (reads: BillRead[]): string =>
  reads.length === 0 ? "No tenants yet. Add one: chartctl tenants add ID" : reads.map(billText).join("\n");

function billText(read: BillRead): string {
  if ("error" in read) return `${chalk.red(`${read.tenantId}: not read: ${read.error.message}`)}${read.error.hint ? `\n  ${read.error.hint}` : ""}`;
  const { tenantId, from, to, openFrom, totals, tags } = read;
  const billed = totals.map(({ currency, amount, withoutProject }) =>
    new Big(withoutProject).eq(0)
      ? formatAmount(amount, currency)
      : `${formatAmount(amount, currency)} (${formatAmount(withoutProject, currency)} of it without a project)`,
  );
  const open = openFrom === null || openFrom > to ? "" : `; from ${openFrom} on AWS may still change it`;
  return `${chalk.bold(tenantId)}: ${from} to ${to}, ${billed.length === 0 ? nothingText(tags) : billed.join(", ")}${open}. ${priceText(read)}`;
}

function nothingText(tags: Read["tags"]): string {
  const tagged = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return tagged.length === 0
    ? "nothing was billed"
    : `nothing was billed that is tagged ${tagged.join(", ")} (tags count once they are activated: chartctl setup aws)`;
}

const priceText = ({ source, price }: Read): string =>
  source === "ce"
    ? `Cost Explorer: ${price.requests} ${price.requests === 1 ? "request" : "requests"}, $${price.dollars}.`
    : `Cost and Usage Report: ${bytesText(price.bytesScanned)} scanned, about $${price.dollars}.`;
