import { expect, test } from "vitest";
import { awsError, orAbsent } from "../../../src/adapters/aws/errors.ts";
import { ChartctlError } from "../../../src/errors.ts";

const said = (name: string, facts: { message?: string; status?: number; code?: string } = {}): Error =>
  Object.assign(new Error(facts.message ?? "words of AWS"), {
    name,
    ...(facts.code ? { code: facts.code } : {}),
    ...(facts.status ? { $metadata: { httpStatusCode: facts.status } } : {}),
  });

test.each([
  ["CredentialsProviderError", {}, "auth", "aws.no-credentials"],
  ["CredentialsProviderError", { message: "The SSO session associated with this profile has expired." }, "auth", "aws.expired-credentials"],
  ["ExpiredTokenException", { status: 403 }, "auth", "aws.expired-credentials"],
  ["AccessDenied", { status: 403 }, "auth", "aws.access-denied"],
  ["AccessDeniedException", { status: 400 }, "auth", "aws.access-denied"],
  ["403", { status: 403 }, "auth", "aws.access-denied"],
  ["InvalidClientTokenId", { status: 403 }, "auth", "aws.invalid-credentials"],
  ["RequestTimeTooSkewed", { status: 403 }, "external", "aws.clock-skew"],
  ["ThrottlingException", { status: 400 }, "external", "aws.throttled"],
  ["SlowDown", { status: 503 }, "external", "aws.throttled"],
  ["TooManyRequestsException", { status: 429 }, "external", "aws.throttled"],
  ["InternalFailure", { status: 500 }, "external", "aws.unavailable"],
  ["Error", { code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:1" }, "external", "aws.unreachable"],
  ["Error", { code: "ENOTFOUND", message: "getaddrinfo ENOTFOUND sts.nowhere" }, "external", "aws.unreachable"],
  ["TimeoutError", {}, "external", "aws.unreachable"],
  ["PackedPolicyTooLargeException", { status: 400 }, "external", "aws.PackedPolicyTooLargeException"],
] as const)("%s %o is %s %s", (name, facts, kind, code) => {
  expect(awsError(said(name, facts), "list buckets")).toMatchObject({
    kind,
    code,
    message: expect.stringContaining("list buckets"),
    hint: expect.stringMatching(/\S/),
  });
});

test("what the SDK can't parse is told as that", () => {
  const page = said("SyntaxError", { status: 500, message: "Unexpected token '<'\n  Deserialization error: to see the raw response, inspect" });
  expect(awsError(page, "list the tags")).toMatchObject({
    code: "aws.unavailable",
    message: "AWS failed to list the tags: it answered 500 that isn't in AWS's format (AWS_ENDPOINT_URL, a proxy?)",
  });
});

test("every address that was tried is told", () => {
  const error = Object.assign(new AggregateError([new Error("connect ECONNREFUSED ::1:5555"), new Error("connect ECONNREFUSED 127.0.0.1:5555")]), {
    code: "ECONNREFUSED",
  });
  expect(awsError(error, "list buckets").message).toBe(
    "AWS can't be reached to list buckets: connect ECONNREFUSED ::1:5555; connect ECONNREFUSED 127.0.0.1:5555",
  );
});

test.each([
  ["a request has exceeded the configured 30000 ms requestTimeout.", "aws.timeout", "AWS didn't list buckets: asked 4 times, no answer within 30 seconds"],
  ["the request socket timed out after 30000 ms of inactivity (x).", "aws.timeout", "AWS didn't list buckets: asked 4 times, no answer within 30 seconds"],
  [
    "the request socket did not establish a connection with the server within the configured timeout of 3000 ms.",
    "aws.unreachable",
    "AWS can't be reached to list buckets: no connection within 3 seconds",
  ],
])("the SDK's own words are nobody's: %s", (text, code, message) => {
  const error = Object.assign(said("TimeoutError", { message: `@smithy/node-http-handler - [ERROR] ${text}`, code: "ETIMEDOUT" }), {
    $metadata: { attempts: 4 },
  });
  expect(awsError(error, "list buckets")).toMatchObject({ kind: "external", code, message });
});

test("a wrong signature's answer, which repeats the session token, goes nowhere", () => {
  const error = awsError(said("SignatureDoesNotMatch", { status: 403, message: "The Canonical String … x-amz-security-token:TOKEN" }), "list buckets");
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain("TOKEN");
});

test("an error of ours passes unchanged", () => {
  const error = new ChartctlError({ kind: "conflict", code: "operation.fenced", message: "…" });
  expect(awsError(error, "anything")).toBe(error);
});

test.each([
  "NoSuchBucket",
  "NotFound",
  "NoSuchTagSet",
  "NoSuchEntityException",
  "NoSuchPublicAccessBlockConfiguration",
  "ServerSideEncryptionConfigurationNotFoundError",
  "OwnershipControlsNotFoundError",
  "ResourceNotFoundException",
  "NotFoundException",
  "TableNotFoundException",
])("%s means absent", async (name) => {
  expect(await orAbsent("read it", () => Promise.reject(said(name, { status: 404 })))).toBeUndefined();
});

test.each(["UnknownError", "Error", "404", "SyntaxError", "AccessDenied", "UnknownOperationException"])(
  "%s never means absent, whatever the status",
  async (name) => {
    await expect(orAbsent("read the table data", () => Promise.reject(said(name, { status: 404 })))).rejects.toThrow(ChartctlError);
  },
);
