/** An account of a test's own for `setup aws`: IAM by the emulator, budgets and cost tags by a stand-in, a proxy before both. */
import {
  CreatePolicyVersionCommand,
  IAMClient,
  ListPoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { awsSetup } from "../../../src/adapters/aws/setup/setup.ts";
import { boundaryArn } from "../../../src/core/lifecycle/boundary-policy.ts";
import { brokerName, provisioningName } from "../../../src/core/setup/aws/names.ts";
import { canonical } from "../../../src/core/setup/aws/policy.ts";
import type { AwsSetup } from "../../../src/core/setup/aws/ports.ts";
import { accountOf, setUpAws } from "../../../src/core/setup/aws/set-up.ts";
import { tearDownAws } from "../../../src/core/setup/aws/tear-down.ts";
import type { SetupReport, Step } from "../../../src/core/setup/steps.ts";
import { runSteps } from "../../../src/core/setup/steps.ts";
import type { AwsProxy } from "../../support/aws-proxy.ts";
import { proxyAws } from "../../support/aws-proxy.ts";
import type { Billing, KeptBudget } from "../../support/billing.ts";
import { startBilling } from "../../support/billing.ts";
import { startMoto } from "./moto.ts";

const never = { gentle: new AbortController().signal, now: new AbortController().signal };
export const accountId = "123456789012";
const budget = { monthlyCents: 50_000, email: "ops@example.org" };
const principal = { arn: `arn:aws:iam::${accountId}:user/platform`, how: "as given" };
/** As the stand-in knows them before setup. */
const tags = ["ManagedBy", "TenantId", "UserId", "ProjectId", "ProjectKey", "Project", "Environment"];

/** What setup could have made, and what AWS doesn't make up. */
export interface Standing {
  roles: { name: string; tags: unknown; trust: string; policies: [string, string][]; attached: unknown }[];
  policies: { arn: string; tags: unknown; document: unknown }[];
  budgets: [string, KeptBudget][];
  tags: [string, string][];
}

export interface Account {
  proxy: AwsProxy;
  billing: Billing;
  iam: IAMClient;
  connect(): Promise<AwsSetup>;
  run(steps: Step[], dryRun: boolean): Promise<SetupReport>;
  /** `null`: no budget is asked for. */
  setUp(options?: { budget?: null; dryRun?: boolean }): Promise<SetupReport>;
  tearDown(): Promise<SetupReport>;
  /** Changes by hand everything that setup made. */
  disarrange(): Promise<void>;
  /** Read past the proxy. */
  standing(): Promise<Standing>;
  empty(): Promise<void>;
  close(): Promise<void>;
}

export const outcomes = ({ steps }: SetupReport) => steps.map(({ outcome }) => outcome);

export async function openAccount(): Promise<Account> {
  const [moto, billing] = await Promise.all([startMoto(), startBilling()]);
  const proxy = await proxyAws(moto.endpoint, 1, { ce: billing.url, budgets: billing.url });
  const iam = new IAMClient({ endpoint: moto.endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const connect = () => awsSetup({ ...moto.env, AWS_ENDPOINT_URL: proxy.url }, undefined);
  const run: Account["run"] = (steps, dryRun) =>
    runSteps(steps, { dryRun, progress: () => {}, interrupt: never, goOn: "chartctl setup aws", undo: "chartctl setup aws --teardown" });
  return {
    proxy,
    billing,
    iam,
    connect,
    run,
    setUp: async (options = {}) => {
      const aws = await connect();
      const account = await accountOf(aws, { accountId, principal, hints: { profile: undefined, keys: true, webIdentity: false } });
      const wish = options.budget === null ? undefined : budget;
      return await run(setUpAws(aws, { accountId, principalArn: account.principal.arn }, wish), options.dryRun ?? false);
    },
    tearDown: async () => {
      const aws = await connect();
      const account = await aws.caller();
      return await run(tearDownAws(aws, account.accountId), false);
    },
    disarrange: async () => {
      const anyone = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: "sts:AssumeRole" }],
      };
      const all = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: brokerName, PolicyDocument: JSON.stringify(anyone) }));
      await iam.send(new PutRolePolicyCommand({ RoleName: provisioningName, PolicyName: "chartctl", PolicyDocument: all }));
      for (let times = 0; times < 4; times++)
        await iam.send(new CreatePolicyVersionCommand({ PolicyArn: boundaryArn(accountId), PolicyDocument: all, SetAsDefault: true }));
      billing.tags.set("TenantId", "Inactive");
      const kept = billing.budgets.get("chartctl-monthly");
      if (!kept) throw new Error("no budget to disarrange");
      kept.budget.BudgetLimit.Amount = "9000";
      kept.alerts.pop();
      for (const { subscribers } of kept.alerts) subscribers.push({ SubscriptionType: "EMAIL", Address: "old@example.org" });
    },
    standing: async () => {
      const [{ Roles = [] }, { Policies = [] }] = await Promise.all([
        iam.send(new ListRolesCommand({})),
        iam.send(new ListPoliciesCommand({ Scope: "Local" })),
      ]);
      const past = await awsSetup({ ...moto.env, AWS_ENDPOINT_URL: moto.endpoint }, undefined);
      const names = Roles.map(({ RoleName = "" }) => RoleName).toSorted();
      const roles = names.map(async (name) => {
        const role = await past.role(name);
        const policies = (role?.inline ?? []).map(async (policy): Promise<[string, string]> => [policy, canonical(await past.rolePolicy(name, policy))]);
        return { name, tags: role?.tags, trust: canonical(role?.trust), policies: await Promise.all(policies), attached: role?.attached };
      });
      const policies = Policies.map(async ({ Arn: arn = "" }) => {
        const policy = await past.policy(arn);
        return { arn, tags: policy?.tags, document: policy?.document };
      });
      return {
        roles: await Promise.all(roles),
        policies: await Promise.all(policies),
        budgets: structuredClone([...billing.budgets]),
        tags: [...billing.tags].sort(),
      };
    },
    empty: async () => {
      await moto.reset();
      billing.linked = false;
      billing.budgets.clear();
      billing.tags.clear();
      for (const tag of tags) billing.tags.set(tag, "Inactive");
    },
    close: async () => {
      await Promise.all([proxy.close(), billing.close()]);
      await moto.stop();
    },
  };
}
