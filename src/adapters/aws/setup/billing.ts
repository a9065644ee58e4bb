/** Cost allocation tags and budgets. Both services have one endpoint, in us-east-1. */
import {
  type BudgetsClient,
  CreateBudgetCommand,
  CreateNotificationCommand,
  DeleteBudgetCommand,
  DeleteNotificationCommand,
  DescribeBudgetCommand,
  DescribeNotificationsForBudgetCommand,
  DescribeSubscribersForNotificationCommand,
  ListTagsForResourceCommand,
  type Notification,
  UpdateBudgetCommand,
} from "@aws-sdk/client-budgets";
import { type CostExplorerClient, ListCostAllocationTagsCommand, UpdateCostAllocationTagsStatusCommand } from "@aws-sdk/client-cost-explorer";
import type { Alert, AwsSetup } from "../../../core/setup/aws/ports.ts";
import { ChartctlError, messageOf } from "../../../errors.ts";
import { orAbsent } from "../errors.ts";
import { tagMap } from "../finding.ts";
import { allPages } from "../pages.ts";
import type { CallsOf } from "./identity.ts";

export const billingReads = (costs: CostExplorerClient, budgets: BudgetsClient): Pick<AwsSetup, "costTags" | "budget"> => ({
  costTags: async (keys) => {
    const listed = await allPages("list the cost allocation tags", async (NextToken) => {
      const page = await costs.send(new ListCostAllocationTagsCommand({ TagKeys: [...keys], Type: "UserDefined", NextToken })).catch(paidElsewhere);
      return { items: page.CostAllocationTags, next: page.NextToken };
    });
    return Object.fromEntries(listed.map(({ TagKey = "", Status = "Inactive" }) => [TagKey, Status]));
  },
  budget: async (AccountId, BudgetName) => {
    const answer = await orAbsent(`read the budget ${BudgetName}`, () => budgets.send(new DescribeBudgetCommand({ AccountId, BudgetName })));
    if (!answer?.Budget) return undefined;
    const { Amount = "", Unit = "" } = answer.Budget.BudgetLimit ?? {};
    const ResourceARN = `arn:aws:budgets::${AccountId}:budget/${BudgetName}`;
    const [tags, notifications] = await Promise.all([
      orAbsent(`read the tags of the budget ${BudgetName}`, () => budgets.send(new ListTagsForResourceCommand({ ResourceARN }))),
      allPages(`list the alerts of the budget ${BudgetName}`, async (NextToken) => {
        const page = await budgets.send(new DescribeNotificationsForBudgetCommand({ AccountId, BudgetName, NextToken }));
        return { items: page.Notifications, next: page.NextToken };
      }),
    ]);
    const alerts = await Promise.all(notifications.map(async (one): Promise<Alert[]> => await alertOf(budgets, AccountId, BudgetName, one)));
    return { tags: tagMap(tags?.ResourceTags), amount: Amount, unit: Unit, alerts: alerts.flat() };
  },
});

/** Alerts of another kind than setup makes (absolute amounts, SNS topics alone) are somebody's own, and left alone. */
async function alertOf(budgets: BudgetsClient, AccountId: string, BudgetName: string, Notification: Notification): Promise<Alert[]> {
  const { NotificationType: type, Threshold: percent, ThresholdType = "PERCENTAGE", ComparisonOperator } = Notification;
  if ((type !== "ACTUAL" && type !== "FORECASTED") || percent === undefined || ThresholdType !== "PERCENTAGE" || ComparisonOperator !== "GREATER_THAN")
    return [];
  const subscribers = await allPages(`list who hears of the budget ${BudgetName}`, async (NextToken) => {
    const page = await budgets.send(new DescribeSubscribersForNotificationCommand({ AccountId, BudgetName, Notification, NextToken }));
    return { items: page.Subscribers, next: page.NextToken };
  });
  return [{ type, percent, emails: subscribers.filter(({ SubscriptionType }) => SubscriptionType === "EMAIL").map(({ Address = "" }) => Address) }];
}

export const billingCalls = (costs: CostExplorerClient, budgets: BudgetsClient): CallsOf<"ce" | "budgets"> => ({
  "ce:UpdateCostAllocationTagsStatus": [
    "activate the cost allocation tags",
    async (body) => {
      const { Errors = [] } = await costs.send(new UpdateCostAllocationTagsStatusCommand(body)).catch(paidElsewhere);
      if (Errors.length > 0) throw new Error(Errors.map(({ TagKey, Message }) => `${TagKey}: ${Message}`).join("; "));
    },
  ],
  "budgets:CreateBudget": ["make a budget", (body) => budgets.send(new CreateBudgetCommand(body))],
  "budgets:UpdateBudget": ["change a budget", (body) => budgets.send(new UpdateBudgetCommand(body))],
  "budgets:CreateNotification": ["add a budget's alert", (body) => budgets.send(new CreateNotificationCommand(body))],
  "budgets:DeleteNotification": ["take a budget's alert away", (body) => budgets.send(new DeleteNotificationCommand(body))],
  "budgets:DeleteBudget": ["delete a budget", (body) => budgets.send(new DeleteBudgetCommand(body))],
});

/** In an organization, the management account alone has the bill. */
function paidElsewhere(error: unknown): never {
  if (!/linked account/i.test(messageOf(error))) throw error;
  throw new ChartctlError({
    kind: "refused",
    code: "aws.linked-account",
    message: `The account's bill is its management account's: ${messageOf(error)}`,
    hint: "run chartctl setup aws with credentials of the management account",
    cause: error,
  });
}
