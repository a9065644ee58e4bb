/** `setup aws` on a real IAM emulator: what stands after it, after it again, after changes by hand, and after it is taken away. */
import { AttachRolePolicyCommand, CreatePolicyCommand, CreateRoleCommand, GetRoleCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { boundaryPolicy } from "../../../src/core/lifecycle/boundary-policy.ts";
import { brokerName, provisioningName } from "../../../src/core/setup/aws/names.ts";
import type { FoundPolicy } from "../../../src/core/setup/aws/ports.ts";
import { accountOf } from "../../../src/core/setup/aws/set-up.ts";
import { tearDownAws } from "../../../src/core/setup/aws/tear-down.ts";
import type { Account } from "./setup-account.ts";
import { accountId, openAccount, outcomes } from "./setup-account.ts";

let account: Account;
beforeAll(async () => {
  account = await openAccount();
}, 60_000);
afterAll(async () => {
  await account?.close();
});
beforeEach(async () => {
  await account.empty();
});

describe("setup aws", () => {
  it("makes everything, tagged; again, it finds it all and changes nothing", async () => {
    expect(outcomes(await account.setUp())).toEqual(["made", "made", "made", "changed", "made"]);
    const made = await account.standing();
    expect(made.roles.map(({ name }) => name)).toEqual([brokerName, provisioningName]);
    for (const { tags } of [...made.roles, ...made.policies]) expect(tags).toEqual({ ManagedBy: "chart-app-platform" });
    expect(made.policies.map(({ document }) => document)).toEqual([boundaryPolicy()]);
    expect(made.budgets.map(([name, { tags }]) => [name, tags])).toEqual([["chartctl-monthly", [{ Key: "ManagedBy", Value: "chart-app-platform" }]]]);
    expect(new Set(account.billing.tags.values())).toEqual(new Set(["Active"]));

    const before = account.proxy.seen.length;
    expect(outcomes(await account.setUp())).toEqual(["found", "found", "found", "found", "found"]);
    expect(account.proxy.seen.slice(before).filter((what) => !/Get|List|Describe/.test(what))).toEqual([]);
    expect(await account.standing()).toEqual(made);
  });

  it("shows exactly the calls that it then makes, and makes none of them in a dry run", async () => {
    const nothing = await account.standing();
    const { calls } = await account.setUp({ dryRun: true });
    expect(await account.standing()).toEqual(nothing);
    const before = account.proxy.seen.length;
    await account.setUp();
    const sent = account.proxy.seen.slice(before).filter((what) => !/Get|List|Describe/.test(what));
    const name = (what: string): string => /\.?(\w+) POST/.exec(what)?.[1] ?? what;
    expect(sent.map(name)).toEqual(calls.map(({ operation }) => operation.split(":")[1]));
  });

  it("mends what was changed by hand, and only that", async () => {
    await account.setUp();
    const made = await account.standing();
    await account.disarrange();

    expect(outcomes(await account.setUp())).toEqual(["changed", "changed", "changed", "changed", "changed"]);
    const mended = await account.standing();
    expect(mended.roles).toEqual(made.roles);
    expect(mended.budgets).toEqual(made.budgets);
    expect(mended.policies[0]?.document).toEqual(boundaryPolicy());
    expect(outcomes(await account.setUp())).toEqual(["found", "found", "found", "found", "found"]);
  });

  it("says which rights a role has that setup didn't give it", async () => {
    await account.setUp();
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
    const { Policy } = await account.iam.send(new CreatePolicyCommand({ PolicyName: "more", PolicyDocument }));
    await account.iam.send(new AttachRolePolicyCommand({ RoleName: brokerName, PolicyArn: Policy?.Arn }));
    const { steps } = await account.setUp();
    expect(steps[1]).toMatchObject({ outcome: "waits", detail: expect.stringContaining("policy/more") });
    await expect(account.tearDown()).rejects.toMatchObject({ kind: "conflict", code: "aws.role-in-use", hint: expect.stringContaining("detach-role-policy") });
  });

  it("takes over nothing that lacks the platform's tag, and deletes nothing of the kind", async () => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await account.iam.send(new CreateRoleCommand({ RoleName: provisioningName, AssumeRolePolicyDocument: trust }));
    const refusal = { kind: "conflict", code: "aws.not-ours", message: expect.stringMatching(/Stopped at role chartctl-provisioning.*somebody else's/) };
    await expect(account.setUp()).rejects.toMatchObject(refusal);
    await expect(account.tearDown()).rejects.toMatchObject(refusal);
    const { Role } = await account.iam.send(new GetRoleCommand({ RoleName: provisioningName }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
  });

  it("waits for tags that AWS hasn't seen, for the account that pays, and for a budget to be asked for", async () => {
    account.billing.tags.delete("ProjectKey");
    const { steps } = await account.setUp({ budget: null });
    expect(steps[3]).toMatchObject({ outcome: "waits", detail: expect.stringMatching(/hasn't seen ProjectKey yet.*chartctl setup aws again/) });
    expect(account.billing.tags.get("TenantId")).toBe("Active");
    expect(steps[4]).toMatchObject({ outcome: "waits", detail: expect.stringContaining("--budget") });
    account.billing.linked = true;
    expect((await account.setUp({ budget: null })).steps[3]).toMatchObject({ outcome: "waits", detail: expect.stringContaining("another account pays") });
    await account.setUp();
    expect((await account.setUp({ budget: null })).steps[4]).toEqual({ name: "budget chartctl-monthly", outcome: "found", detail: "$500.00 a month" });
  });

  it("waits until IAM knows a principal that was made a moment ago", async () => {
    const unknown = "<ErrorResponse><Error><Code>MalformedPolicyDocument</Code><Message>Invalid principal in policy</Message></Error></ErrorResponse>";
    const known = account.proxy.refuse(/^CreateRole/, 400, unknown);
    const running = account.setUp();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    known();
    expect(outcomes(await running)).toEqual(["made", "made", "made", "changed", "made"]);
  });

  it("works as whoever calls: a session is its role, with its path", async () => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await account.iam.send(new CreateRoleCommand({ RoleName: "deployer", Path: "/ops/", AssumeRolePolicyDocument: trust }));
    const aws = { ...(await account.connect()), caller: async () => ({ accountId, arn: `arn:aws:sts::${accountId}:assumed-role/deployer/ann` }) };
    const hints = { profile: undefined, keys: false, webIdentity: true };
    expect(await accountOf(aws, { accountId, principal: undefined, hints })).toEqual({
      accountId,
      principal: { arn: `arn:aws:iam::${accountId}:role/ops/deployer`, how: "role deployer, by web identity" },
    });
  });

  it("goes on trusting whom it was told to, unless that isn't one user or role", async () => {
    const caller = { arn: `arn:aws:iam::${accountId}:user/admin`, how: "user admin, by keys in the environment" };
    const aws = { ...(await account.connect()), caller: async () => ({ accountId, arn: caller.arn }) };
    const asked = { accountId, principal: undefined, hints: { profile: undefined, keys: true, webIdentity: false } };
    expect((await accountOf(aws, asked)).principal).toEqual(caller);
    await account.setUp();
    expect((await accountOf(aws, asked)).principal).toEqual({ arn: `arn:aws:iam::${accountId}:user/platform`, how: expect.stringContaining("already") });
    await account.disarrange();
    await expect(accountOf(aws, asked)).rejects.toMatchObject({ kind: "conflict", code: "aws.broker-trust" });
  });

  it("is taken away whole, and again", async () => {
    const nothing = await account.standing();
    await account.setUp();
    expect(outcomes(await account.tearDown())).toEqual(["removed", "removed", "removed", "found", "removed"]);
    expect(await account.standing()).toMatchObject({ ...nothing, tags: nothing.tags.map(([tag]) => [tag, "Active"]) });
    expect(outcomes(await account.tearDown())).toEqual(["absent", "absent", "absent", "found", "absent"]);
  });

  it("leaves everything while the boundary still limits a role", async () => {
    await account.setUp();
    const aws = await account.connect();
    // The emulator counts no roles that have a boundary.
    const limiting: typeof aws = { ...aws, policy: async (arn) => Object.assign({ ...(await aws.policy(arn)) } as FoundPolicy, { uses: 1 }) };
    await expect(account.run(tearDownAws(limiting, accountId), false)).rejects.toMatchObject({ kind: "conflict", code: "aws.boundary-in-use" });
    const { policies, roles } = await account.standing();
    expect([policies.length, roles.length]).toEqual([1, 2]);
  });
});
