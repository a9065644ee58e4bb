/** A Cost and Usage Report, asked over Athena. */
import Big from "big.js";
import type { CostAmount, CostQuery, CostSource, LineKind } from "../../../core/costs/actual/cost-source.ts";
import { serviceName } from "../../../core/costs/actual/service-names.ts";
import { sharedTypeServices } from "../../../core/costs/prices/items.ts";
import { ChartctlError } from "../../../errors.ts";
import type { AthenaOptions } from "./athena.ts";
import { askQuery, describeTable } from "./athena.ts";
import { costSql } from "./cur-sql.ts";
import { curLayout } from "./cur-table.ts";

export const usageReportSource = (athena: AthenaOptions, table: { database: string; table: string }): CostSource => ({
  read: async (query, sink) => {
    const layout = curLayout(await describeTable(athena, table));
    let [rows, midnights] = [0, 0];
    const { pages, ...price } = await askQuery(athena, table, costSql(layout, query));
    for await (const page of pages) {
      for (const row of page) {
        rows++;
        if (row[0]?.endsWith(" 00")) midnights++;
        sink.add(amountOf(row, query));
      }
    }
    if (query.granularity === "hour" && rows > 0 && midnights === rows) throw onlyDays(table);
    return { source: "cur", estimatedFrom: null, price: { requests: 1, ...price } };
  },
});

function amountOf([period, grouped, kind, currency, amount, usageType, quantity, service]: (string | null)[], { grouping }: CostQuery): CostAmount {
  const key = grouped ?? null;
  const known = (kind ?? "usage") as LineKind;
  return {
    period: (period ?? "").replace(" ", "T"),
    key: key !== null && (grouping.by === "service" || grouping.by === "usage") ? serviceName(key, known) : key,
    kind: known,
    currency: currency ?? "USD",
    amount: new Big(amount ?? "0").toFixed(),
    ...(usageType ? { used: { type: usageType, quantity: new Big(quantity ?? "0").toFixed(), ...(grouping.by === "tag-usage" ? sharing(service) : {}) } } : {}),
  };
}

/** As Cost Explorer tells it, which is paid by the service. */
function sharing(code: string | null | undefined): { service: string | null } {
  const name = code ? serviceName(code, "usage") : null;
  return { service: name !== null && sharedTypeServices.includes(name) ? name : null };
}

const onlyDays = ({ database, table }: { database: string; table: string }): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "cur.no-hours",
    message: `The report ${database}.${table} has whole days only`,
    hint: "ask for days: --granularity day",
  });
