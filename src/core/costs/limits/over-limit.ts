/**
 * Who has cost more this month than they may: decided from the bill and the limits alone. What counts is what AWS billed in
 * dollars, as the bill has it: taxes add to it, credits and refunds take from it. Other currencies are told, never converted.
 */
import Big from "big.js";
import type { Limits, OverCost, OverCostPolicy } from "../../../contract/resources.ts";

/** The month so far, of one project of the owner's, also of one that has ended. */
export interface BilledProject {
  projectKey: string;
  currency: string;
  /** Decimal. */
  amount: string;
}
/** What an owner's account is marked with. */
export type UserOverCost = Omit<OverCost, "of" | "cleanUpAt" | "warning">;

export interface Owner {
  /** `2026-11`, in UTC, as AWS bills. */
  month: string;
  now: Date;
  limits: Pick<Limits, "projectMonthlyCents" | "userMonthlyCents">;
  policy: OverCostPolicy;
  billed: BilledProject[];
  /** Those that stand, with the mark that they have. */
  projects: { key: string; mark: OverCost | null }[];
  mark: UserOverCost | null;
  /** Somebody is to be told of it by the alert itself. Otherwise, the books are the only telling. */
  receiver: boolean;
  /** Random, never reused. */
  newAlertId(): string;
}

export const alertKinds = ["cost.project.near_limit", "cost.project.over_limit", "cost.user.near_limit", "cost.user.over_limit"] as const;
export type AlertKind = (typeof alertKinds)[number];

/** What is to be told; whether it was told already, the books know, unless it warns. */
export interface CostAlert {
  id: string;
  kind: AlertKind;
  /** Null: the user's. */
  projectKey: string | null;
  /** Decimal dollars. */
  amount: string;
  limitCents: number;
  /** Names a clean-up that none before it has named. */
  warns: boolean;
  /** What it costs besides, and no limit in dollars counts. */
  otherCurrencies: { currency: string; amount: string }[];
}

export interface OwnerStanding {
  mark: UserOverCost | null;
  projects: { key: string; amount: string; mark: OverCost | null }[];
  alerts: CostAlert[];
}

/** Early enough to do something; AWS's own budgets warn there, too (setup/aws/budget-step.ts). */
const nearPercent = 80;

export const monthOf = (time: Date): string => time.toISOString().slice(0, 7);

/**
 * A project is over when it cost more than one project may. A user is over when all of theirs did, ended ones included; then
 * their dearest projects are marked, as many as it takes until what the others cost would fit.
 */
export function standingOf(owner: Owner): OwnerStanding {
  const { projectMonthlyCents, userMonthlyCents } = owner.limits;
  const dollars = owner.billed.filter(({ currency }) => currency === "USD");
  const costOf = (key: string): Big => sum(dollars.filter(({ projectKey }) => projectKey === key));
  const live = owner.projects.map(({ key, mark }) => ({ key, before: mark, cost: costOf(key) }));
  const total = sum(dollars);
  const userOver = isOver(total, userMonthlyCents);

  const ofProject = new Set(live.filter(({ cost }) => isOver(cost, projectMonthlyCents)).map(({ key }) => key));
  const ofUser = userOver
    ? dearest(
        live.filter(({ key }) => !ofProject.has(key)),
        userMonthlyCents,
      )
    : new Set<string>();
  const userAlert = alertOf(owner, "user", null, total, userMonthlyCents);
  const decided = live.map(({ key, before, cost }) => {
    const alert = alertOf(owner, "project", key, cost, projectMonthlyCents);
    const of = ofProject.has(key) ? "project" : ofUser.has(key) ? "user" : undefined;
    if (!of) return { key, amount: cost.toFixed(), mark: null, alert };
    const begins = { ...begun(owner, before), amount: (of === "project" ? cost : total).toFixed() };
    const limitCents = of === "project" ? projectMonthlyCents : userMonthlyCents;
    const cleanUp = cleanUpOf(owner, before, of === "project" ? alert : userAlert);
    return { key, amount: cost.toFixed(), mark: { of, ...begins, limitCents, ...cleanUp } satisfies OverCost, alert };
  });
  const warned = new Set(decided.flatMap(({ mark }) => mark?.warning?.alertId ?? []));
  return {
    mark: userOver ? { ...begun(owner, owner.mark), amount: total.toFixed(), limitCents: userMonthlyCents } : null,
    projects: decided.map(({ key, amount, mark }) => ({ key, amount, mark })),
    alerts: [...decided.map(({ alert }) => alert), userAlert].flatMap((alert) => (alert ? [{ ...alert, warns: warned.has(alert.id) }] : [])),
  };
}

