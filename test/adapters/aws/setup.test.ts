/** `setup aws` on a real IAM emulator: what stands after it, after it again, after every fault, and after it is taken away. */
import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  ListPoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { awsSetup } from "../../../src/adapters/aws/setup/setup.ts";
import { boundaryArn, boundaryPolicy } from "../../../src/core/lifecycle/boundary-policy.ts";
import { brokerName, provisioningName } from "../../../src/core/setup/aws/names.ts";
import { canonical } from "../../../src/core/setup/aws/policy.ts";
import type { FoundPolicy } from "../../../src/core/setup/aws/ports.ts";
import { accountOf, setUpAws } from "../../../src/core/setup/aws/set-up.ts";
import { tearDownAws } from "../../../src/core/setup/aws/tear-down.ts";
import type { SetupReport, Step } from "../../../src/core/setup/steps.ts";
import { runSteps } from "../../../src/core/setup/steps.ts";
import type { ChartctlError } from "../../../src/errors.ts";
import { isChartctlError } from "../../../src/errors.ts";
import type { AwsProxy, Fault } from "../../support/aws-proxy.ts";
import { proxyAws } from "../../support/aws-proxy.ts";
import type { Billing } from "../../support/billing.ts";
import { startBilling } from "../../support/billing.ts";
import type { Moto } from "./moto.ts";
import { startMoto } from "./moto.ts";

const never = { gentle: new AbortController().signal, now: new AbortController().signal };
const accountId = "123456789012";
const budget = { monthlyCents: 50_000, email: "ops@example.org" };
const principal = { arn: `arn:aws:iam::${accountId}:user/platform`, how: "as given" };
const every = ["ManagedBy", "TenantId", "UserId", "ProjectId", "ProjectKey", "Project", "Environment"];

let moto: Moto;
let billing: Billing;
let proxy: AwsProxy;
let iam: IAMClient;

