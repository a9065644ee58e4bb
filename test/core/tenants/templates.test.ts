/** What is checked in is what the policies of the code say, and CloudFormation takes it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { templateText } from "../../../scripts/cloudformation.mjs";
import { boundaryPolicy } from "../../../src/core/lifecycle/boundary-policy.ts";
import { billingTemplate } from "../../../src/core/tenants/billing-template.ts";
import { tenantRoleArn, tenantRolePolicy, tenantTrustPolicy } from "../../../src/core/tenants/tenant-role.ts";
import { tenantRoleTemplate } from "../../../src/core/tenants/tenant-role-template.ts";
import { maySession } from "../../support/iam.ts";
import { accountId, fileOf, made, platform, regions } from "./made.ts";

const templates = { "tenant-role": tenantRoleTemplate, "connect-aws-billing": billingTemplate };

describe.each(Object.entries(templates))("%s.yml", (name, template) => {
  test("is what the code says (npm run build writes it)", () => {
    expect(readFileSync(fileOf(name), "utf8")).toBe(templateText(template()));
  });
  test("reads the same in YAML 1.1, CloudFormation's, and 1.2", () => {
    const text = readFileSync(fileOf(name), "utf8");
    expect(parse(text, { version: "1.1" })).toEqual(JSON.parse(JSON.stringify(template())));
    expect(parse(text)).toEqual(JSON.parse(JSON.stringify(template())));
  });
  // It comes with the emulator: moto[server] requires it.
  test("passes cfn-lint", { timeout: 300_000 }, () => {
    const { status, stdout, stderr } = spawnSync("cfn-lint", ["-r", "us-east-1", "--", fileOf(name)], { encoding: "utf8" });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });
});

test("a tenant's role, filled in, is the role that the code describes", () => {
  const { Role, Boundary } = made("tenant-role");
  expect(Role?.Properties).toMatchObject({
    AssumeRolePolicyDocument: tenantTrustPolicy({ principalArn: platform, externalIds: ["e1"], tenantId: "acme" }),
    Policies: [{ PolicyDocument: tenantRolePolicy({ partition: "aws", accountId, tenantId: "acme", regions }) }],
  });
  expect(`arn:aws:iam::${accountId}:role${Role?.Properties.Path}${Role?.Properties.RoleName}`).toBe(tenantRoleArn({ accountId, tenantId: "acme" }));
  expect(Boundary?.Properties).toMatchObject({ ManagedPolicyName: "chartctl-boundary", PolicyDocument: boundaryPolicy() });
});

test("everything that can carry tags does", () => {
  const untaggable = ["AWS::IAM::ManagedPolicy", "AWS::S3::BucketPolicy", "AWS::Glue::Database", "AWS::Glue::Table"];
  for (const file of Object.keys(templates)) {
    for (const [name, resource] of Object.entries(made(file))) {
      if (untaggable.includes(resource.Type)) continue;
      expect(resource.Properties.Tags, `${file} ${name}`).toEqual([
        { Key: "ManagedBy", Value: "chart-app-platform" },
        { Key: "TenantId", Value: "acme" },
      ]);
    }
  }
});

describe("the role for costs", () => {
  const { Role } = made("connect-aws-billing");
  const policy = Role?.Properties.Policies[0].PolicyDocument as object;
  const may = (action: string, resource = "*") =>
    maySession({ role: { arn: `arn:aws:iam::${accountId}:role/chartctl/tenants/chartctl-billing.acme`, policy }, tags: {}, action, resource });
  const workgroup = (name: string) => `arn:aws:athena:us-east-1:${accountId}:workgroup/${name}`;

  test.each([
    ["ce:GetCostAndUsage", "*"],
    ["ce:GetCostForecast", "*"],
    ["athena:StartQueryExecution", workgroup("chartctl-billing")],
    ["athena:GetTableMetadata", `arn:aws:athena:us-east-1:${accountId}:datacatalog/AwsDataCatalog`],
    ["glue:GetTable", `arn:aws:glue:us-east-1:${accountId}:table/chartctl_billing/cost_and_usage`],
    ["s3:GetObject", `arn:aws:s3:::chartctl-billing-${accountId}/cur/chartctl-cur/data/x.parquet`],
    ["s3:PutObject", `arn:aws:s3:::chartctl-billing-results-${accountId}/q.csv`],
  ])("may %s on %s", async (action, resource) => expect(await may(action, resource)).toBe(true));

  test.each([
    ["ce:CreateCostCategoryDefinition", "*"],
    ["athena:StartQueryExecution", workgroup("primary")],
    ["athena:UpdateWorkGroup", workgroup("chartctl-billing")],
    ["glue:GetTable", `arn:aws:glue:us-east-1:${accountId}:table/sales/orders`],
    ["glue:UpdateTable", `arn:aws:glue:us-east-1:${accountId}:table/chartctl_billing/cost_and_usage`],
    ["s3:PutObject", `arn:aws:s3:::chartctl-billing-${accountId}/cur/x`],
    ["s3:GetObject", "arn:aws:s3:::accounts-of-acme/2026.csv"],
    ["s3:DeleteObject", `arn:aws:s3:::chartctl-billing-results-${accountId}/q.csv`],
  ])("may not %s on %s", async (action, resource) => expect(await may(action, resource)).toBe(false));
});
