import { describe, expect, it } from "vitest";
import { terraformFailure } from "../../../src/adapters/terraform/failures.ts";

const of = (detail: string) => terraformFailure("apply", "exit code 1", [{ severity: "error", summary: "creating it", detail }], "");

/** As Terraform and the provider were seen to say it. */
const said: [code: string, text: string][] = [
  ["aws.throttled", "operation error DynamoDB: CreateTable, https response error StatusCode: 400, ThrottlingException: Rate exceeded"],
  ["aws.throttled", "operation error S3: CreateBucket, https response error StatusCode: 503, api error SlowDown: Reduce your request rate"],
  ["aws.expired-credentials", "operation error STS: GetCallerIdentity, ExpiredToken: The security token included in the request is expired"],
  ["aws.access-denied", "operation error Lambda: CreateFunction, AccessDeniedException: User is not authorized to perform: lambda:CreateFunction"],
  ["aws.credentials-refused", "operation error STS: GetCallerIdentity, api error InvalidClientTokenId: The security token included in the request is invalid"],
  ["operation.fenced", "failed to refresh cached credentials, error in credential_process: exit status 1: operation.fenced: Another run has taken over"],
  ["aws.credentials-refused", "failed to refresh cached credentials, error in credential_process: exit status 1: connect ENOENT"],
  ["terraform.already-exists", "operation error IAM: CreateRole, https response error StatusCode: 409, EntityAlreadyExists: Role with name x already exists."],
  ["terraform.already-exists", "operation error S3: CreateBucket, https response error StatusCode: 409, BucketAlreadyOwnedByYou"],
  ["aws.unreachable", 'request send failed, Post "https://sts.us-east-1.amazonaws.com/": dial tcp: lookup sts.us-east-1.amazonaws.com: no such host'],
  [
    "terraform.no-provider",
    "could not connect to registry.terraform.io: failed to request discovery document: dial tcp 127.0.0.1:9: connect: connection refused",
  ],
  ["terraform.provider-changed", "the local package for registry.terraform.io/hashicorp/aws 5.100.0 doesn't match any of the\nchecksums previously recorded"],
  [
    "terraform.provider-died",
    'rpc error: code = Unavailable desc = connection error: desc = "transport: error while dialing: dial unix /x: connect: connection refused"',
  ],
  ["terraform.provider-died", "Could not load the schema: failed to instantiate provider: Reattachment process not found"],
  ["terraform.locked", "Error acquiring the state lock: resource temporarily unavailable"],
  ["disk-full", "Failed to persist state: write terraform.tfstate: no space left on device"],
  ["aws.unavailable", "operation error Lambda: CreateFunction, https response error StatusCode: 503, ServiceUnavailable"],
  ["destroy.bucket-not-empty", "operation error S3: DeleteBucket, https response error StatusCode: 409, BucketNotEmpty"],
  ["terraform.failed", "x509: certificate has expired or is not yet valid"],
  ["terraform.failed", "something that nobody has seen"],
];

describe("what went wrong", () => {
  it.each(said)("is %s: %s", (code, text) => {
    expect(of(text)).toMatchObject({ code, kind: code === "operation.fenced" ? "conflict" : "external", hint: expect.stringMatching(/\w/) });
  });

  it("is told by the first diagnostic, with the number of others", () => {
    const diagnostics = ["one", "two", "three"].map((summary) => ({ severity: "error" as const, summary, detail: "", address: `a.${summary}` }));
    const warning = { severity: "warning" as const, summary: "deprecated", detail: "" };
    const error = terraformFailure("apply", "exit code 1", [warning, ...diagnostics], "");
    expect(error.message).toBe("Terraform apply failed: a.one: one (and 2 more)");
  });

  it("is told by the plain text of commands without JSON", () => {
    const text = "\n╷\n│ Error: Cannot import non-existent remote object\n│ \n│ While attempting to import\n╵\n";
    expect(terraformFailure("import", "exit code 1", [], text).message).toBe(
      "Terraform import failed: Error: Cannot import non-existent remote object While attempting to import",
    );
    expect(terraformFailure("plan", "killed by SIGKILL", [], "").message).toBe("Terraform plan failed: killed by SIGKILL");
  });
});
