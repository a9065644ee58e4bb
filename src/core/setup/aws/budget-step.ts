/** A monthly budget of the account, with an address that hears of it. */
import { formatCents } from "../../money.ts";
import type { Step } from "../steps.ts";
import { budgetName, platformTags } from "./names.ts";
import { foundOrMade, refuseForeign } from "./ours.ts";
import type { Alert, AwsSetup, Budget, FoundBudget, Notification } from "./ports.ts";
import { change } from "./ports.ts";

export interface BudgetWish {
  /** Undefined: what it is, or the default. */
  monthlyCents: number | undefined;
  email: string;
}

/** `AWS_COST_BUDGET_LIMIT` of the platform that this replaces. */
const defaultMonthlyCents = 100_000;

/** Of the whole account: costs by tag are known only a day after the tags are active. */
const budgetOf = (monthlyCents: number): Budget => ({
  BudgetName: budgetName,
  BudgetType: "COST",
  TimeUnit: "MONTHLY",
  BudgetLimit: { Amount: (monthlyCents / 100).toFixed(2), Unit: "USD" },
});

/** Early enough to do something, and when it is certain. */
const alertsFor = (email: string): Alert[] => [
  { type: "ACTUAL", percent: 80, emails: [email] },
  { type: "FORECASTED", percent: 100, emails: [email] },
];
const notificationOf = ({ type, percent }: Alert): Notification => ({
  NotificationType: type,
  ComparisonOperator: "GREATER_THAN",
  Threshold: percent,
  ThresholdType: "PERCENTAGE",
});
const subscribers = ({ emails }: Alert) => emails.map((Address) => ({ SubscriptionType: "EMAIL" as const, Address }));
const sameAlert = (a: Alert, b: Alert): boolean => a.type === b.type && a.percent === b.percent;
const sameEmails = (a: Alert, b: Alert): boolean => a.emails.toSorted().join() === b.emails.toSorted().join();

const centsOf = ({ amount }: FoundBudget): number => Math.round(Number(amount) * 100);

const title = `budget ${budgetName}`;

export const budgetStands = (aws: AwsSetup, AccountId: string, wish: BudgetWish | undefined): Step => ({
  name: title,
  run: async (changes) => {
    if (!wish) return await kept(aws, AccountId);
    const wanted = alertsFor(wish.email);
    const wantedCents = wish.monthlyCents ?? defaultMonthlyCents;
    const found = await foundOrMade(
      title,
      () => aws.budget(AccountId, budgetName),
      () =>
        change(changes, aws, "budgets:CreateBudget", {
          AccountId,
          Budget: budgetOf(wantedCents),
          NotificationsWithSubscribers: wanted.map((alert) => ({ Notification: notificationOf(alert), Subscribers: subscribers(alert) })),
          ResourceTags: platformTags,
        }),
    );
    if (!found) return { outcome: "made", detail: `${formatCents(wantedCents)} a month, told to ${wish.email}` };
    let differs = false;
    if ((wish.monthlyCents !== undefined && centsOf(found) !== wish.monthlyCents) || found.unit !== "USD") {
      differs = true;
      await change(changes, aws, "budgets:UpdateBudget", { AccountId, NewBudget: budgetOf(wantedCents) });
    }
    for (const alert of wanted) {
      const there = found.alerts.find((one) => sameAlert(one, alert));
      if (there && sameEmails(there, alert)) continue;
      differs = true;
      const Notification = notificationOf(alert);
      if (there) await change(changes, aws, "budgets:DeleteNotification", { AccountId, BudgetName: budgetName, Notification });
      await change(changes, aws, "budgets:CreateNotification", { AccountId, BudgetName: budgetName, Notification, Subscribers: subscribers(alert) });
    }
    return differs ? "changed" : "found";
  },
});

/** Nothing is asked for: what stands, stays. */
async function kept(aws: AwsSetup, accountId: string): Promise<{ outcome: "found" | "waits"; detail: string }> {
  const found: FoundBudget | undefined = await aws.budget(accountId, budgetName);
  refuseForeign(title, found);
  if (found) return { outcome: "found", detail: `${formatCents(centsOf(found))} a month` };
  return { outcome: "waits", detail: "none is asked for: chartctl setup aws --budget DOLLARS --alert-email ADDRESS" };
}

export const budgetGone = (aws: AwsSetup, AccountId: string): Step => ({
  name: title,
  run: async (changes) => {
    const found = await aws.budget(AccountId, budgetName);
    if (!found) return "absent";
    refuseForeign(title, found);
    await change(changes, aws, "budgets:DeleteBudget", { AccountId, BudgetName: budgetName });
    return "removed";
  },
});
