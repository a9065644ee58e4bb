/** A month's report: asks AWS three times for each tenant, because each question is paid, and then the books. */
import Big from "big.js";
import type { AnswerPrice, Grouping, KeptAnswer, KeptCosts, Metric } from "../actual/cost-source.ts";
import type { TenantFacts } from "./assemble.ts";
import { assembleReport } from "./assemble.ts";
import type { ReportMonth } from "./month.ts";
import type { CostReport, ReportBooks } from "./report.ts";

export interface ReportedTenant {
  tenantId: string;
  /** Only what carries these is its. */
  tags: Record<string, string>;
  costs: KeptCosts;
  books(month: ReportMonth): Promise<ReportBooks>;
}

interface AskedReport {
  report: CostReport;
  /** What was paid for it now. */
  price: AnswerPrice;
}

const groupings = {
  byService: { by: "service" },
  byProject: { by: "tag", key: "ProjectId" },
  byUser: { by: "tag", key: "UserId" },
} as const satisfies Record<string, Grouping>;

/** Errors: `costs.*`, `cur.*`, `aws.*`, `report.sums` (bug). */
export async function askReport(
  tenants: readonly ReportedTenant[],
  { month, metric }: { month: ReportMonth; metric: Metric },
  now: Date,
): Promise<AskedReport> {
  const facts: TenantFacts[] = [];
  const paid: AnswerPrice[] = [];
  const { from, until } = month;
  for (const { tenantId, tags, costs, books } of tenants) {
    const ask = async (grouping: Grouping): Promise<KeptAnswer> => {
      const { answer, kept } = await costs.costs({ from, until, granularity: "day", grouping, metric, tags });
      if (!kept) paid.push(answer.price);
      return answer;
    };
    // One after the other: what a missing permission or table says is said once, and not paid for thrice.
    const byService = await ask(groupings.byService);
    const byProject = await ask(groupings.byProject);
    facts.push({ tenantId, tags, byService, byProject, byUser: await ask(groupings.byUser), books: await books(month) });
  }
  return { report: assembleReport(facts, { month, metric }, now), price: totalPrice(paid) };
}

const totalPrice = (paid: readonly AnswerPrice[]): AnswerPrice => ({
  requests: paid.reduce((sum, { requests }) => sum + requests, 0),
  dollars: paid.reduce((sum, { dollars }) => sum.plus(dollars), new Big(0)).toFixed(),
  bytesScanned: paid.reduce((sum, { bytesScanned }) => sum + bytesScanned, 0),
  reused: paid.length > 0 && paid.every(({ reused }) => reused),
});
