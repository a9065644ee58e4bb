import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { clientSettings, usesPathStyle } from "../../../src/adapters/aws/clients.ts";
import { translated } from "../../../src/adapters/aws/errors.ts";

const one = "http://127.0.0.1:1111";
const all = "http://127.0.0.1:2222";

test("a service's own endpoint wins over the one for all; without either, the SDK finds AWS", () => {
  expect(clientSettings({ AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_S3: one }, "S3", "us-east-1").endpoint).toBe(one);
  expect(clientSettings({ AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_S3: one }, "IAM", "us-east-1").endpoint).toBe(all);
  expect(clientSettings({}, "S3", "us-west-2")).not.toHaveProperty("endpoint");
});

test("buckets are paths of an endpoint that was named, and host names of AWS", () => {
  expect([{}, { AWS_ENDPOINT_URL: all }, { AWS_ENDPOINT_URL_S3: one }, { AWS_ENDPOINT_URL_IAM: one }].map(usesPathStyle)).toEqual([false, true, true, false]);
});

test("a server that takes the request and says nothing ends as a timeout, instead of a warning and a wait", async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const settings = clientSettings({ AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, "STS", "us-east-1", {
    accessKeyId: "a",
    secretAccessKey: "b",
  });
  const sts = new STSClient({ ...settings, maxAttempts: 1, requestHandler: { ...settings.requestHandler, requestTimeout: 100 } });
  await expect(translated("say who is calling", () => sts.send(new GetCallerIdentityCommand({})))).rejects.toMatchObject({
    kind: "external",
    code: "aws.timeout",
    message: "AWS didn't say who is calling: no answer within 0.1 seconds",
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
