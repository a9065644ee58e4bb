import { CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateBackupCommand, CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { CreatePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, CreateMultipartUploadCommand, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsInventory, readableTypes } from "../../../src/adapters/aws/inventory.ts";
import { createSynthesize } from "../../../src/blueprints/synthesize.ts";
import { serverlessWebParameters } from "../../../src/contract/blueprints.ts";
import { projectTags } from "../../../src/core/names.ts";
import type { Finding, InventoryRead, StackIdentity } from "../../../src/core/ports.ts";
import { proxyAws } from "../../support/aws-proxy.ts";
import type { Moto } from "./moto.ts";
import { freePort, startMoto } from "./moto.ts";
import type { Clients } from "./planted.ts";
import { clients, identity, names, plantAll, plantFunction, plantRole, removeAll } from "./planted.ts";

const { resources } = createSynthesize({ emulated: false })("serverless-web", identity, serverlessWebParameters.parse({}));
const credentials = { get: async () => ({ accessKeyId: "reader", secretAccessKey: "reader" }) };
const stranger: StackIdentity = { ...identity, userId: "bob", projectId: "other", projectKey: "zyx987wvut" };

let moto: Moto;
let aws: Clients;
beforeAll(async () => {
  moto = await startMoto();
  aws = clients(moto.endpoint);
}, 60_000);
afterAll(async () => await moto.stop());
beforeEach(async () => await moto.reset());

const read = async (): Promise<InventoryRead[]> => await awsInventory(moto.env).read({ identity, resources }, credentials);
const findings = async (): Promise<Finding[]> => (await read()).flatMap((one) => one.findings);
const ours = async (): Promise<string[]> =>
  (await findings()).filter((finding) => finding.ours).map(({ kind, name, detail }) => `${kind} ${name}${detail ? ` (${detail})` : ""}`);

test("every type of every blueprint has a reader", () => {
  expect([...new Set(resources.map(({ type }) => type))].filter((type) => !(readableTypes as readonly string[]).includes(type))).toEqual([]);
});

describe("of an account without the project", () => {
  test("nothing is found, and every question is told", async () => {
    const reads = await read();
    expect(reads.flatMap((one) => one.findings)).toEqual([]);
    expect(reads.map(({ asked }) => asked)).toMatchInlineSnapshot(`
      [
        "s3:HeadBucket chart-abc123defg-sales-site, s3:ListBuckets chart-abc123defg-*",
        "s3:GetBucket* of 0 buckets",
        "dynamodb:DescribeTable chart-abc123defg-sales-data, dynamodb:ListTables chart-abc123defg-*",
        "dynamodb:ListBackups chart-abc123defg-sales-data",
        "logs:DescribeLogGroups /aws/lambda/chart-abc123defg-*",
        "logs:DescribeLogGroups /aws/apigateway/chart-abc123defg-*",
        "iam:GetRole chart-abc123defg-sales-app, iam:ListRoles /chartctl/acme/chart-abc123defg-*",
        "iam:ListPolicies /chartctl/acme/chart-abc123defg-*",
        "lambda:GetFunction chart-abc123defg-sales-app",
        "apigateway:GetApis named chart-abc123defg-* or tagged ProjectKey=abc123defg",
        "tag:GetResources ProjectKey=abc123defg, each asked for directly",
      ]
    `);
    for (const { at } of reads) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
  });

  test("names that only begin alike are somebody else's", async () => {
    await aws.s3.send(new CreateBucketCommand({ Bucket: `chart-${identity.projectKey}x-sales-site` }));
    await aws.logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/lambda/chart-${identity.projectKey}x-sales-app` }));
    await plantFunction(aws.lambda, "unrelated", await plantRole(aws.iam, "unrelated", "/"));
    await aws.apis.send(new CreateApiCommand({ Name: "unrelated", ProtocolType: "HTTP", Tags: projectTags(stranger) }));
    expect(await findings()).toEqual([]);
  });
});

describe("of everything that the blueprint makes", () => {
  test("each is found, ours, with Terraform's import id; and gone when it is gone", async () => {
    const { apiId, integrationId, routeId } = await plantAll(aws);
    const found = await findings();
    expect(found.filter((finding) => !finding.ours)).toEqual([]);
    expect(Object.fromEntries(found.flatMap(({ adoption }) => (adoption ? [[adoption.address, adoption.importId]] : [])))).toEqual({
      "aws_s3_bucket.site": names.bucket,
      "aws_s3_bucket_public_access_block.site": names.bucket,
      "aws_s3_bucket_versioning.site": names.bucket,
      "aws_s3_bucket_server_side_encryption_configuration.site": names.bucket,
      "aws_s3_bucket_ownership_controls.site": names.bucket,
      "aws_s3_bucket_policy.site": names.bucket,
      "aws_iam_role.app": names.role,
      "aws_iam_role_policy.app": `${names.role}:app`,
      "aws_cloudwatch_log_group.app": names.functionLogs,
      "aws_cloudwatch_log_group.api": names.apiLogs,
      "aws_dynamodb_table.data": names.table,
      "aws_lambda_function.app": names.function,
      "aws_lambda_alias.live": `${names.function}/live`,
      "aws_lambda_permission.api": `${names.function}:live/api`,
      "aws_apigatewayv2_api.api": apiId,
      "aws_apigatewayv2_integration.app": `${apiId}/${integrationId}`,
      "aws_apigatewayv2_route.default": `${apiId}/${routeId}`,
      "aws_apigatewayv2_stage.default": `${apiId}/$default`,
    });
    expect(found.map(({ adoption }) => adoption?.address).sort()).toEqual(resources.map(({ address }) => address).sort());

    await removeAll(aws, { apiId, integrationId, routeId });
    expect(await findings()).toEqual([]);
  });

  test("is ours by name alone when it carries no tags yet", async () => {
    await plantAll(aws, {});
    const found = await findings();
    expect(found.filter((finding) => !finding.ours)).toEqual([]);
    expect(found.flatMap(({ adoption }) => (adoption ? [adoption.address] : [])).sort()).toEqual(resources.map(({ address }) => address).sort());
  });

  test.each([
    ["another project's tags", projectTags(stranger)],
    ["another tenant's tag alone", { TenantId: "other" }],
    ["another user's tag alone", { UserId: "bob" }],
    ["tags of the same ids under another key", { ...projectTags(identity), ProjectKey: stranger.projectKey }],
  ])("is not ours with %s", async (_, tags) => {
    await plantAll(aws, tags);
    const found = await findings();
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter((finding) => finding.ours)).toEqual([]);
  });

  test("is read side by side: no kind waits for another's answer", async () => {
    await plantAll(aws);
    const proxy = await proxyAws(moto.endpoint);
    const kinds = [/HEAD .*-site/, /DescribeTable/, /DescribeLogGroups/, /^GetRole/, /GET .*\/functions\//, /GET .*\/apis/, /GetResources/];
    const held = kinds.map((kind) => proxy.hold(kind));
    const reading = awsInventory({ ...moto.env, AWS_ENDPOINT_URL: proxy.url }).read({ identity, resources }, credentials);
    await Promise.all(held.map(({ reached }) => reached));
    for (const { release } of held) release();
    expect((await reading).length).toBeGreaterThan(8);
    await proxy.close();
  });
});

describe("of what use leaves behind", () => {
  test("a bucket tells what it holds: versions, delete markers, unfinished uploads", async () => {
    await plantAll(aws);
    await aws.s3.send(new PutObjectCommand({ Bucket: names.bucket, Key: "index.html", Body: "1" }));
    await aws.s3.send(new PutObjectCommand({ Bucket: names.bucket, Key: "index.html", Body: "2" }));
    await aws.s3.send(new DeleteObjectCommand({ Bucket: names.bucket, Key: "index.html" }));
    await aws.s3.send(new CreateMultipartUploadCommand({ Bucket: names.bucket, Key: "big" }));
    expect(await ours()).toContain(`S3 bucket ${names.bucket} (3 object versions, 1 unfinished upload)`);
  });

  test("each leftover beside the blueprint is found by its name, its path or its tags", async () => {
    const prefix = `chart-${identity.projectKey}-`;
    await aws.s3.send(new CreateBucketCommand({ Bucket: `${prefix}logs` }));
    await aws.logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/lambda/${prefix}old` }));
    await plantRole(aws.iam, `${prefix}old`, "/chartctl/acme/");
    await aws.iam.send(
      new CreatePolicyCommand({
        PolicyName: `${prefix}old`,
        Path: "/chartctl/acme/",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] }),
      }),
    );
    for (const TableName of [`${prefix}old`, names.table]) {
      await aws.dynamodb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        }),
      );
    }
    const { BackupDetails } = await aws.dynamodb.send(new CreateBackupCommand({ TableName: names.table, BackupName: "kept" }));
    await plantFunction(aws.lambda, `${prefix}by-hand`, await plantRole(aws.iam, "unrelated", "/"), projectTags(identity));
    const { ApiId } = await aws.apis.send(new CreateApiCommand({ Name: "by-hand", ProtocolType: "HTTP", Tags: projectTags(identity) }));

    const found = await ours();
    expect(found).toEqual(
      expect.arrayContaining([
        `S3 bucket ${prefix}logs`,
        `log group /aws/lambda/${prefix}old`,
        `IAM role ${prefix}old`,
        `IAM policy arn:aws:iam::123456789012:policy/chartctl/acme/${prefix}old`,
        `DynamoDB table ${prefix}old`,
        `DynamoDB table ${names.table}`,
        `DynamoDB backup ${BackupDetails?.BackupArn} (of table ${names.table})`,
        `Lambda function arn:aws:lambda:us-east-1:123456789012:function:${prefix}by-hand`,
        `HTTP API by-hand (${ApiId})`,
      ]),
    );
    expect(found).toHaveLength(9);
  });

  test("lists are read to their end", async () => {
    const prefix = `chart-${identity.projectKey}-`;
    const numbers = Array.from({ length: 105 }, (_, index) => String(index).padStart(3, "0"));
    for (const number of numbers) await aws.logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/lambda/${prefix}${number}` }));
    for (const number of numbers) {
      await aws.dynamodb.send(
        new CreateTableCommand({
          TableName: `${prefix}${number}`,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        }),
      );
    }
    const found = await findings();
    expect(found.filter(({ kind }) => kind === "log group")).toHaveLength(105);
    expect(found.filter(({ kind }) => kind === "DynamoDB table")).toHaveLength(105);
  });
});

describe("absence is never assumed", () => {
  test("from an endpoint where nothing listens", async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const before = performance.now();
    await expect(awsInventory({ AWS_ENDPOINT_URL: endpoint }).read({ identity, resources }, credentials)).rejects.toMatchObject({
      kind: "external",
      code: "aws.unreachable",
      message: expect.stringContaining(endpoint.slice(7)),
    });
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  test("from a server that answers 404 to everything", async () => {
    const { createServer } = await import("node:http");
    const server = createServer((_, response) => response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not Found</h1>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = address && typeof address === "object" ? address.port : 0;
    await expect(awsInventory({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }).read({ identity, resources }, credentials)).rejects.toMatchObject({
      kind: "external",
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("from credentials that AWS doesn't know", async () => {
    await plantAll(aws);
    await moto.checkAuthAfter(0);
    try {
      await expect(awsInventory(moto.env).read({ identity, resources }, credentials)).rejects.toMatchObject({
        kind: "auth",
        code: expect.stringMatching(/^aws\.(invalid-credentials|access-denied)$/),
      });
    } finally {
      await moto.checkAuthAfter("never");
    }
  });

  test("one service may live elsewhere: AWS_ENDPOINT_URL_<SERVICE>", async () => {
    const port = await freePort();
    const env = { ...moto.env, AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` };
    await expect(awsInventory(env).read({ identity, resources }, credentials)).rejects.toMatchObject({
      code: "aws.unreachable",
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});