beforeAll(async () => {
  [moto, billing] = await Promise.all([startMoto(), startBilling()]);
  proxy = await proxyAws(moto.endpoint, 1, { ce: billing.url, budgets: billing.url });
  iam = new IAMClient({ endpoint: moto.endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
}, 60_000);
afterAll(async () => {
  await Promise.all([proxy?.close(), billing?.close()]);
  await moto?.stop();
});
beforeEach(async () => {
  await moto.reset();
  billing.linked = false;
  billing.budgets.clear();
  billing.tags.clear();
  for (const tag of every) billing.tags.set(tag, "Inactive");
});

const connect = () => awsSetup({ ...moto.env, AWS_ENDPOINT_URL: proxy.url }, undefined);
const run = async (steps: Step[], dryRun: boolean): Promise<SetupReport> =>
  await runSteps(steps, { dryRun, progress: () => {}, interrupt: never, goOn: "chartctl setup aws", undo: "chartctl setup aws --teardown" });
const setUp = async (wish: typeof budget | null = budget, dryRun = false): Promise<SetupReport> => {
  const aws = await connect();
  const account = await accountOf(aws, { accountId, principal, hints: { profile: undefined, keys: true, webIdentity: false } });
  return await run(setUpAws(aws, { accountId, principalArn: account.principal.arn }, wish ?? undefined), dryRun);
};
const tearDown = async (dryRun = false): Promise<SetupReport> => {
  const aws = await connect();
  const account = await aws.caller();
  return await run(tearDownAws(aws, account.accountId), dryRun);
};
const outcomes = ({ steps }: SetupReport) => steps.map(({ outcome }) => outcome);

/** All that setup could have made, read without its own code; what AWS makes up (ids, times) left out. */
async function standing() {
  const [{ Roles = [] }, { Policies = [] }] = await Promise.all([iam.send(new ListRolesCommand({})), iam.send(new ListPoliciesCommand({ Scope: "Local" }))]);
  const raw = await awsSetup(moto.env, undefined);
  const roles = await Promise.all(
    Roles.map(({ RoleName = "" }) => RoleName)
      .toSorted()
      .map(async (RoleName) => {
        const role = await raw.role(RoleName);
        const policies = await Promise.all((role?.inline ?? []).map(async (name) => [name, canonical(await raw.rolePolicy(RoleName, name))]));
        return { RoleName, tags: role?.tags, trust: canonical(role?.trust), policies, attached: role?.attached };
      }),
  );
  const policies = await Promise.all(Policies.map(async ({ Arn = "" }) => ({ Arn, ...(await raw.policy(Arn)) })));
  return { roles, policies, budgets: [...billing.budgets], tags: [...billing.tags] };
}

describe("setup aws", { timeout: 60_000 }, () => {
  it("makes everything, tagged; again, it finds it all and changes nothing", async () => {
    expect(outcomes(await setUp())).toEqual(["made", "made", "made", "changed", "made"]);
    const made = await standing();
    expect(made.roles.map(({ RoleName }) => RoleName)).toEqual([brokerName, provisioningName]);
    for (const { tags } of [...made.roles, ...made.policies]) expect(tags).toEqual({ ManagedBy: "chart-app-platform" });
    expect(made.policies.map(({ document }) => document)).toEqual([boundaryPolicy()]);
    expect(made.budgets.map(([name, { tags }]) => [name, tags])).toEqual([["chartctl-monthly", [{ Key: "ManagedBy", Value: "chart-app-platform" }]]]);
    expect(new Set(billing.tags.values())).toEqual(new Set(["Active"]));

    const before = proxy.seen.length;
    expect(outcomes(await setUp())).toEqual(["found", "found", "found", "found", "found"]);
    expect(proxy.seen.slice(before).filter((what) => !/Get|List|Describe/.test(what))).toEqual([]);
    expect(await standing()).toEqual(made);
  });

  it("shows exactly the calls that it then makes, and makes none of them in a dry run", async () => {
    const nothing = await standing();
    const { calls } = await setUp(budget, true);
    expect(await standing()).toEqual(nothing);
    const before = proxy.seen.length;
    await setUp();
    const sent = proxy.seen.slice(before).filter((what) => !/Get|List|Describe/.test(what));
    const name = (what: string): string => /\.?(\w+) POST/.exec(what)?.[1] ?? what;
    expect(sent.map(name)).toEqual(calls.map(({ operation }) => operation.split(":")[1]));
  });

  it("mends what was changed by hand, and only that", async () => {
    await setUp();
    const made = await standing();
    const anyone = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: "sts:AssumeRole" }],
    });
    const all = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: brokerName, PolicyDocument: anyone }));
    await iam.send(new PutRolePolicyCommand({ RoleName: provisioningName, PolicyName: "chartctl", PolicyDocument: all }));
    for (let times = 0; times < 4; times++)
      await iam.send(new CreatePolicyVersionCommand({ PolicyArn: boundaryArn(accountId), PolicyDocument: all, SetAsDefault: true }));
    billing.tags.set("TenantId", "Inactive");
    const kept = billing.budgets.get("chartctl-monthly");
    if (kept) kept.budget.BudgetLimit.Amount = "9000";
    kept?.alerts.pop();
    for (const { subscribers } of kept?.alerts ?? []) subscribers.push({ SubscriptionType: "EMAIL", Address: "old@example.org" });

    expect(outcomes(await setUp())).toEqual(["changed", "changed", "changed", "changed", "changed"]);
    const mended = await standing();
    expect(mended.roles).toEqual(made.roles);
    expect(mended.budgets).toEqual(made.budgets);
    expect(mended.policies[0]?.document).toEqual(boundaryPolicy());
    expect(outcomes(await setUp())).toEqual(["found", "found", "found", "found", "found"]);
  });

  it("says which rights a role has that setup didn't give it", async () => {
    await setUp();
    await iam.send(new AttachRolePolicyCommand({ RoleName: brokerName, PolicyArn: boundaryArn(accountId) }));
    const { steps } = await setUp();
    expect(steps[1]).toMatchObject({ outcome: "waits", detail: expect.stringContaining(boundaryArn(accountId)) });
    await expect(tearDown()).rejects.toMatchObject({ kind: "conflict", code: "aws.role-in-use", hint: expect.stringContaining("detach-role-policy") });
  });

  it("takes over nothing that lacks the platform's tag, and deletes nothing of the kind", async () => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await iam.send(new CreateRoleCommand({ RoleName: provisioningName, AssumeRolePolicyDocument: trust }));
    const refusal = { kind: "conflict", code: "aws.not-ours", message: expect.stringMatching(/Stopped at role chartctl-provisioning.*somebody else's/) };
    await expect(setUp()).rejects.toMatchObject(refusal);
    await expect(tearDown()).rejects.toMatchObject(refusal);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: provisioningName }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
  });

  it("waits for tags that AWS hasn't seen, for the account that pays, and for a budget to be asked for", async () => {
    billing.tags.delete("ProjectKey");
    const { steps } = await setUp(null);
    expect(steps[3]).toMatchObject({ outcome: "waits", detail: expect.stringMatching(/hasn't seen ProjectKey yet.*chartctl setup aws again/) });
    expect(billing.tags.get("TenantId")).toBe("Active");
    expect(steps[4]).toMatchObject({ outcome: "waits", detail: expect.stringContaining("--budget") });
    billing.linked = true;
    expect((await setUp(null)).steps[3]).toMatchObject({ outcome: "waits", detail: expect.stringContaining("another account pays") });
    await setUp();
    expect((await setUp(null)).steps[4]).toEqual({ name: "budget chartctl-monthly", outcome: "found", detail: "$500.00 a month" });
  });

  it("waits until IAM knows a principal that was made a moment ago", async () => {
    const unknown = "<ErrorResponse><Error><Code>MalformedPolicyDocument</Code><Message>Invalid principal in policy</Message></Error></ErrorResponse>";
    const known = proxy.refuse(/^CreateRole/, 400, unknown);
    const running = setUp();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    known();
    expect(outcomes(await running)).toEqual(["made", "made", "made", "changed", "made"]);
  });

  it("works as whoever calls: a session is its role, with its path", async () => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await iam.send(new CreateRoleCommand({ RoleName: "deployer", Path: "/ops/", AssumeRolePolicyDocument: trust }));
    const aws = { ...(await connect()), caller: async () => ({ accountId, arn: `arn:aws:sts::${accountId}:assumed-role/deployer/ann` }) };
    const hints = { profile: undefined, keys: false, webIdentity: true };
    expect(await accountOf(aws, { accountId, principal: undefined, hints })).toEqual({
      accountId,
      principal: { arn: `arn:aws:iam::${accountId}:role/ops/deployer`, how: "role deployer, by web identity" },
    });
  });

  it("is taken away whole, and again", async () => {
    const nothing = await standing();
    await setUp();
    expect(outcomes(await tearDown())).toEqual(["removed", "removed", "removed", "found", "removed"]);
    expect(await standing()).toMatchObject({ ...nothing, tags: every.map((tag) => [tag, "Active"]) });
    expect(outcomes(await tearDown())).toEqual(["absent", "absent", "absent", "found", "absent"]);
  });

  it("leaves a boundary that still limits a role", async () => {
    await setUp();
    const aws = await connect();
    // The emulator counts no roles that have a boundary.
    const limiting: typeof aws = { ...aws, policy: async (arn) => Object.assign({ ...(await aws.policy(arn)) } as FoundPolicy, { uses: 1 }) };
    await expect(run(tearDownAws(limiting, accountId), false)).rejects.toMatchObject({ kind: "conflict", code: "aws.boundary-in-use" });
    expect((await standing()).policies).toHaveLength(1);
  });
});

