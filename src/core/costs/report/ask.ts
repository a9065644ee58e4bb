/** A month's report: asks AWS as seldom as it can, because each question is paid, and then the books. */
import Big from "big.js";
import { addedPrices } from "../actual/added-prices.ts";
import type { AnswerPrice, CostAmount, Grouping, KeptAnswer, KeptCosts, Metric } from "../actual/cost-source.ts";
import { assembleReport } from "./assemble.ts";
import type { AccountFacts, Answers, TenantFacts } from "./facts.ts";
import type { ReportMonth } from "./month.ts";
import type { CostReport, ReportBooks } from "./report.ts";
import { restOf } from "./rest.ts";

export interface ReportedTenant {
  tenantId: string;
  /** Only what carries these is its. */
  tags: Record<string, string>;
  costs: KeptCosts;
  books(month: ReportMonth): Promise<ReportBooks>;
}

export interface AskedReport {
  report: CostReport;
  /** By service and day, what of shared accounts is no tenant's. */
  rest(): CostAmount[];
  /** What was paid for it now. */
  price: AnswerPrice;
}

const groupings = {
  byService: { by: "service" },
  byProject: { by: "tag", key: "ProjectId" },
  byUser: { by: "tag", key: "UserId" },
  byTenant: { by: "tag", key: "TenantId" },
} as const satisfies Record<string, Grouping>;

export interface ReportedAccount {
  accountId: string | null;
  tenants: readonly ReportedTenant[];
  /** Its bill has parts that are no tenant's. */
  shared: boolean;
}

/**
 * `accounts`: of every tenant, or of one. A shared account is asked by tenant first: who has no costs isn't asked for again, and
 * what is no tenant's is asked for only where there is some. Errors: `costs.*`, `cur.*`, `aws.*`, `report.sums` (bug).
 */
export async function askReport(
  accounts: readonly ReportedAccount[],
  { month, metric, everyTenant }: { month: ReportMonth; metric: Metric; everyTenant: boolean },
  now: Date,
): Promise<AskedReport> {
  const facts: TenantFacts[] = [];
  const asked: AccountFacts[] = [];
  const paid: AnswerPrice[] = [];
  const { from, until } = month;
  const ask = async (costs: KeptCosts, tags: Record<string, string>, grouping: Grouping): Promise<KeptAnswer> => {
    const { answer, kept } = await costs.costs({ from, until, granularity: "day", grouping, metric, tags });
    if (!kept) paid.push(answer.price);
    return answer;
  };
  // One after the other: what a missing permission or table says is said once, and not paid for thrice.
  const parts = async (costs: KeptCosts, tags: Record<string, string>) => {
    const byService = await ask(costs, tags, groupings.byService);
    const byProject = await ask(costs, tags, groupings.byProject);
    return { byService, byProject, byUser: await ask(costs, tags, groupings.byUser) };
  };
  for (const { accountId, tenants, shared } of accounts) {
    const costs = tenants[0]?.costs;
    const byTenant = everyTenant && shared && costs ? await ask(costs, {}, groupings.byTenant) : null;
    const costly = byTenant && new Set(byTenant.amounts.filter(({ amount }) => !new Big(amount).eq(0)).map(({ key }) => key));
    for (const { tenantId, tags, costs: own, books } of tenants) {
      const answers = byTenant && !costly?.has(tenantId) ? nothingOf(byTenant) : await parts(own, tags);
      facts.push({ tenantId, tags, ...answers, books: await books(month) });
    }
    const ids = tenants.map(({ tenantId }) => tenantId);
    const hasRest = [...(costly ?? [])].some((key) => key === null || !ids.includes(key));
    const whole = costs && hasRest ? await parts(costs, {}) : null;
    asked.push({ accountId, tenants: ids, shared: byTenant && { byTenant, whole } });
  }
  const report = assembleReport(facts, { month, metric, accounts: everyTenant ? asked : [] }, now);
  return { report, rest: () => asked.flatMap((account) => restOf(account, facts)?.byService.amounts ?? []), price: addedPrices(paid) };
}

function nothingOf(answer: KeptAnswer): Answers {
  const none = { ...answer, amounts: [] };
  return { byService: none, byProject: none, byUser: none };
}
