/** A tenant's role, tried: what STS, IAM and a few reads say of it. Nothing is changed. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetRoleCommand, IAMClient, ListRolesCommand, ListUsersCommand, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsCredentials } from "../../core/ports.ts";
import { interruption, unlessStopped } from "../../core/stoppable.ts";
import type { HarmlessRead, RightsCase, RoleProbe } from "../../core/tenants/role-probe.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings, usesPathStyle } from "./clients.ts";
import { assumeOrRefused, platformCredentials } from "./credentials.ts";
import { orAbsent, translated } from "./errors.ts";

const region = "us-east-1";
const seconds = 900; // the least that STS gives

type Options = { abortSignal: AbortSignal };

/** `interrupted`: Ctrl-C, which ends whatever AWS is asked then. Error `interrupted`. */
export function awsRoleProbe(
  env: AwsEnvironment,
  { profile, interrupted = new AbortController().signal }: { profile?: string | undefined; interrupted?: AbortSignal } = {},
): RoleProbe {
  const settings = (service: string, credentials: AwsCredentials) => clientSettings(env, service, region, credentials);
  const stoppable = async <T>(call: (options: Options) => Promise<T>): Promise<T> => await unlessStopped(interrupted, interruption, call);
  const source = platformCredentials(env, profile, { abortSignal: interrupted });
  const platform = () => stoppable(source);
  const nobodys = "not-of-chartctl";
  const reads: Record<HarmlessRead, (credentials: AwsCredentials, options: Options) => Promise<unknown>> = {
    "s3:ListAllMyBuckets": (as, options) =>
      new S3Client({ ...settings("S3", as), forcePathStyle: usesPathStyle(env) }).send(new ListBucketsCommand({ MaxBuckets: 1 }), options),
    "dynamodb:ListTables": (as, options) => new DynamoDBClient(settings("DYNAMODB", as)).send(new ListTablesCommand({ Limit: 1 }), options),
    "dynamodb:DescribeTable": (as, options) => new DynamoDBClient(settings("DYNAMODB", as)).send(new DescribeTableCommand({ TableName: nobodys }), options),
    "logs:DescribeLogGroups": (as, options) =>
      new CloudWatchLogsClient(settings("CLOUDWATCH_LOGS", as)).send(new DescribeLogGroupsCommand({ limit: 1 }), options),
    "logs:FilterLogEvents": (as, options) =>
      new CloudWatchLogsClient(settings("CLOUDWATCH_LOGS", as)).send(new FilterLogEventsCommand({ logGroupName: nobodys, limit: 1 }), options),
    "iam:ListRoles": (as, options) => new IAMClient(settings("IAM", as)).send(new ListRolesCommand({ MaxItems: 1 }), options),
    "iam:ListUsers": (as, options) => new IAMClient(settings("IAM", as)).send(new ListUsersCommand({ MaxItems: 1 }), options),
    "lambda:ListFunctions": (as, options) => new LambdaClient(settings("LAMBDA", as)).send(new ListFunctionsCommand({ MaxItems: 1 }), options),
  };
  return {
    principal: async () => {
      const credentials = await platform();
      return await stoppable((options) => platformPrincipal(env, credentials, options));
    },
    assume: async ({ roleArn, externalId, tags, policy }) => {
      const credentials = await platform();
      const input = {
        RoleArn: roleArn,
        RoleSessionName: "chartctl-verify",
        ExternalId: externalId,
        DurationSeconds: seconds,
        Policy: policy,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      };
      const answer = await stoppable((options) => assumeOrRefused(env, region, credentials, input, options));
      return "refused" in answer ? undefined : answer;
    },
    account: async (credentials) => {
      const sts = new STSClient(settings("STS", credentials));
      const { Account = "" } = await translated("say who is calling", () => stoppable((options) => sts.send(new GetCallerIdentityCommand({}), options)));
      return Account;
    },
    // What isn't there is an answer, too: to whom nothing is allowed, AWS doesn't say that.
    reads: async (credentials, read) =>
      (await unlessDenied(() => orAbsent(`try ${read}`, () => stoppable((options) => reads[read](credentials, options))))) !== "denied",
    trustPolicy: async (credentials, roleArn) => {
      const command = new GetRoleCommand({ RoleName: roleArn.split("/").at(-1) });
      const iam = new IAMClient(settings("IAM", credentials));
      const answer = await unlessDenied(() => translated(`read the role ${roleArn}`, () => stoppable((options) => iam.send(command, options))));
      if (answer === "denied" || !answer.Role?.AssumeRolePolicyDocument) return undefined;
      return JSON.parse(decodeURIComponent(answer.Role.AssumeRolePolicyDocument)); // IAM gives it URL-encoded
    },
    report: async (tenantId, credentials) => (await import("./costs/report-probe.ts")).reportProbe(env, tenantId, credentials, interrupted),
    simulate: async (credentials, roleArn, cases) => {
      const iam = new IAMClient(settings("IAM", credentials));
      const answers: boolean[] = [];
      for (const one of cases) {
        const answer = await unlessDenied(() =>
          translated(`simulate ${one.action}`, () => stoppable((options) => iam.send(simulation(roleArn, one), options))),
        );
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
async function platformPrincipal(env: AwsEnvironment, credentials: AwsCredentials, options: Options): Promise<string> {
  const sts = new STSClient(clientSettings(env, "STS", region, credentials));
  const { Arn: arn = "" } = await translated("say who is calling", () => sts.send(new GetCallerIdentityCommand({}), options));
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
  const read = await unlessDenied(() => orAbsent(`read the role ${name}`, () => iam.send(new GetRoleCommand({ RoleName: name }), options)));
  const found = read === "denied" ? undefined : read?.Role?.Arn;
  // Most roles have no path; of one that has, AWS refuses to save the trust policy, and says so.
  return found ?? `arn:${partition}:iam::${account}:role/${name}`;
}
