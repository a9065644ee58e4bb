/** A tenant of a hosted platform: the server tries the role, with credentials that the operator's machine doesn't have. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { tenantRoleArn, tenantRolePolicy, tenantTrustPolicy } from "../../src/core/tenants/tenant-role.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { TestHosting } from "../support/hosted.ts";
import { startHosting } from "../support/hosted.ts";
import type { StandInAws } from "../support/sts.ts";
import { startStandInAws } from "../support/sts.ts";

const accountId = "111122223333";
const roleArn = tenantRoleArn({ accountId, tenantId: "acme" });
let aws: StandInAws;
let hosting: TestHosting;
const owner = newHome({ CI: "true", CHARTCTL_KEYRING: "0" });

beforeAll(async () => {
  aws = await startStandInAws();
  aws.caller = "arn:aws:iam::999988887777:user/server";
  hosting = await startHosting(aws.env);
});
afterAll(async () => {
  await hosting?.stop();
  await aws.close();
  owner.remove();
});

it("is connected, verified, rotated and removed", async () => {
  const signedIn = await owner.pipe("correct horse battery\n", "login", "--invitation", hosting.ownerLink, "--password-stdin");
  expect(signedIn.code, signedIn.stderr).toBe(0);
  const told = dataOf<{ stack: { parameters: Record<string, string> } }>(await owner.run("tenants", "connect", "acme", "--json")).stack.parameters;
  expect(told.PlatformPrincipalArn).toBe(aws.caller);
  const stack = (externalIds: string): void => {
    const trust = tenantTrustPolicy({ principalArn: aws.caller, externalIds: externalIds.split(","), tenantId: "acme" });
    aws.roles.set(roleArn, { trust, policy: tenantRolePolicy({ partition: "aws", accountId, tenantId: "acme", regions: ["us-east-1"] }) });
  };
  stack(told.ExternalIds ?? "");
  const connected = await owner.run("tenants", "connect", "acme", "--account-id", accountId, "--wait", "1m");
  expect(connected.code, connected.stderr).toBe(0);
  expect(connected.stdout.replace(/\s+/g, " ")).toContain("is safe to work with");

  const rotated = dataOf<{ externalIds: string[] }>(await owner.run("tenants", "rotate-external-id", "acme", "--json"));
  stack(rotated.externalIds.join());
  expect(dataOf(await owner.run("tenants", "verify", "acme", "--json"))).toMatchObject({ ok: true, accepts: ["current", "next"] });
  expect((await owner.run("tenants", "rotate-external-id", "acme", "--finish")).code).toBe(0);
  stack(rotated.externalIds[0] ?? "");
  expect((await owner.run("tenants", "verify", "acme")).code).toBe(0);

  // The platform as a whole, from outside: its roles are tried, too, and a hole in one of them is found.
  const assumed = async () =>
    dataOf<{ checks: { name: string; result: string; found: string }[] }>(await owner.run("verify", "--json", "--skip", "rate-limit", "worker")).checks.at(-1);
  expect(await assumed()).toMatchObject({ name: "assume-role", result: "ok" });
  const { trust, policy } = aws.roles.get(roleArn) as { trust: { Statement: object[] }; policy: object };
  const anyone = { Effect: "Allow", Principal: { AWS: aws.caller }, Action: ["sts:AssumeRole", "sts:TagSession"] };
  aws.roles.set(roleArn, { trust: { ...trust, Statement: [...trust.Statement, anyone] }, policy });
  expect(await assumed()).toMatchObject({ result: "fail", found: expect.stringMatching(/^acme: .*wrong/) });
  stack(rotated.externalIds[0] ?? "");

  expect((await owner.run("tenants", "remove", "acme", "--yes")).code).toBe(0);
  const again = await owner.run("tenants", "connect", "acme");
  expect([again.code, again.stderr]).toEqual([5, expect.stringContaining("its history keeps the id")]);
  const audit = (await owner.run("audit", "--all-tenants", "--export")).stdout;
  for (const action of ["tenant.added", "tenant.connected", "tenant.rotation-begun", "tenant.rotation-finished", "tenant.removed"])
    expect(audit).toContain(action);
  for (const id of rotated.externalIds) expect(audit).not.toContain(id);
});
