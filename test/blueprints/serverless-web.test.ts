import { describe, expect, it } from "vitest";
import { readableTypes } from "../../src/adapters/aws/inventory.ts";
import { createSynthesize } from "../../src/blueprints/synthesize.ts";
import { serverlessWebParameters } from "../../src/contract/blueprints.ts";

const identity = {
  tenantId: "acme",
  userId: "ana",
  projectId: "sales",
  projectKey: "abcdefghij",
  region: "us-east-1",
  environment: "development",
  createdAt: "2026-11-21T00:00:00.000Z",
  accountId: "123456789012",
};
const synthesized = () => createSynthesize({ emulated: false })("serverless-web", identity, serverlessWebParameters.parse({}));

describe("serverless-web", () => {
  it("gives the files of the golden folder, byte for byte, each time", async () => {
    const [one, two] = [synthesized(), synthesized()];
    expect(one).toEqual(two);
    await expect(String(one.files["main.tf.json"])).toMatchFileSnapshot("serverless-web.golden.json");
  });

  it("declares only types that can be found again in AWS after a crash", () => {
    const types = new Set(synthesized().resources.map(({ type }) => type));
    expect([...types].filter((type) => !(readableTypes as readonly string[]).includes(type))).toEqual([]);
    expect(synthesized().resources.length).toBeGreaterThan(15);
  });

  it("gives its role the account's boundary and the tenant's path, and nothing on every resource", () => {
    const { resources } = synthesized();
    const role = resources.find(({ address }) => address === "aws_iam_role.app");
    expect(role?.attributes).toMatchObject({ path: "/chartctl/acme/", permissions_boundary: "arn:aws:iam::123456789012:policy/chartctl-boundary" });
    const policy = JSON.parse(String(resources.find(({ address }) => address === "aws_iam_role_policy.app")?.attributes.policy)) as {
      Statement: { Resource: string | string[] }[];
    };
    for (const { Resource } of policy.Statement) for (const arn of [Resource].flat()) expect(arn).toContain("chart-abcdefghij-sales-");
  });
});
