/** Each command that reads a bill: how it is typed, and what it has to say of the lines that the stand-ins have. */
import Big from "big.js";
import { addDays, dayOf } from "../../src/core/costs/actual/period.ts";
import type { BillLine } from "./cost-lines.ts";

/** By currency, exact. */
type Totals = Record<string, string>;
interface CostCommand {
  name: string;
  args: string[];
  /** Where the answer has its totals. */
  told(data: never): [string, string][];
  /** Which lines of acme's they are of. */
  of(line: BillLine, today: string): boolean;
}

const day = ({ hour }: BillLine): string => hour.slice(0, 10);
const lastMonth = (today: string): string => addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7);
interface Currencies {
  currencies: { currency: string; total: string; billed: string }[];
}

export const costCommands: CostCommand[] = [
  {
    name: "costs",
    args: [],
    told: ({ currencies }: Currencies) => currencies.map(({ currency, total }) => [currency, total]),
    of: (line, today) => day(line) >= addDays(today, -7) && day(line) < today,
  },
  {
    name: "costs trends",
    args: ["trends"],
    told: ({ currencies }: Currencies) => currencies.map(({ currency, total }) => [currency, total]),
    of: (line, today) => day(line) >= addDays(today, -30) && day(line) < today,
  },
  {
    name: "costs forecast",
    args: ["forecast", "--method", "own"],
    told: ({ currencies }: Currencies) => currencies.map(({ currency, billed }) => [currency, billed]),
    of: (line, today) => day(line).startsWith(today.slice(0, 7)) && day(line) < today,
  },
  {
    name: "costs report",
    args: ["report", "--output", "out/", "--force"],
    told: ({ currencies }: Currencies) => currencies.map(({ currency, total }) => [currency, total]),
    of: (line, today) => day(line).startsWith(lastMonth(today)),
  },
  {
    name: "costs estimate --check",
    args: ["estimate", "--check", "--project", "sales"],
    told: ({ billed }: { billed: Totals }) => Object.entries(billed),
    of: (line, today) => day(line).startsWith(lastMonth(today)) && line.tags.ProjectId === "sales",
  },
  {
    name: "costs sync",
    args: ["sync"],
    told: ([read]: { totals: { currency: string; amount: string }[] }[]) => read?.totals.map(({ currency, amount }) => [currency, amount]) ?? [],
    of: (line, today) => day(line) >= addDays(today, -90) && day(line) <= today,
  },
];

/** What is nothing is left out: some commands tell it, others don't. */
const cleaned = (totals: [string, string][]): Totals =>
  Object.fromEntries(totals.filter(([, amount]) => !new Big(amount).eq(0)).sort(([a], [b]) => (a < b ? -1 : 1)));

export const toldBy = ({ told }: CostCommand, stdout: string): Totals => cleaned(told((JSON.parse(stdout) as { data: never }).data));

export function billedFor({ of }: CostCommand, lines: readonly BillLine[]): Totals {
  const today = dayOf(new Date());
  const sums = new Map<string, Big>();
  for (const line of lines) {
    if (line.tags.TenantId !== "acme" || !of(line, today)) continue;
    sums.set(line.currency, (sums.get(line.currency) ?? new Big(0)).plus(line.amount));
  }
  return cleaned([...sums].map(([currency, sum]) => [currency, sum.toFixed()]));
}
