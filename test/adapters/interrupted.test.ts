/** Ctrl-C while a role is tried, or this machine looked at: what is asked is given up, and not only waited for no longer. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { awsRoleProbe } from "../../src/adapters/aws/role-probe.ts";
import { diagnose } from "../../src/adapters/doctor.ts";
import { remoteRoles } from "../../src/adapters/tenant-roles.ts";
import type { CallApi } from "../../src/contract/endpoints.ts";
import type { RoleProbe } from "../../src/core/tenants/role-probe.ts";
import { harmlessReads } from "../../src/core/tenants/role-probe.ts";
import type { SilentAws } from "../support/silent-aws.ts";
import { silentAws } from "../support/silent-aws.ts";

let aws: SilentAws;
let stop: AbortController;
beforeEach(async () => {
  aws = await silentAws();
  stop = new AbortController();
});
afterEach(async () => await aws.close());

const interrupted = { kind: "interrupted", code: "interrupted", message: "Interrupted", hint: "ask again, with the same command" };
const keys = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" };
const session = { accessKeyId: "x", secretAccessKey: "y" };
const roleArn = "arn:aws:iam::123456789012:role/acme";
const never = async (): Promise<never> => await new Promise(() => {});

const attempt = { roleArn, externalId: "id", tags: {}, policy: undefined };
const simulated = [{ action: "s3:GetObject", resource: "*", context: {} }];
// Left alone, each would hang up by itself after half a minute: longer than these tests may take.
const soon = { timeout: 20_000 };
const questions: [string, (probe: RoleProbe) => Promise<unknown>, NodeJS.ProcessEnv?][] = [
  ["AssumeRole", (probe) => probe.assume(attempt)],
  ["AssumeRole", (probe) => probe.assume(attempt), { CHARTCTL_BROKER_ROLE_ARN: roleArn }],
  ["GetCallerIdentity", (probe) => probe.principal()],
  ["GetCallerIdentity", (probe) => probe.account(session)],
  ["GetRole", (probe) => probe.trustPolicy(session, roleArn)],
  ["SimulatePrincipalPolicy", (probe) => probe.simulate(session, roleArn, simulated)],
  ["GetTableMetadata", async (probe) => await (await probe.report("acme", session)).table("cost_and_usage")],
];

test.each(questions)("%s, of an AWS that never answers, is given up", soon, async (call, ask, env = {}) => {
  const asked = ask(awsRoleProbe({ ...keys, AWS_ENDPOINT_URL: aws.url, ...env }, { interrupted: stop.signal }));
  const ended = expect(asked).rejects.toMatchObject({ kind: "interrupted", code: "interrupted" });
  await aws.asked(1);
  stop.abort();
  await Promise.all([ended, aws.leftAlone(1)]);
  expect(aws.calls).toEqual([call]);
});

test.each([...harmlessReads.needed, ...harmlessReads.refused])("the read %s is given up", soon, async (read) => {
  const asked = awsRoleProbe({ ...keys, AWS_ENDPOINT_URL: aws.url }, { interrupted: stop.signal }).reads(session, read);
  const ended = expect(asked).rejects.toMatchObject(interrupted);
  await aws.asked(1);
  stop.abort();
  await Promise.all([ended, aws.leftAlone(1)]);
});

test("a doctor that AWS keeps waiting hangs up, and tells of no failed check", soon, async () => {
  const home = mkdtempSync(join(tmpdir(), "chartctl-doctor-"));
  const paths = { config: home, data: home, cache: home };
  const env = { ...keys, AWS_ENDPOINT_URL: aws.url };
  const settings = { sandbox: false, region: "us-east-1", paths };
  const looked = diagnose({ settings, env, awsEnvironment: async () => env, api: never, interrupted: stop.signal });
  const ended = expect(looked).rejects.toMatchObject(interrupted);
  await aws.asked(2);
  stop.abort();
  await Promise.all([ended, aws.leftAlone(2)]);
  expect(aws.calls.sort()).toEqual(["GetCallerIdentity", "HEAD /"]);
  rmSync(home, { recursive: true });
});

test("a hosted platform that tries a role for ever isn't waited for", async () => {
  const asked = remoteRoles(never as unknown as CallApi, stop.signal).verify("acme", {});
  stop.abort();
  await expect(asked).rejects.toMatchObject(interrupted);
});
