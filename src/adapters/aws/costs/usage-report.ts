/** A Cost and Usage Report, asked over Athena. */
import Big from "big.js";
import type { CostAmount, CostQuery, CostSource, LineKind } from "../../../core/costs/actual/cost-source.ts";
import { serviceName } from "../../../core/costs/actual/service-names.ts";
import { ChartctlError } from "../../../errors.ts";
import type { AthenaOptions } from "./athena.ts";
import { describeTable, runQuery } from "./athena.ts";
import { costSql } from "./cur-sql.ts";
import { curLayout } from "./cur-table.ts";

export const usageReportSource = (athena: AthenaOptions, table: { database: string; table: string }): CostSource => ({
  costs: async (query) => {
    const layout = curLayout(await describeTable(athena, table));
    const { rows, bytesScanned, reused, dollars } = await runQuery(athena, table, costSql(layout, query));
    if (query.granularity === "hour" && rows.length > 0 && rows.every(([period]) => period?.endsWith(" 00"))) throw onlyDays(table);
    return {
      source: "cur",
      amounts: summed(rows.map((row) => amountOf(row, query))),
      estimatedFrom: null,
      price: { requests: 1, dollars, bytesScanned, reused },
    };
  },
});

function amountOf([period, grouped, kind, currency, amount]: (string | null)[], { grouping }: CostQuery): CostAmount {
  const key = grouped ?? null;
  const known = (kind ?? "usage") as LineKind;
  return {
    period: (period ?? "").replace(" ", "T"),
    key: key !== null && grouping.by === "service" ? serviceName(key, known) : key,
    kind: known,
    currency: currency ?? "USD",
    amount: new Big(amount ?? "0").toFixed(),
  };
}

/** Two product codes may be one service. */
function summed(amounts: CostAmount[]): CostAmount[] {
  const sums = new Map<string, CostAmount>();
  for (const one of amounts) {
    const at = JSON.stringify([one.period, one.key, one.kind, one.currency]);
    const known = sums.get(at);
    sums.set(at, known ? { ...known, amount: new Big(known.amount).plus(one.amount).toFixed() } : one);
  }
  return [...sums.values()];
}

const onlyDays = ({ database, table }: { database: string; table: string }): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "cur.no-hours",
    message: `The report ${database}.${table} has whole days only`,
    hint: "ask for days: --granularity day",
  });
