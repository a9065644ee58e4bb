/** A tenant's connection from the command line, with AWS as a stand-in that evaluates every policy. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tenantRoleArn, tenantRolePolicy, tenantTrustPolicy } from "../../src/core/tenants/tenant-role.ts";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { StandInAws } from "../support/sts.ts";
import { startStandInAws } from "../support/sts.ts";

const accountId = "111122223333";
const tenantId = "acme";
const roleArn = tenantRoleArn({ accountId, tenantId });

let aws: StandInAws;
let home: Home;
beforeAll(async () => {
  aws = await startStandInAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.roles.clear();
  aws.throttled = 0;
  home = newHome({ ...aws.env, CI: "true" });
});
afterEach(() => home.remove());

/** What the tenant's stack makes, from the parameters that were told. */
const makeStack = (externalIds: string, principalArn = aws.caller): void => {
  const trust = tenantTrustPolicy({ principalArn, externalIds: externalIds.split(","), tenantId });
  aws.roles.set(roleArn, { trust, policy: tenantRolePolicy({ partition: "aws", accountId, tenantId, regions: ["us-east-1", "us-west-2"] }) });
};
interface Told {
  report: { steps: { name: string; outcome: string }[]; calls: unknown[] };
  stack: { parameters: Record<string, string>; quickCreateUrl: string | null; command: string } | null;
  tenant: { roleArn: string | null; accountId: string | null } | null;
  next?: string;
}
const run = async (...args: string[]): Promise<Told> => dataOf<Told>(await home.run("tenants", ...args, "--json"));
const outcomes = ({ report }: Told): string[] => report.steps.map(({ name, outcome }) => `${name}: ${outcome}`);
const stored = async (): Promise<string | null | undefined> =>
  dataOf<{ id: string; roleArn: string | null }[]>(await home.run("tenants", "--json")).find(({ id }) => id === tenantId)?.roleArn;
/** The parameters as the stack gets them. */
const parametersOf = ({ stack }: Told): Record<string, string> => stack?.parameters ?? {};

/** Connected, and which external ID it is. */
async function connected(): Promise<string> {
  const { ExternalIds = "" } = parametersOf(await run("connect", tenantId));
  makeStack(ExternalIds);
  expect(outcomes(await run("connect", tenantId, "--account-id", accountId))).toEqual(["tenant acme: found", "role: found", "connection: changed"]);
  return ExternalIds;
}

/** Sentences as they are meant, wherever a narrow terminal breaks them. */
const flat = (text: string): string => text.replace(/\s+/g, " ");

