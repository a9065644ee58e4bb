/** A Cost and Usage Report, asked over Athena. */
import Big from "big.js";
import { addedPrices } from "../../../core/costs/actual/added-prices.ts";
import type { AnswerPrice, CostAmount, CostQuery, LineKind, MonthedSource } from "../../../core/costs/actual/cost-source.ts";
import { addMonths, billingMonths } from "../../../core/costs/actual/period.ts";
import { serviceName } from "../../../core/costs/actual/service-names.ts";
import { sharedTypeServices } from "../../../core/costs/prices/items.ts";
import { ChartctlError } from "../../../errors.ts";
import type { AthenaOptions } from "./athena.ts";
import { askQuery, describeTable } from "./athena.ts";
import { costSql, hoursSql, monthsSql } from "./cur-sql.ts";
import type { CurLayout } from "./cur-table.ts";
import { curLayout } from "./cur-table.ts";

export const usageReportSource = (athena: AthenaOptions, table: { database: string; table: string }): MonthedSource => {
  const described = async (): Promise<CurLayout> => curLayout(await describeTable(athena, table));
  const answer = async (question: { sql: string; parameters: string[] }): Promise<{ rows: (string | null)[][]; price: AnswerPrice }> => {
    const { pages, ...price } = await askQuery(athena, table, question);
    const rows: (string | null)[][] = [];
    for await (const page of pages) rows.push(...page);
    return { rows, price: { requests: 1, ...price } };
  };
  return {
    read: async (query, sink) => {
      const layout = await described();
      let [rows, midnights] = [0, 0];
      const { pages, ...scan } = await askQuery(athena, table, costSql(layout, query));
      const price = { requests: 1, ...scan };
      for await (const page of pages) {
        for (const row of page) {
          rows++;
          if (row[0]?.endsWith(" 00")) midnights++;
          if (row[4] === null) throw notYetExported(table, query, row[0] ?? "", price);
          sink.add(amountOf(row, query));
        }
      }
      const head = { source: "cur", estimatedFrom: null } as const;
      if (query.granularity !== "hour" || rows === 0 || midnights < rows) return { ...head, price };
      // What is billed at midnight alone, such as storage, or since midnight, says nothing of the report: its other lines do.
      const [month = ""] = billingMonths(query);
      const looked = await answer(hoursSql(layout, [addMonths(`${month}-01`, -1).slice(0, 7), ...billingMonths(query)]));
      const paid = addedPrices([price, looked.price]);
      if (looked.rows.length === 0) throw onlyDays(table, paid);
      return { ...head, price: paid };
    },
    months: async (asked) => {
      const { rows, price } = await answer(monthsSql(await described(), asked));
      return { known: rows.flatMap(([month]) => month ?? []), price };
    },
  };
};

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

export const notYetExported = (
  { database, table }: { database: string; table: string },
  { metric }: Pick<CostQuery, "metric">,
  period: string,
  price: AnswerPrice,
): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "cur.no-column",
    message: `The report ${database}.${table} has no ${metric} cost of ${period.slice(0, 7)}: it was written before the export had its columns`,
    hint: "ask for a later time, or ask: chartctl costs --source ce",
    details: { price },
  });

const onlyDays = ({ database, table }: { database: string; table: string }, price: AnswerPrice): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "cur.no-hours",
    message: `The report ${database}.${table} has whole days only`,
    hint: "ask for days: --granularity day",
    details: { price },
  });
