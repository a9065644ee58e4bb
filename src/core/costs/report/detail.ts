/** A month line by line: a day, project and service each. There may be millions: they come one by one, and are never held. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";
import type { AnswerPrice, CostAmount, Metric, Period } from "../actual/cost-source.ts";
import type { CostReport } from "./report.ts";
import type { Cell, ReportTable } from "./tables.ts";
import { restNames, tenantName } from "./tables.ts";

export interface DetailLine {
  day: string;
  projectId: string | null;
  service: string | null;
  currency: string;
  /** Decimal, exact. */
  amount: string;
}
export interface DetailQuery extends Period {
  metric: Metric;
  tags: Record<string, string>;
}
/** `paid` is told at the end: nothing, when the lines were kept. Errors: as `CostSource`. */
export interface DetailSource {
  lines(query: DetailQuery, paid: (price: AnswerPrice) => void): AsyncIterable<DetailLine>;
}

/** Of one tenant after the other; the sum of each is the report's, or the table ends with an error: `costs.disagree` (external). */
export function detailTable(report: CostReport, tenants: readonly { tenantId: string | null; lines: AsyncIterable<DetailLine> }[]): ReportTable {
  return {
    name: "Detail",
    columns: [
      { title: "Day", kind: "day", width: 12 },
      { title: "Tenant", kind: "text", width: 18 },
      { title: "Project", kind: "text", width: 26 },
      { title: "Service", kind: "text", width: 38 },
      { title: "Currency", kind: "text", width: 10 },
      { title: "Actual", kind: "amount", width: 14 },
      { title: "Actual, exact", kind: "exact", width: 20 },
    ],
    rows: rowsOf(report, tenants),
  };
}

async function* rowsOf(report: CostReport, tenants: readonly { tenantId: string | null; lines: AsyncIterable<DetailLine> }[]): AsyncGenerator<Cell[]> {
  for (const { tenantId, lines } of tenants) {
    const sums = new Map<string, { sum: Big; lines: number }>();
    for await (const { day, projectId, service, currency, amount } of lines) {
      const so = sums.get(currency) ?? { sum: new Big(0), lines: 0 };
      sums.set(currency, { sum: so.sum.plus(amount), lines: so.lines + 1 });
      yield [{ day }, tenantName(tenantId), projectId ?? restNames.project, service ?? restNames.service, currency, { amount, currency }, amount];
    }
    for (const { currency, tenants: parts } of report.currencies) {
      const total = parts.find((part) => part.tenantId === tenantId)?.total ?? "0";
      const { sum, lines: count } = sums.get(currency) ?? { sum: new Big(0), lines: 0 };
      // AWS rounds each line, and each figure of the report, to ten decimals.
      if (
        sum
          .minus(total)
          .abs()
          .gt(new Big(count + figuresOfReport).times("0.0000000001"))
      )
        throw disagree(tenantId, currency, sum.toFixed(), total);
    }
  }
}

/** What is no tenant's, a line a day and service: of which project each is would be a question more. */
export async function* restLines(amounts: readonly CostAmount[]): AsyncGenerator<DetailLine> {
  const sums = new Map<string, DetailLine>();
  for (const { period, key, currency, amount } of amounts) {
    const at = JSON.stringify([period, key, currency]);
    const known = sums.get(at)?.amount ?? "0";
    sums.set(at, { day: period, projectId: restNames.unsplit, service: key, currency, amount: new Big(known).plus(amount).toFixed() });
  }
  yield* sums.values();
}

/** More than a month of one tenant's bill has by service. */
const figuresOfReport = 31 * 4 * 300;

const disagree = (tenantId: string | null, currency: string, sum: string, total: string): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.disagree",
    message: `The lines of ${tenantName(tenantId)} add up to ${sum} ${currency}, and its bill is ${total} ${currency}: AWS changed it between the questions`,
    hint: "ask for all of it again: chartctl costs report --detail --refresh",
    details: { tenantId, currency, sum, total },
  });
