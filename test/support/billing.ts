/** Budgets and cost allocation tags, which the emulator has only in part: checks each request, keeps what it is told. */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { onLoopback } from "./loopback.ts";

/** Shapes as the API references of AWS Budgets and Cost Explorer have them, as far as chartctl uses them; anything else is refused. */
const accountId = z.string().regex(/^\d{12}$/);
const budgetName = z.string().regex(/^(?![^:\\]*\/action\/)[^:\\]{1,100}$/);
const named = z.strictObject({ AccountId: accountId, BudgetName: budgetName });
const paged = named.extend({ NextToken: z.string().optional() });
const notification = z.strictObject({
  NotificationType: z.enum(["ACTUAL", "FORECASTED"]),
  ComparisonOperator: z.enum(["GREATER_THAN", "LESS_THAN", "EQUAL_TO"]),
  Threshold: z.number().positive(),
  ThresholdType: z.enum(["PERCENTAGE", "ABSOLUTE_VALUE"]).optional(),
  NotificationState: z.enum(["OK", "ALARM"]).optional(),
});
const subscribers = z
  .array(z.strictObject({ SubscriptionType: z.enum(["EMAIL", "SNS"]), Address: z.string().regex(/^\S+@\S+$/) }))
  .min(1)
  .max(11);
const budget = z.strictObject({
  BudgetName: budgetName,
  BudgetType: z.literal("COST"),
  TimeUnit: z.literal("MONTHLY"),
  BudgetLimit: z.strictObject({ Amount: z.string().regex(/^\d*\.?\d+$/), Unit: z.literal("USD") }),
});
const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));
const requests = {
  CreateBudget: z.strictObject({
    AccountId: accountId,
    Budget: budget,
    NotificationsWithSubscribers: z.array(z.strictObject({ Notification: notification, Subscribers: subscribers })).max(10),
    ResourceTags: tags,
  }),
  UpdateBudget: z.strictObject({ AccountId: accountId, NewBudget: budget }),
  DescribeBudget: named,
  DeleteBudget: named,
  DescribeNotificationsForBudget: paged,
  DescribeSubscribersForNotification: paged.extend({ Notification: notification }),
  CreateNotification: named.extend({ Notification: notification, Subscribers: subscribers }),
  DeleteNotification: named.extend({ Notification: notification }),
  ListTagsForResource: z.strictObject({ ResourceARN: z.string().regex(/^arn:aws:budgets::\d{12}:budget\/.+$/) }),
  ListCostAllocationTags: z.strictObject({ TagKeys: z.array(z.string()).max(100), Type: z.literal("UserDefined"), NextToken: z.string().optional() }),
  UpdateCostAllocationTagsStatus: z.strictObject({
    CostAllocationTagsStatus: z
      .array(z.strictObject({ TagKey: z.string(), Status: z.enum(["Active", "Inactive"]) }))
      .min(1)
      .max(20),
  }),
};
type Requests = { [Name in keyof typeof requests]: z.infer<(typeof requests)[Name]> };
type Answers = { [Name in keyof Requests]: (body: Requests[Name]) => object };

export interface KeptBudget {
  budget: z.infer<typeof budget>;
  tags: z.infer<typeof tags>;
  alerts: { notification: z.infer<typeof notification>; subscribers: z.infer<typeof subscribers> }[];
}

export interface Billing {
  url: string;
  /** Tags that AWS has seen on a bill; others are unknown to it. */
  tags: Map<string, "Active" | "Inactive">;
  budgets: Map<string, KeptBudget>;
  /** Answers cost allocation tags as it does to an account of an organization. */
  linked: boolean;
  close(): Promise<void>;
}

