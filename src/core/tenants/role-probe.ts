/** What is asked of AWS about a tenant's role. */
import type { AwsCredentials } from "../ports.ts";
import type { ReportProbe } from "./verify-billing.ts";

export interface AssumeAttempt {
  roleArn: string;
  externalId: string | undefined;
  tags: Record<string, string>;
  /** A session policy; none leaves all that the role has. */
  policy: string | undefined;
}

/** Reads that change nothing and show nothing: whether AWS answers them is all that is asked. */
export const harmlessReads = {
  needed: ["s3:ListAllMyBuckets", "dynamodb:ListTables", "logs:DescribeLogGroups", "iam:ListRoles"],
  refused: ["iam:ListUsers", "lambda:ListFunctions", "dynamodb:DescribeTable", "logs:FilterLogEvents"],
} as const;
export type HarmlessRead = (typeof harmlessReads)["needed" | "refused"][number];

export interface RightsCase {
  action: string;
  resource: string;
  /** Condition keys of the request. */
  context: Record<string, string>;
}

/** AWS, as the platform may ask it of a tenant's role. A request that AWS neither answers nor refuses is an error: it proves nothing. */
export interface RoleProbe {
  /** The role (with its path) or user that assumes tenants' roles. */
  principal(): Promise<string>;
  /** Undefined: refused. */
  assume(attempt: AssumeAttempt): Promise<AwsCredentials | undefined>;
  account(credentials: AwsCredentials): Promise<string>;
  /** True: AWS answers it. `refused` ones name things that no project has. */
  reads(credentials: AwsCredentials, read: HarmlessRead): Promise<boolean>;
  /** The role's trust policy; undefined where it may not look at itself. */
  trustPolicy(credentials: AwsCredentials, roleArn: string): Promise<unknown>;
  /** With a session that reads costs. */
  report(tenantId: string, credentials: AwsCredentials): Promise<ReportProbe>;
  /** What IAM says that the role may do; undefined where it may not ask. */
  simulate(credentials: AwsCredentials, roleArn: string, cases: RightsCase[]): Promise<boolean[] | undefined>;
}