describe("connect", () => {
  it("tells what to make, then proves it and stores it, then finds nothing to do", async () => {
    const first = await run("connect", tenantId);
    expect(outcomes(first)).toEqual(["tenant acme: made", "role: waits", "connection: waits"]);
    expect(first.stack).toMatchObject({
      parameters: {
        TenantId: "acme",
        ExternalIds: expect.stringMatching(/^[0-9a-f]{32}$/),
        PlatformPrincipalArn: aws.caller,
        AllowedRegions: "us-east-1,us-west-2",
      },
      quickCreateUrl: null,
    });
    makeStack(parametersOf(first).ExternalIds ?? "");
    const second = await run("connect", tenantId, "--role-arn", roleArn);
    expect(outcomes(second)).toEqual(["tenant acme: found", "role: found", "connection: changed"]);
    expect([second.tenant, second.stack]).toEqual([expect.objectContaining({ roleArn, accountId }), null]);
    expect(outcomes(await run("connect", tenantId))).toEqual(["tenant acme: found", "role: found", "connection: found"]);
  });

  it("reads as what a person does next", async () => {
    const { stdout, code } = await home.run("tenants", "connect", tenantId, "--template-url", "https://templates.s3.amazonaws.com/tenant-role.yml");
    expect(code).toBe(0);
    const [, id = ""] = /ExternalIds=([0-9a-f]{32})/.exec(stdout) ?? [];
    const [link = ""] = /https:\/\/us-east-1\.console\S+/.exec(stdout) ?? [];
    const query = new URLSearchParams(link.split("?").at(-1));
    expect(Object.fromEntries(query)).toEqual({
      templateURL: "https://templates.s3.amazonaws.com/tenant-role.yml",
      stackName: "chartctl-acme",
      param_TenantId: "acme",
      param_ExternalIds: id,
      param_PlatformPrincipalArn: aws.caller,
      param_AllowedRegions: "us-east-1,us-west-2",
    });
    for (const part of [
      "aws cloudformation deploy",
      "--capabilities CAPABILITY_NAMED_IAM",
      "by hand",
      "Then  chartctl tenants connect acme --account-id ACCOUNT --wait",
    ])
      expect(stdout).toContain(part);
  });

  it("writes the templates, leaves the same ones, and never another's file", async () => {
    const out = join(home.path, "cfn");
    expect(outcomes(await run("connect", tenantId, "--out", out))).toContain(`templates in ${out}: made`);
    for (const name of ["tenant-role.yml", "connect-aws-billing.yml"]) {
      expect(readFileSync(join(out, name), "utf8")).toBe(readFileSync(new URL(`../../templates/cloudformation/${name}`, import.meta.url), "utf8"));
    }
    const again = await run("connect", tenantId, "--out", out);
    expect(outcomes(again)).toContain(`templates in ${out}: found`);
    expect(again.stack?.command).toContain(join(out, "tenant-role.yml"));
    mkdirSync(join(home.path, "own"));
    writeFileSync(join(home.path, "own", "tenant-role.yml"), "Resources: {}");
    const refused = await home.run("tenants", "connect", tenantId, "--out", join(home.path, "own"));
    expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining("isn't written over")]);
  });

  it("waits for the stack", async () => {
    const { ExternalIds = "" } = parametersOf(await run("connect", tenantId));
    const waiting = home.start("tenants", "connect", tenantId, "--account-id", accountId, "--wait", "1m", "--json");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    makeStack(ExternalIds);
    expect(outcomes(dataOf<Told>(await waiting.ended))).toContain("connection: changed");
  });

  it("needs to know what to wait for", async () => {
    const { code, stderr } = await home.run("tenants", "connect", tenantId, "--wait");
    expect([code, stderr]).toEqual([64, expect.stringContaining("--account-id")]);
  });

  it("stores no role that has a hole, and shows the trust policy that mends it", async () => {
    await run("connect", tenantId);
    aws.roles.set(roleArn, {
      trust: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: aws.caller }, Action: ["sts:AssumeRole", "sts:TagSession"] }] },
      policy: tenantRolePolicy({ partition: "aws", accountId, tenantId, regions: ["us-east-1"] }),
    });
    const { code, stdout } = await home.run("tenants", "connect", tenantId, "--role-arn", roleArn);
    expect(code).toBe(3);
    for (const part of ["wrong external ID", "missing external ID", '"sts:ExternalId"', "is refused"]) expect(flat(stdout)).toContain(part);
    expect(await stored()).toBeNull();
  });

  it("a role of another tenant is not tried, and not stored", async () => {
    await connected();
    aws.asked.length = 0;
    const { code, stdout } = await home.run("tenants", "connect", "globex", "--role-arn", roleArn);
    expect([code, stdout]).toEqual([3, expect.stringContaining("is that of tenant acme")]);
    expect(aws.asked.filter(({ action }) => action === "sts:AssumeRole")).toEqual([]);
  });

  it("a throttled AWS ends it with what stands and how to go on, and stores nothing", async () => {
    await run("connect", tenantId);
    makeStack("0".repeat(32));
    aws.throttled = 1_000;
    const { code, stderr } = await home.run("tenants", "connect", tenantId, "--role-arn", roleArn);
    aws.throttled = 0;
    expect([code, stderr]).toEqual([7, expect.stringMatching(/Stopped at role: AWS is throttling[\s\S]*tenant acme[\s\S]*chartctl tenants connect acme/)]);
    expect(await stored()).toBeNull();
  });

  it("a dry run tells the calls, and makes none", async () => {
    const told = await run("connect", tenantId, "--out", join(home.path, "cfn"), "--dry-run");
    expect(told.report.calls).toEqual([
      { step: "tenant acme", operation: "POST /tenants", body: { id: "acme", roleArn: null, accountId: null } },
      ...["tenant-role.yml", "connect-aws-billing.yml"].map((name) => ({
        step: `templates in ${join(home.path, "cfn")}`,
        operation: "write",
        body: { file: join(home.path, "cfn", name) },
      })),
    ]);
    expect(await stored()).toBeUndefined();
    const { ExternalIds = "" } = parametersOf(await run("connect", tenantId));
    makeStack(ExternalIds);
    const last = await home.run("tenants", "connect", tenantId, "--role-arn", roleArn, "--dry-run", "--json");
    expect(dataOf<Told>(last).report.calls).toEqual([{ step: "connection", operation: "PATCH /tenants/acme", body: { roleArn } }]);
    expect(last.stdout).not.toContain(ExternalIds);
    expect(await stored()).toBeNull();
  });

  it.each([
    [["connect", "Acme"], /tenant id "Acme"/],
    [["connect", "acme", "--role-arn", "role"], /role ARN "role"/],
    [["connect", "acme", "--account-id", "12"], /12 digits/],
    [["connect", "acme", "--principal", "arn:aws:iam::111122223333:root"], /never a whole account's/],
    [["connect", "acme", "--template-url", "https://example.com/t.yml"], /S3 object/],
    [["connect", "acme", "--template-url", "https://example.org#s3.amazonaws.com/t.yml"], /S3 object/],
  ])("%j is wrong usage", async (args, said) => {
    const { code, stderr } = await home.run("tenants", ...args);
    expect([code, stderr]).toEqual([64, expect.stringMatching(said)]);
  });
});