/** `expire` and `drop`: AWS hasn't done it; `lose-answer`: it has. From that call on (the SDK tries again), or that one only. */
const faults: [Fault, number][] = [
  ["expire", 1],
  ["drop", Number.POSITIVE_INFINITY],
  ["lose-answer", Number.POSITIVE_INFINITY],
  ["lose-answer", 1],
];

/** Runs `once` with the fault at its first call, its second, and so on, until a run has no such call. */
async function failedAtEveryCall(fault: Fault, times: number, prepare: () => Promise<unknown>, once: () => Promise<SetupReport>, wanted: unknown) {
  const rows: { call: string; stopped: string | undefined; before: string[] }[] = [];
  for (let after = 0; ; after++) {
    await prepare();
    const [seen, done] = [proxy.seen.length, proxy.done.length];
    const end = proxy.disturb({ fault, times, after });
    const error = await once().then(
      () => undefined,
      (thrown: unknown) => thrown as ChartctlError,
    );
    end();
    if (proxy.done.length === done) return rows;
    const call = proxy.seen[seen + after]?.replace(/^.*\.|( POST .*)$/g, "") ?? "";
    if (error) {
      expect(isChartctlError(error), String(error.stack)).toBe(true);
      expect(error.hint, `${call}: ${error.message}`).toMatch(error.details?.stoppedAt ? /go on with: chartctl setup aws/ : /\w/);
      if (error.details?.stoppedAt) expect(error.message).toMatch(/^Stopped at .+(Nothing was changed before it|Before it: .+)\.$/s);
    } else expect(times).toBe(1);
    rows.push({
      call,
      stopped: error?.details?.stoppedAt as string | undefined,
      before: ((error?.details?.done ?? []) as { name: string }[]).map(({ name }) => name),
    });
    await once();
    expect(await standing(), `${fault} at ${call}`).toEqual(wanted);
  }
}

describe("a fault at every call", { timeout: 300_000 }, () => {
  const clean = async (): Promise<void> => {
    await moto.reset();
    billing.budgets.clear();
    for (const tag of every) billing.tags.set(tag, "Inactive");
  };

  it.each(faults)("of setup: %s %d times, then again: the same end", async (fault, times) => {
    await clean();
    await setUp();
    const wanted = await standing();
    const rows = await failedAtEveryCall(fault, times, clean, () => setUp(), wanted);
    expect(new Set(rows.map(({ call }) => call))).toEqual(
      new Set(
        "GetCallerIdentity GetPolicy CreatePolicy GetRole CreateRole PutRolePolicy ListCostAllocationTags UpdateCostAllocationTagsStatus DescribeBudget CreateBudget".split(
          " ",
        ),
      ),
    );
    if (process.env.CHARTCTL_FAULT_TABLE) console.log(JSON.stringify(rows));
  });

  it.each(faults)("of a teardown: %s %d times, then again: nothing stands", async (fault, times) => {
    await clean();
    await setUp();
    await tearDown();
    const wanted = await standing();
    const whole = async (): Promise<void> => {
      await clean();
      await setUp();
    };
    const rows = await failedAtEveryCall(fault, times, whole, () => tearDown(), wanted);
    expect(new Set(rows.map(({ call }) => call))).toEqual(
      new Set(
        "GetCallerIdentity GetRole ListRolePolicies ListAttachedRolePolicies DeleteRolePolicy DeleteRole GetPolicy ListPolicyVersions GetPolicyVersion DeletePolicy DescribeBudget ListTagsForResource DescribeNotificationsForBudget DescribeSubscribersForNotification DeleteBudget".split(
          " ",
        ),
      ),
    );
    if (process.env.CHARTCTL_FAULT_TABLE) console.log(JSON.stringify(rows));
  });
});
