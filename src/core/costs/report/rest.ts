/** What of a shared account's bill is no tenant's: the whole bill less each tenant's part, figure by figure. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";
import type { CostAmount, KeptAnswer } from "../actual/cost-source.ts";
import type { AccountFacts, Answers, TenantFacts } from "./facts.ts";
import { roundedTo } from "./rounding.ts";
import { restNames } from "./tables.ts";

/** Null: an account without a rest. Error `costs.disagree` (external): AWS changed the bill between the questions. */
export function restOf({ accountId, tenants, shared }: AccountFacts, facts: readonly TenantFacts[]): TenantFacts | null {
  if (!shared) return null;
  const { byTenant, whole } = shared;
  const inIt = facts.filter(({ tenantId }) => tenantId !== null && tenants.includes(tenantId));
  for (const { tenantId, byService } of inIt)
    compare(`tenant ${tenantId}`, byService.amounts, { of: byTenant.amounts, mine: ({ key }) => key === tenantId, figures: byService.amounts.length });
  const rest = whole && {
    byService: less(whole, inIt, ({ byService }) => byService),
    byProject: less(whole, inIt, ({ byProject }) => byProject),
    byUser: less(whole, inIt, ({ byUser }) => byUser),
  };
  const figures = [...inIt, ...(whole ? [whole] : [])].reduce((sum, { byService }) => sum + byService.amounts.length, 0);
  const mine = ({ key }: CostAmount): boolean => key === null || !tenants.includes(key);
  compare(`no tenant of ${accountId ?? "the operator's account"}`, rest?.byService.amounts ?? [], { of: byTenant.amounts, mine, figures });
  return rest && { tenantId: null, tags: {}, books: { bookings: [], limits: [], othersMonthlyCents: null }, ...rest };
}

/** What AWS rounded is told as that: nobody has used a service for it. Of projects and users the report tells it as a whole. */
function less(whole: Answers, parts: readonly Answers[], which: (answers: Answers) => KeptAnswer): KeptAnswer {
  const sums = new Map<string, Omit<CostAmount, "amount"> & { sum: Big }>();
  const add = ({ period, key, kind, currency, amount }: CostAmount, times: 1 | -1): void => {
    const at = JSON.stringify([period, key, kind, currency]);
    const known = sums.get(at) ?? { period, key, kind, currency, sum: new Big(0) };
    sums.set(at, { ...known, sum: known.sum.plus(new Big(amount).times(times)) });
  };
  const answer = which(whole);
  for (const amount of answer.amounts) add(amount, 1);
  for (const part of parts) for (const amount of which(part).amounts) add(amount, -1);
  const figures = [...sums.values()].filter(({ sum }) => !sum.eq(0));
  const most = new Big(roundedTo).times(parts.length + 1);
  const keyOf = ({ key, currency }: { key: string | null; currency: string }): string => JSON.stringify([key, currency]);
  const real = new Set(figures.filter(({ sum }) => sum.abs().gt(most)).map(keyOf));
  const ofServices = answer === whole.byService;
  return {
    ...answer,
    amounts: figures.flatMap(({ sum, ...figure }): CostAmount[] => {
      if (real.has(keyOf(figure))) return [{ ...figure, amount: sum.toFixed() }];
      return ofServices ? [{ ...figure, key: restNames.rounding, amount: sum.toFixed() }] : [];
    }),
  };
}

interface Told {
  of: readonly CostAmount[];
  mine(amount: CostAmount): boolean;
  /** That were rounded, each by itself. */
  figures: number;
}

/** The account's bill by tenant has to say the same: tenants and rest are this bill. */
function compare(whose: string, parts: readonly CostAmount[], { of, mine, figures }: Told): void {
  const told = of.filter(mine);
  for (const currency of new Set([...parts, ...told].map((amount) => amount.currency))) {
    const [total, other] = [sumIn(parts, currency), sumIn(told, currency)];
    if (
      total
        .minus(other)
        .abs()
        .gt(new Big(roundedTo).times(figures + told.length))
    )
      throw disagree(whose, currency, total.toFixed(), other.toFixed());
  }
}

export const sumIn = (amounts: readonly CostAmount[], currency: string): Big =>
  amounts.reduce((sum, one) => (one.currency === currency ? sum.plus(one.amount) : sum), new Big(0));

const disagree = (whose: string, currency: string, total: string, other: string): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.disagree",
    message: `AWS gives two sums for ${whose}: ${total} ${currency} by service, and ${other} ${currency} in its account's bill; it changed them between the questions`,
    hint: "ask for all of it again, and of one source: chartctl costs report --all-tenants --refresh --source ce",
    details: { whose, currency, total, other },
  });
