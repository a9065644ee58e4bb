/** AWS as `setup aws` sees it: reads that answer undefined for what isn't there, and the calls that change something. */
import type { Changes } from "../steps.ts";

type Tags = Record<string, string | undefined>;

export interface FoundRole {
  arn: string;
  tags: Tags;
  /** The trust policy. */
  trust: unknown;
  /** Names of its inline policies, and ARNs of attached ones. */
  inline: string[];
  attached: string[];
}

export interface FoundPolicy {
  tags: Tags;
  document: unknown;
  /** Oldest first, the one in force left out. */
  otherVersions: string[];
  /** How many roles and users have it, as a policy or as their boundary. */
  uses: number;
}

export interface Alert {
  type: "ACTUAL" | "FORECASTED";
  percent: number;
  emails: string[];
}
export interface FoundBudget {
  tags: Tags;
  amount: string;
  unit: string;
  alerts: Alert[];
}

/** Documents are data here; the adapter sends them as text. */
export interface AwsCalls {
  "iam:CreateRole": { RoleName: string; Description: string; AssumeRolePolicyDocument: object; Tags: { Key: string; Value: string }[] };
  "iam:UpdateAssumeRolePolicy": { RoleName: string; PolicyDocument: object };
  "iam:PutRolePolicy": { RoleName: string; PolicyName: string; PolicyDocument: object };
  "iam:DeleteRolePolicy": { RoleName: string; PolicyName: string };
  "iam:DeleteRole": { RoleName: string };
  "iam:CreatePolicy": { PolicyName: string; Description: string; PolicyDocument: object; Tags: { Key: string; Value: string }[] };
  "iam:CreatePolicyVersion": { PolicyArn: string; PolicyDocument: object; SetAsDefault: true };
  "iam:DeletePolicyVersion": { PolicyArn: string; VersionId: string };
  "iam:DeletePolicy": { PolicyArn: string };
  "ce:UpdateCostAllocationTagsStatus": { CostAllocationTagsStatus: { TagKey: string; Status: "Active" }[] };
  "budgets:CreateBudget": {
    AccountId: string;
    Budget: Budget;
    NotificationsWithSubscribers: { Notification: Notification; Subscribers: Subscriber[] }[];
    ResourceTags: { Key: string; Value: string }[];
  };
  "budgets:UpdateBudget": { AccountId: string; NewBudget: Budget };
  "budgets:CreateNotification": { AccountId: string; BudgetName: string; Notification: Notification; Subscribers: Subscriber[] };
  "budgets:DeleteNotification": { AccountId: string; BudgetName: string; Notification: Notification };
  "budgets:DeleteBudget": { AccountId: string; BudgetName: string };
}
export interface Budget {
  BudgetName: string;
  BudgetType: "COST";
  TimeUnit: "MONTHLY";
  BudgetLimit: { Amount: string; Unit: "USD" };
}
export interface Notification {
  NotificationType: Alert["type"];
  ComparisonOperator: "GREATER_THAN";
  Threshold: number;
  ThresholdType: "PERCENTAGE";
}
interface Subscriber {
  SubscriptionType: "EMAIL";
  Address: string;
}

export interface AwsSetup {
  caller(): Promise<{ accountId: string; arn: string }>;
  role(name: string): Promise<FoundRole | undefined>;
  /** An inline policy's document. */
  rolePolicy(role: string, policy: string): Promise<unknown>;
  policy(arn: string): Promise<FoundPolicy | undefined>;
  /** Status by key; a tag that no bill has shown yet isn't there. Error `aws.linked-account` (`refused`) where another account pays. */
  costTags(keys: readonly string[]): Promise<Record<string, "Active" | "Inactive">>;
  budget(accountId: string, name: string): Promise<FoundBudget | undefined>;
  /** Errors: `aws.exists` (`conflict`) for a thing that was made meanwhile. A deletion of what isn't there is done. */
  send<Operation extends keyof AwsCalls>(operation: Operation, body: AwsCalls[Operation]): Promise<void>;
}

/** Sends the call, or shows it in a dry run. */
export const change = async <Operation extends keyof AwsCalls>(
  changes: Changes,
  aws: AwsSetup,
  operation: Operation,
  body: AwsCalls[Operation],
): Promise<void> => await changes.make({ operation, body }, async () => await aws.send(operation, body), undefined);