class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export async function startBilling(): Promise<Billing> {
  const state: Pick<Billing, "tags" | "budgets" | "linked"> = { tags: new Map(), budgets: new Map(), linked: false };
  const known = (name: string): KeptBudget => {
    const found = state.budgets.get(name);
    if (!found) throw new Refusal("NotFoundException", `Unable to get budget: ${name} - the budget doesn't exist.`);
    return found;
  };
  const same = (a: z.infer<typeof notification>, b: z.infer<typeof notification>): boolean =>
    a.NotificationType === b.NotificationType && a.Threshold === b.Threshold;
  const payer = (): void => {
    if (state.linked) throw new Refusal("AccessDeniedException", "Linked account doesn't have access to cost allocation tags.");
  };
  const answers: Answers = {
    CreateBudget: ({ Budget, NotificationsWithSubscribers, ResourceTags }) => {
      if (state.budgets.has(Budget.BudgetName)) throw new Refusal("DuplicateRecordException", "the budget already exists.");
      const alerts = NotificationsWithSubscribers.map(({ Notification, Subscribers }) => ({ notification: Notification, subscribers: Subscribers }));
      state.budgets.set(Budget.BudgetName, { budget: Budget, tags: ResourceTags, alerts });
      return {};
    },
    UpdateBudget: ({ NewBudget }) => {
      known(NewBudget.BudgetName).budget = NewBudget;
      return {};
    },
    DescribeBudget: ({ BudgetName }) => ({ Budget: known(BudgetName).budget }),
    DeleteBudget: ({ BudgetName }) => {
      known(BudgetName);
      state.budgets.delete(BudgetName);
      return {};
    },
    DescribeNotificationsForBudget: ({ BudgetName }) => ({ Notifications: known(BudgetName).alerts.map((alert) => alert.notification) }),
    DescribeSubscribersForNotification: ({ BudgetName, Notification }) => ({
      Subscribers: known(BudgetName).alerts.find((alert) => same(alert.notification, Notification))?.subscribers ?? [],
    }),
    CreateNotification: ({ BudgetName, Notification, Subscribers }) => {
      if (known(BudgetName).alerts.some((alert) => same(alert.notification, Notification)))
        throw new Refusal("DuplicateRecordException", "Duplicate notification");
      known(BudgetName).alerts.push({ notification: Notification, subscribers: Subscribers });
      return {};
    },
    DeleteNotification: ({ BudgetName, Notification }) => {
      const kept = known(BudgetName);
      if (!kept.alerts.some((alert) => same(alert.notification, Notification))) throw new Refusal("NotFoundException", "the notification doesn't exist.");
      kept.alerts = kept.alerts.filter((alert) => !same(alert.notification, Notification));
      return {};
    },
    ListTagsForResource: ({ ResourceARN }) => ({ ResourceTags: known(ResourceARN.split("/").at(-1) ?? "").tags }),
    ListCostAllocationTags: ({ TagKeys }) => {
      payer();
      const listed = TagKeys.flatMap((TagKey) => (state.tags.has(TagKey) ? [{ TagKey, Type: "UserDefined", Status: state.tags.get(TagKey) }] : []));
      return { CostAllocationTags: listed };
    },
    UpdateCostAllocationTagsStatus: ({ CostAllocationTagsStatus }) => {
      payer();
      const unseen = CostAllocationTagsStatus.filter(({ TagKey }) => !state.tags.has(TagKey));
      for (const { TagKey, Status } of CostAllocationTagsStatus) if (state.tags.has(TagKey)) state.tags.set(TagKey, Status);
      return { Errors: unseen.map(({ TagKey }) => ({ TagKey, Code: "TagKeyNotFound", Message: "Tag key not found" })) };
    },
  };
  const server = createServer(async (incoming, outgoing) => {
    const reply = (status: number, body: object): void =>
      void outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    const [service, name = ""] = String(incoming.headers["x-amz-target"]).split(".");
    try {
      if (!/^(AWSBudgetServiceGateway|AWSInsightsIndexService)$/.test(service ?? "") || !(name in requests))
        throw new Refusal("UnknownOperationException", name);
      const schema: z.ZodType = requests[name as keyof Requests];
      const asked = schema.safeParse(await json(incoming));
      if (!asked.success) throw new Refusal("ValidationException", z.prettifyError(asked.error));
      reply(200, answers[name as keyof Requests](asked.data as never));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reply(400, { __type: error.code, Message: error.message, message: error.message });
    }
  });
  return Object.assign(state, await onLoopback(server));
}
