/** A tenant's role, tried: what STS, IAM and a few reads say of it. Nothing is changed. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetRoleCommand, IAMClient, ListRolesCommand, ListUsersCommand, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsCredentials } from "../../core/ports.ts";
import type { HarmlessRead, RightsCase, RoleProbe } from "../../core/tenants/role-probe.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings, usesPathStyle } from "./clients.ts";
import { assumeOrRefused, platformCredentials } from "./credentials.ts";
import { orAbsent, translated } from "./errors.ts";

const region = "us-east-1";
const seconds = 900; // the least that STS gives

export function awsRoleProbe(env: AwsEnvironment, profile?: string): RoleProbe {
  const settings = (service: string, credentials: AwsCredentials) => clientSettings(env, service, region, credentials);
  const platform = platformCredentials(env, profile);
  const nobodys = "not-of-chartctl";
  const reads: Record<HarmlessRead, (credentials: AwsCredentials) => Promise<unknown>> = {
    "s3:ListAllMyBuckets": (as) => new S3Client({ ...settings("S3", as), forcePathStyle: usesPathStyle(env) }).send(new ListBucketsCommand({ MaxBuckets: 1 })),
    "dynamodb:ListTables": (as) => new DynamoDBClient(settings("DYNAMODB", as)).send(new ListTablesCommand({ Limit: 1 })),
    "dynamodb:DescribeTable": (as) => new DynamoDBClient(settings("DYNAMODB", as)).send(new DescribeTableCommand({ TableName: nobodys })),
    "logs:DescribeLogGroups": (as) => new CloudWatchLogsClient(settings("CLOUDWATCH_LOGS", as)).send(new DescribeLogGroupsCommand({ limit: 1 })),
    "logs:FilterLogEvents": (as) =>
      new CloudWatchLogsClient(settings("CLOUDWATCH_LOGS", as)).send(new FilterLogEventsCommand({ logGroupName: nobodys, limit: 1 })),
    "iam:ListRoles": (as) => new IAMClient(settings("IAM", as)).send(new ListRolesCommand({ MaxItems: 1 })),
    "iam:ListUsers": (as) => new IAMClient(settings("IAM", as)).send(new ListUsersCommand({ MaxItems: 1 })),
    "lambda:ListFunctions": (as) => new LambdaClient(settings("LAMBDA", as)).send(new ListFunctionsCommand({ MaxItems: 1 })),
  };
  return {
    principal: async () => await platformPrincipal(env, await platform()),
    assume: async ({ roleArn, externalId, tags, policy }) => {
      const answer = await assumeOrRefused(env, region, await platform(), {
        RoleArn: roleArn,
        RoleSessionName: "chartctl-verify",
        ExternalId: externalId,
        DurationSeconds: seconds,
        Policy: policy,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      });
      return "refused" in answer ? undefined : answer;
    },
    account: async (credentials) => {
      const { Account = "" } = await translated("say who is calling", () => new STSClient(settings("STS", credentials)).send(new GetCallerIdentityCommand({})));
      return Account;
    },
    // What isn't there is an answer, too: to whom nothing is allowed, AWS doesn't say that.
    reads: async (credentials, read) => (await unlessDenied(() => orAbsent(`try ${read}`, async () => await reads[read](credentials)))) !== "denied",
    trustPolicy: async (credentials, roleArn) => {
      const command = new GetRoleCommand({ RoleName: roleArn.split("/").at(-1) });
      const answer = await unlessDenied(() => translated(`read the role ${roleArn}`, () => new IAMClient(settings("IAM", credentials)).send(command)));
      if (answer === "denied" || !answer.Role?.AssumeRolePolicyDocument) return undefined;
      return JSON.parse(decodeURIComponent(answer.Role.AssumeRolePolicyDocument)); // IAM gives it URL-encoded
    },
    report: async (tenantId, credentials) => (await import("./costs/report-probe.ts")).reportProbe(env, tenantId, credentials),
    simulate: async (credentials, roleArn, cases) => {
      const iam = new IAMClient(settings("IAM", credentials));
      const answers: boolean[] = [];
      for (const one of cases) {
        const answer = await unlessDenied(() => translated(`simulate ${one.action}`, () => iam.send(simulation(roleArn, one))));
        if (answer === "denied") return undefined;
        answers.push(answer.EvaluationResults?.[0]?.EvalDecision === "allowed");
      }
      return answers;
    },
  };
}

const simulation = (roleArn: string, { action, resource, context }: RightsCase): SimulatePrincipalPolicyCommand =>
  new SimulatePrincipalPolicyCommand({
    PolicySourceArn: roleArn,
    ActionNames: [action],
    ResourceArns: [resource],
    ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({ ContextKeyName, ContextKeyType: "string", ContextKeyValues: [value] })),
  });

async function unlessDenied<T>(call: () => Promise<T>): Promise<T | "denied"> {
  try {
    return await call();
  } catch (error) {
    if (isChartctlError(error) && error.code === "aws.access-denied") return "denied";
    throw error;
  }
}

/** A session's ARN lacks its role's path, and a trust policy needs it. Error `aws.principal` (refused). */
async function platformPrincipal(env: AwsEnvironment, credentials: AwsCredentials): Promise<string> {
  const sts = new STSClient(clientSettings(env, "STS", region, credentials));
  const { Arn: arn = "" } = await translated("say who is calling", () => sts.send(new GetCallerIdentityCommand({})));
  if (/:iam::\d+:user\//.test(arn)) return arn;
  const [, partition, account, name] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (!name) {
    throw new ChartctlError({
      kind: "refused",
      code: "aws.principal",
      message: `You work as ${arn}, which no tenant's role should trust`,
      hint: "after chartctl setup aws, set CHARTCTL_BROKER_ROLE_ARN; or name a profile of a role or user: --aws-profile NAME; or say whom the role is to trust: --principal ARN",
    });
  }
  const iam = new IAMClient(clientSettings(env, "IAM", region, credentials));
  const read = await unlessDenied(() => orAbsent(`read the role ${name}`, () => iam.send(new GetRoleCommand({ RoleName: name }))));
  const found = read === "denied" ? undefined : read?.Role?.Arn;
  // Most roles have no path; of one that has, AWS refuses to save the trust policy, and says so.
  return found ?? `arn:${partition}:iam::${account}:role/${name}`;
}