describe("verify", () => {
  it("says what it found, and ends with 3 when the role is no longer safe", async () => {
    const id = await connected();
    const good = await home.run("tenants", "verify", tenantId);
    expect([good.code, flat(good.stdout)]).toEqual([0, expect.stringContaining("is safe to work with")]);
    makeStack(id, "arn:aws:iam::999988887777:root");
    const bad = await home.run("tenants", "verify", tenantId);
    expect([bad.code, flat(bad.stdout)]).toEqual([3, expect.stringContaining("everybody in an account may assume it")]);
    expect(dataOf(await home.run("tenants", "verify", tenantId, "--json"))).toMatchObject({ ok: false, accepts: ["current"] });
  });
  it("of a tenant without a role is refused; of none, not found", async () => {
    await home.run("tenants", "add", tenantId);
    expect(await home.run("tenants", "verify", tenantId)).toMatchObject({ code: 3, stderr: expect.stringContaining("chartctl tenants connect acme") });
    expect((await home.run("tenants", "verify", "nobody")).code).toBe(6);
  });
});

describe("rotate-external-id", () => {
  it("goes through its overlap, and ends by itself when the role refuses the old ID", async () => {
    const old = await connected();
    const begun = await run("rotate-external-id", tenantId);
    expect([begun.next, outcomes(begun)]).toEqual(["both", ["new external ID: made", "old external ID: waits"]]);
    const [fresh = "", still] = (parametersOf(begun).ExternalIds ?? "").split(",");
    expect([still, fresh]).toEqual([old, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    // Again, before the stack is updated: the same IDs.
    expect(parametersOf(await run("rotate-external-id", tenantId)).ExternalIds).toBe(`${fresh},${old}`);
    const early = await home.run("tenants", "rotate-external-id", tenantId, "--finish");
    expect([early.code, early.stderr]).toEqual([3, expect.stringContaining("doesn't accept the new external ID yet")]);

    makeStack(`${fresh},${old}`);
    expect((await run("rotate-external-id", tenantId)).next).toBe("finish");
    makeStack(fresh);
    const ended = await run("rotate-external-id", tenantId);
    expect([ended.next, outcomes(ended)]).toEqual(["done", ["new external ID: found", "old external ID: removed"]]);
    expect((await home.run("tenants", "verify", tenantId)).code).toBe(0);
    makeStack(old);
    expect((await home.run("tenants", "verify", tenantId)).code).toBe(3);
  });

  it("doesn't end by itself while another check fails, and shows it", async () => {
    await connected();
    const { ExternalIds = "" } = parametersOf(await run("rotate-external-id", tenantId));
    makeStack(ExternalIds.split(",")[0] ?? "", "arn:aws:iam::999988887777:root");
    const { code, stdout } = await home.run("tenants", "rotate-external-id", tenantId);
    expect([code, stdout]).toEqual([3, expect.stringContaining("everybody in an account may assume it")]);
    expect(dataOf(await home.run("tenants", "verify", tenantId, "--json"))).toMatchObject({ ok: false, accepts: ["next"] });
  });

  it("--finish ends it while the role still accepts the old ID, and tells the last update", async () => {
    const old = await connected();
    const { ExternalIds = "" } = parametersOf(await run("rotate-external-id", tenantId));
    makeStack(ExternalIds);
    const ended = await run("rotate-external-id", tenantId, "--finish");
    expect([ended.next, parametersOf(ended).ExternalIds]).toEqual(["last", ExternalIds.replace(`,${old}`, "")]);
    expect((await home.run("tenants", "rotate-external-id", tenantId, "--finish")).code).toBe(5);
  });

  it("of a tenant without a role needs no overlap; a dry run changes nothing, and shows no ID", async () => {
    const { ExternalIds = "" } = parametersOf(await run("connect", tenantId));
    const dry = await home.run("tenants", "rotate-external-id", tenantId, "--dry-run", "--json");
    expect(dataOf<Told>(dry).report.calls).toEqual([
      { step: "new external ID", operation: "POST /tenants/acme/external-id", body: null },
      { step: "old external ID", operation: "DELETE /tenants/acme/external-id", body: null },
    ]);
    expect(dry.stdout).not.toContain(ExternalIds);
    expect(parametersOf(await run("connect", tenantId)).ExternalIds).toBe(ExternalIds);
    expect((await run("rotate-external-id", tenantId)).next).toBe("done");
    expect(parametersOf(await run("connect", tenantId)).ExternalIds).not.toBe(ExternalIds);
  });
});

describe("remove", () => {
  it("asks, or takes --yes; tells the stack that is left", async () => {
    await connected();
    const asked = await home.run("tenants", "remove", tenantId);
    expect([asked.code, asked.stderr]).toEqual([64, expect.stringContaining("--yes")]);
    expect(dataOf<Told>(await home.run("tenants", "remove", tenantId, "--dry-run", "--json")).report.calls).toEqual([
      { step: "tenant acme", operation: "DELETE /tenants/acme", body: null },
    ]);
    expect(await stored()).toBe(roleArn);
    const gone = await home.run("tenants", "remove", tenantId, "--yes");
    expect([gone.code, gone.stdout]).toEqual([0, expect.stringContaining("delete-stack --stack-name chartctl-acme")]);
    expect(await stored()).toBeUndefined();
    expect((await home.run("tenants", "remove", tenantId, "--yes")).code).toBe(6);
  });
});
