/** AWS as `setup aws` sees it, as the operator. */
import { BudgetsClient } from "@aws-sdk/client-budgets";
import { CostExplorerClient } from "@aws-sdk/client-cost-explorer";
import { IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsCalls, AwsSetup } from "../../../core/setup/aws/ports.ts";
import { ChartctlError, messageOf } from "../../../errors.ts";
import type { AwsEnvironment } from "../clients.ts";
import { clientSettings } from "../clients.ts";
import { operatorCredentials } from "../credentials.ts";
import { orAbsent, translated } from "../errors.ts";
import { billingCalls, billingReads } from "./billing.ts";
import { identityCalls, identityReads } from "./identity.ts";

/** The services that setup speaks to have one endpoint, whatever the projects' regions. */
const region = "us-east-1";

export async function awsSetup(env: AwsEnvironment, profile: string | undefined): Promise<AwsSetup> {
  const credentials = await operatorCredentials(env, profile);
  const settings = (service: string) => clientSettings(env, service, region, credentials);
  const iam = new IAMClient(settings("IAM"));
  const costs = new CostExplorerClient(settings("COST_EXPLORER"));
  const budgets = new BudgetsClient(settings("BUDGETS"));
  const calls = { ...identityCalls(iam), ...billingCalls(costs, budgets) } as { [Operation in keyof AwsCalls]: [string, (body: never) => Promise<unknown>] };
  return {
    caller: async () => {
      const sts = new STSClient(settings("STS"));
      const { Account = "", Arn = "" } = await translated("say who is calling", () => sts.send(new GetCallerIdentityCommand({})));
      return { accountId: Account, arn: Arn };
    },
    ...identityReads(iam),
    ...billingReads(costs, budgets),
    send: async (operation, body) => {
      const [doing, send] = calls[operation];
      const call = () => send(body as never).catch(existing);
      await (operation.includes(":Delete") ? orAbsent(doing, call) : translated(doing, call));
    },
  };
}

function existing(error: unknown): never {
  if (!/^(EntityAlreadyExists(Exception)?|DuplicateRecordException)$/.test((error as Error).name)) throw error;
  throw new ChartctlError({
    kind: "conflict",
    code: "aws.exists",
    message: `It was made meanwhile: ${messageOf(error)}`,
    hint: "run the command again: it looks at what stands",
    cause: error,
  });
}
