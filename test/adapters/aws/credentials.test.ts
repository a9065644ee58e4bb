import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsBoundary } from "../../../src/adapters/aws/boundary.ts";
import type { AwsCredentialOptions } from "../../../src/adapters/aws/credentials.ts";
import { awsCredentials } from "../../../src/adapters/aws/credentials.ts";
import { sessionPolicy } from "../../../src/core/lifecycle/session-policy.ts";
import type { CredentialRequest } from "../../../src/core/ports.ts";
import type { Moto } from "./moto.ts";
import { freePort, startMoto } from "./moto.ts";
import { plantRole } from "./planted.ts";

const accountId = "123456789012";
const roleArn = `arn:aws:iam::${accountId}:role/chartctl`;
const request: CredentialRequest = {
  tenantId: "acme",
  userId: "ann",
  projectId: "sales",
  projectKey: "abc123defg",
  region: "us-east-1",
  sessionName: "op-1",
  purpose: "provision",
};

let moto: Moto;
/** What STS was asked, in front of the real emulator. */
let asked: URLSearchParams[] = [];
/** Whose key each of them was signed with. */
let keys: string[] = [];
let watched: { endpoint: string; close(): Promise<void> };

beforeAll(async () => {
  moto = await startMoto();
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", async () => {
      const body = Buffer.concat(chunks).toString();
      asked.push(new URLSearchParams(body));
      keys.push(/Credential=(\w+)/.exec(incoming.headers.authorization ?? "")?.[1] ?? "");
      const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
      delete headers["content-length"];
      delete headers.connection;
      const answer = await fetch(`${moto.endpoint}${incoming.url}`, { method: "POST", headers, body });
      outgoing.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/xml" }).end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  watched = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}, 60_000);
afterAll(async () => {
  await watched.close();
  await moto.stop();
});
beforeEach(async () => {
  await moto.reset();
  asked = [];
  keys = [];
});

const using = (changed: Partial<AwsCredentialOptions> = {}) =>
  awsCredentials({
    connection: async () => ({ roleArn, accountId: null, externalId: "ext-acme" }),
    env: { ...moto.env, AWS_ENDPOINT_URL_STS: watched.endpoint },
    allowDirect: true,
    ...changed,
  });
const withoutRole = async () => ({ roleArn: null, accountId: null, externalId: "ext-acme" });
const assumed = () => asked.filter((call) => call.get("Action") === "AssumeRole");

describe("a tenant's role", () => {
  test("is assumed with its external ID, the project's tags and the operation's policy", async () => {
    const credentials = await using().issue(request);
    expect(credentials.sessionToken).toBeTruthy();
    expect(credentials.expiration?.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
    const [call] = assumed();
    expect(Object.fromEntries([...(call ?? [])].filter(([name]) => name !== "Policy"))).toEqual({
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: roleArn,
      RoleSessionName: "op-1",
      ExternalId: "ext-acme",
      DurationSeconds: "3600",
      "Tags.member.1.Key": "TenantId",
      "Tags.member.1.Value": "acme",
      "Tags.member.2.Key": "UserId",
      "Tags.member.2.Value": "ann",
      "Tags.member.3.Key": "ProjectId",
      "Tags.member.3.Value": "sales",
      "Tags.member.4.Key": "ProjectKey",
      "Tags.member.4.Value": "abc123defg",
    });
    expect(call?.get("Policy")).toBe(sessionPolicy(request));
    const sts = new STSClient({ endpoint: moto.endpoint, region: "us-east-1", credentials });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/chartctl/op-1`);
  });

  test("is assumed for 15 minutes to read", async () => {
    await using().issue({ ...request, purpose: "read" });
    expect(assumed()[0]?.get("DurationSeconds")).toBe("900");
  });

  test("is assumed once for the same thing, and anew for any other tenant, user, project, operation, purpose or external ID", async () => {
    let externalId = "ext-acme";
    const credentials = using({ connection: async () => ({ roleArn, accountId: null, externalId }) });
    await credentials.issue(request);
    await credentials.issue(request);
    expect(assumed()).toHaveLength(1);
    for (const [name, value] of [
      ["tenantId", "acme-b"],
      ["userId", "bob"],
      ["projectId", "c"],
      ["projectKey", "zyx987wvut"],
      ["region", "us-west-2"],
      ["sessionName", "op-2"],
      ["purpose", "destroy"],
    ] as const) {
      await credentials.issue({ ...request, [name]: value });
    }
    expect(assumed()).toHaveLength(8);
    // Joined into one text, these two would be the same.
    await credentials.issue({ ...request, tenantId: "a-b", projectId: "c" });
    await credentials.issue({ ...request, tenantId: "a", projectId: "b-c" });
    expect(assumed()).toHaveLength(10);
    externalId = "ext-rotated";
    await credentials.issue(request);
    expect(assumed().at(-1)?.get("ExternalId")).toBe("ext-rotated");
  });

  test("is assumed by the broker, where there is one, which is itself assumed once", async () => {
    const broker = `arn:aws:iam::${accountId}:role/chartctl-broker`;
    const credentials = using({ env: { ...moto.env, AWS_ENDPOINT_URL_STS: watched.endpoint, CHARTCTL_BROKER_ROLE_ARN: broker } });
    await Promise.all([credentials.issue(request), credentials.issue({ ...request, purpose: "destroy" })]);
    expect(assumed().map((call) => [call.get("RoleArn"), call.get("RoleSessionName"), call.get("ExternalId")])).toEqual([
      [broker, "chartctl", null],
      [roleArn, "op-1", "ext-acme"],
      [roleArn, "op-1", "ext-acme"],
    ]);
    const [operators, ...brokers] = keys.filter((_, at) => asked[at]?.get("Action") === "AssumeRole");
    expect(operators).toBe("AKIAOPERATOR");
    expect(new Set(brokers).size).toBe(1);
    expect(brokers).not.toContain("AKIAOPERATOR");
  });

  test("may be refused: with what the trust policy must name, and no secret", async () => {
    const env = { AWS_ENDPOINT_URL: moto.endpoint, AWS_ACCESS_KEY_ID: "AKIANOBODY", AWS_SECRET_ACCESS_KEY: "a-secret-of-nobody" };
    await plantRole(
      new IAMClient({ endpoint: moto.endpoint, region: "us-east-1", credentials: { accessKeyId: "planter", secretAccessKey: "planter" } }),
      "chartctl",
      "/",
    );
    await moto.checkAuthAfter(0);
    try {
      const error = await using({ env })
        .issue(request)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: "auth", code: expect.stringMatching(/^aws\.(assume-role-refused|invalid-credentials)$/), hint: expect.any(String) });
      expect(JSON.stringify(error) + String(error)).not.toContain("a-secret-of-nobody");
    } finally {
      await moto.checkAuthAfter("never");
    }
  });
});

describe("without a tenant's role", () => {
  test("the platform's role is assumed", async () => {
    const credentials = using({
      connection: withoutRole,
      env: { ...moto.env, AWS_ENDPOINT_URL_STS: watched.endpoint, AWS_ROLE_ARN: `${roleArn}-platform`, AWS_EXTERNAL_ID: "ext-platform" },
    });
    expect(await credentials.kind("acme")).toBe("platform-role");
    await credentials.issue(request);
    expect(assumed()[0]?.get("RoleArn")).toBe(`${roleArn}-platform`);
    expect(assumed()[0]?.get("ExternalId")).toBe("ext-platform");
  });

  test("AWS_ROLE_ARN beside a web identity token belongs to the operator's own sign-in", async () => {
    const env = { ...moto.env, AWS_ROLE_ARN: roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: "token" };
    expect(await using({ connection: withoutRole, env }).kind("acme")).toBe("direct");
  });

  test("the operator's own credentials are used directly", async () => {
    const credentials = using({ connection: withoutRole });
    expect(await credentials.kind("acme")).toBe("direct");
    expect(await credentials.issue(request)).toEqual({ accessKeyId: "AKIAOPERATOR", secretAccessKey: "operator-secret" });
    expect(assumed()).toEqual([]);
  });

  test("a hosted API refuses", async () => {
    await expect(using({ connection: withoutRole, allowDirect: false }).issue(request)).rejects.toMatchObject({
      kind: "refused",
      code: "tenant.no-role",
      hint: "give it one: chartctl tenants connect acme",
    });
  });
});

describe("the account", () => {
  test("is the one that the credentials reach", async () => {
    expect(await using().account(request)).toBe(accountId);
  });

  test("must be the tenant's", async () => {
    const credentials = using({ connection: async () => ({ roleArn, accountId: "999988887777", externalId: "ext-acme" }) });
    await expect(credentials.account(request)).rejects.toMatchObject({
      kind: "refused",
      code: "account.mismatch",
      message: "The credentials reach AWS account 123456789012; tenant acme is in 999988887777",
    });
  });
});

describe("what can be wrong", () => {
  test("nobody listens: the address is named, within seconds", async () => {
    const port = await freePort();
    const before = performance.now();
    await expect(using({ env: { ...moto.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } }).issue(request)).rejects.toMatchObject({
      kind: "external",
      code: "aws.unreachable",
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  test("no credentials, or no such profile: the profile is named", async () => {
    const kept = process.env.AWS_EC2_METADATA_DISABLED;
    process.env.AWS_EC2_METADATA_DISABLED = "true";
    try {
      const credentials = using({ env: { AWS_ENDPOINT_URL: moto.endpoint }, profile: "no-such-profile" });
      await expect(credentials.issue(request)).rejects.toMatchObject({
        kind: "auth",
        code: "aws.no-credentials",
        message: expect.stringContaining("no-such-profile"),
        hint: expect.stringContaining("aws sso login"),
      });
    } finally {
      if (kept === undefined) delete process.env.AWS_EC2_METADATA_DISABLED;
      else process.env.AWS_EC2_METADATA_DISABLED = kept;
    }
  });
});

test("the permissions boundary is missing, made, there, and made twice without harm", async () => {
  const boundary = awsBoundary(moto.env);
  const source = { get: async () => ({ accessKeyId: "a", secretAccessKey: "b" }) };
  expect(await boundary.exists(accountId, "us-east-1", source)).toBe(false);
  await boundary.create(accountId, "us-east-1", source);
  expect(await boundary.exists(accountId, "us-east-1", source)).toBe(true);
  await boundary.create(accountId, "us-east-1", source);
});
