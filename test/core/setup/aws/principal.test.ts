import { describe, expect, it } from "vitest";
import { brokerTrust } from "../../../../src/core/setup/aws/broker-policy.ts";
import type { AwsSetup } from "../../../../src/core/setup/aws/ports.ts";
import type { CredentialHints } from "../../../../src/core/setup/aws/principal.ts";
import { givenPrincipal, principalOf } from "../../../../src/core/setup/aws/principal.ts";
import { accountOf } from "../../../../src/core/setup/aws/set-up.ts";

const account = "111122223333";
const none: CredentialHints = { profile: undefined, keys: false, webIdentity: false };
const paths: Record<string, string> = {
  deployer: "ops/deployer",
  AWSReservedSSO_Admin_1a2b3c: "aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Admin_1a2b3c",
};
const findRole = async (name: string) => (paths[name] ? { arn: `arn:aws:iam::${account}:role/${paths[name]}` } : undefined);
const told = (arn: string, hints = none) => principalOf(arn, hints, findRole);

describe("whom the broker trusts", () => {
  it.each([
    [
      "a user",
      `arn:aws:iam::${account}:user/ops/ann`,
      { ...none, keys: true },
      `arn:aws:iam::${account}:user/ops/ann`,
      "user ops/ann, by keys in the environment",
    ],
    [
      "a user, as the emulator says it",
      `arn:aws:sts::${account}:user/moto`,
      none,
      `arn:aws:iam::${account}:user/moto`,
      "user moto, by the machine's own chain",
    ],
    [
      "a role",
      `arn:aws:sts::${account}:assumed-role/deployer/ann`,
      { ...none, profile: "work", keys: true },
      `arn:aws:iam::${account}:role/ops/deployer`,
      "role deployer, by the profile work",
    ],
    [
      "a pipeline",
      `arn:aws:sts::${account}:assumed-role/deployer/run-1`,
      { ...none, webIdentity: true },
      `arn:aws:iam::${account}:role/ops/deployer`,
      "role deployer, by web identity",
    ],
    [
      "a machine",
      `arn:aws:sts::${account}:assumed-role/deployer/i-0abc`,
      none,
      `arn:aws:iam::${account}:role/ops/deployer`,
      "role deployer, by the machine's own chain",
    ],
    [
      "a person by SSO",
      `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_1a2b3c/ann@example.org`,
      { ...none, profile: "sso" },
      `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Admin_1a2b3c`,
      "role AWSReservedSSO_Admin_1a2b3c, by SSO",
    ],
  ])("is %s", async (_, caller, hints, arn, how) => {
    expect(await told(caller, hints)).toEqual({ arn, how });
  });

  it.each([
    ["the root user", `arn:aws:iam::${account}:root`, "aws.unfit-principal", /root user of account 111122223333/],
    ["a federated user", `arn:aws:sts::${account}:federated-user/bob`, "aws.unfit-principal", /federated-user\/bob/],
    ["the broker itself", `arn:aws:sts::${account}:assumed-role/chartctl-broker/x`, "aws.unfit-principal", /chartctl-broker itself/],
    ["a role that is gone", `arn:aws:sts::${account}:assumed-role/gone/x`, "aws.own-role-missing", /gone/],
  ])("is never %s", async (_, caller, code, message) => {
    await expect(told(caller)).rejects.toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) });
  });

  it("is a user or role that is given, and no whole account", () => {
    const arn = `arn:aws:iam::${account}:user/platform`;
    expect(givenPrincipal(arn)).toEqual({ arn, how: "as given" });
    for (const wrong of [`arn:aws:iam::${account}:root`, account, "*", `arn:aws:sts::${account}:assumed-role/deployer/ann`, `arn:aws:iam::${account}:role/*`])
      expect(() => givenPrincipal(wrong)).toThrow(/is not the ARN of a user or role/);
  });

  it("stays whom it trusts, is asked for where that was changed by hand, and is the caller where nobody is left", async () => {
    const platform = `arn:aws:iam::${account}:user/platform`;
    const administrator = `arn:aws:iam::${account}:user/ann`;
    const withTrust = async (trust: object | undefined, given?: string) => {
      const ours = { arn: "", tags: { ManagedBy: "chart-app-platform" }, trust, inline: [], attached: [] };
      const aws = { caller: async () => ({ accountId: account, arn: administrator }), role: async () => (trust ? ours : undefined) } as Partial<AwsSetup>;
      const asked = { accountId: undefined, principal: given === undefined ? undefined : givenPrincipal(given), hints: none };
      return (await accountOf(aws as AwsSetup, asked)).principal.arn;
    };
    const [statement] = brokerTrust(platform).Statement;
    const narrowed = { ...brokerTrust(platform), Statement: [{ ...statement, Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } }] };
    expect(await withTrust(brokerTrust(platform))).toBe(platform);
    await expect(withTrust(narrowed)).rejects.toMatchObject({ kind: "conflict", code: "aws.broker-trust", hint: expect.stringContaining("--principal") });
    expect(await withTrust(narrowed, platform)).toBe(platform);
    expect(await withTrust(brokerTrust("AIDACKCEVSQ6C2EXAMPLE"))).toBe(administrator);
    expect(await withTrust(undefined)).toBe(administrator);
  });
});
