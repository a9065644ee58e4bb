/** A bill line by line, from either source, page by page. */
import type { AthenaClient } from "@aws-sdk/client-athena";
import type { CostExplorerClient } from "@aws-sdk/client-cost-explorer";
import Big from "big.js";
import type { CostQuery, LineKind } from "../../../core/costs/actual/cost-source.ts";
import { serviceName } from "../../../core/costs/actual/service-names.ts";
import type { DetailLine, DetailQuery, DetailSource } from "../../../core/costs/report/detail.ts";
import type { AthenaOptions } from "./athena.ts";
import { askQuery, describeTable } from "./athena.ts";
import { costPages, moneyOf, request, requestsPrice, startOf } from "./cost-explorer.ts";
import { costSql } from "./cur-sql.ts";
import { curLayout } from "./cur-table.ts";
import { paidRequests } from "./stoppable.ts";
import { notYetExported } from "./usage-report.ts";

const byProject = (query: DetailQuery): CostQuery => ({ ...query, granularity: "day", grouping: { by: "tag", key: "ProjectId" } });

/** Cost Explorer groups by two things at most: what kind of line it is isn't told. */
export const explorerDetail = (client: () => Promise<Pick<CostExplorerClient, "send">>, interrupted: AbortSignal): DetailSource => ({
  lines: async function* (query, paid) {
    const requests = paidRequests(interrupted);
    for await (const results of costPages(await client(), request(byProject(query), { lines: "whole" }, { Type: "DIMENSION", Key: "SERVICE" }), requests)) {
      for (const result of results) {
        const day = startOf(result).slice(0, 10);
        yield* merged(
          (result.Groups ?? []).map(({ Keys = [], Metrics = {} }): DetailLine => {
            const [project = "", service = ""] = Keys;
            return {
              day,
              projectId: project.slice("ProjectId$".length) || null,
              service: /^(|No ?Service)$/i.test(service) ? null : serviceName(service, "usage"),
              ...moneyOf(Metrics, query.metric),
            };
          }),
        );
      }
    }
    paid(requestsPrice(requests.sent));
  },
});

export const usageReportDetail = (
  athena: Omit<AthenaOptions, "client"> & { client: () => Promise<Pick<AthenaClient, "send">> },
  table: { database: string; table: string },
): DetailSource => ({
  lines: async function* (query, paid) {
    const layout = curLayout(await describeTable(athena, table));
    const { pages, ...price } = await askQuery(athena, table, costSql(layout, byProject(query), { by: "service" }));
    for await (const rows of pages) {
      yield* merged(
        rows.map(([day, project, kind, currency, amount, service]): DetailLine => {
          if (amount === null) throw notYetExported(table, query, day ?? "", { requests: 1, ...price });
          const named = service ?? null;
          return {
            day: day ?? "",
            projectId: project ?? null,
            service: named === null ? null : serviceName(named, (kind ?? "usage") as LineKind),
            currency: currency ?? "USD",
            amount: new Big(amount ?? "0").toFixed(),
          };
        }),
      );
    }
    paid({ requests: 1, ...price });
  },
});

/** Of what came together: several kinds of lines, and several of AWS's names, may be one service. */
function merged(lines: readonly DetailLine[]): DetailLine[] {
  const sums = new Map<string, DetailLine>();
  for (const line of lines) {
    if (line.amount === "0") continue; // nothing at all has the unit "N/A"
    const at = JSON.stringify([line.day, line.projectId, line.service, line.currency]);
    const known = sums.get(at);
    sums.set(at, known ? { ...known, amount: new Big(known.amount).plus(line.amount).toFixed() } : line);
  }
  return [...sums.values()];
}