const sum = (parts: { amount: string }[]): Big => parts.reduce((so, { amount }) => so.plus(amount), new Big(0));
const limitOf = (cents: number): Big => new Big(cents).div(100);

/** At the limit is not over it. */
export const isOver = (dollars: Big | string, limitCents: number): boolean => new Big(dollars).gt(limitOf(limitCents));

/** The fewest projects without which the rest fits. */
function dearest(live: { key: string; cost: Big }[], limitCents: number): Set<string> {
  const marked = new Set<string>();
  let rest = live.reduce((so, { cost }) => so.plus(cost), new Big(0));
  for (const { key, cost } of live.toSorted((a, b) => b.cost.cmp(a.cost) || (a.key < b.key ? -1 : 1))) {
    if (!isOver(rest, limitCents)) break;
    marked.add(key);
    rest = rest.minus(cost);
  }
  return marked;
}

/** A mark of this month goes on; one of an earlier month is over. */
const begun = ({ month, now }: Owner, before: { month: string; since: string } | null): { month: string; since: string } => ({
  month,
  since: before?.month === month ? before.since : now.toISOString(),
});

/**
 * Nobody is cleaned up unwarned: each clean-up is named by an alert, and its grace time begins when that was told. One of another
 * grace time, or after a time within the limit or without a clean-up, is named anew.
 */
function cleanUpOf({ month, now, policy, receiver }: Owner, before: OverCost | null, alert: Told | undefined): Pick<OverCost, "cleanUpAt" | "warning"> {
  const { action, graceSeconds } = policy;
  if (action !== "clean-up" || !alert) return { cleanUpAt: null, warning: null };
  const goesOn = before?.month === month && before.warning?.graceSeconds === graceSeconds ? before : null;
  const warning = goesOn?.warning ?? { alertId: alert.id, graceSeconds };
  const told = receiver ? null : afterGrace(now, graceSeconds);
  return { cleanUpAt: goesOn?.cleanUpAt ?? told, warning };
}

export const afterGrace = (told: Date, graceSeconds: number): string => new Date(told.getTime() + graceSeconds * 1_000).toISOString();

type Told = Omit<CostAlert, "warns">;

function alertOf({ billed, newAlertId }: Owner, of: "project" | "user", projectKey: string | null, cost: Big, limitCents: number): Told | undefined {
  const otherCurrencies = others(projectKey === null ? billed : billed.filter((part) => part.projectKey === projectKey));
  const about = { projectKey, amount: cost.toFixed(), limitCents, otherCurrencies };
  if (isOver(cost, limitCents)) return { id: newAlertId(), kind: `cost.${of}.over_limit`, ...about };
  const near = cost.gt(0) && cost.times(100).gte(limitOf(limitCents).times(nearPercent));
  return near ? { id: newAlertId(), kind: `cost.${of}.near_limit`, ...about } : undefined;
}

function others(billed: BilledProject[]): { currency: string; amount: string }[] {
  const currencies = [...new Set(billed.map(({ currency }) => currency))].filter((currency) => currency !== "USD").toSorted();
  return currencies.map((currency) => ({ currency, amount: sum(billed.filter((part) => part.currency === currency)).toFixed() }));
}

/** The mark, while it counts: with the month it ends, whether or not the new month's bill was read. */
export const overCostNow = ({ overCost }: { overCost: OverCost | null }, now: Date): OverCost | null => (overCost?.month === monthOf(now) ? overCost : null);
