/** The main job on the built CLI, with real Terraform, the real AWS provider and an emulator: read it as a terminal session. */
import { CloudWatchLogsClient, CreateLogGroupCommand, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateBackupCommand, DeleteBackupCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import { startEmulator } from "../support/emulator.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";

interface ProjectData {
  key: string;
  infrastructure: string;
  createdAt: string;
  expiresAt: string | null;
  outputs: { url: string };
}
interface PlanData {
  changes: { address: string; action: string }[];
  besides: string[];
}

let emulator: Awaited<ReturnType<typeof startEmulator>>;
let home: Home;
const acme = ["-t", "acme", "--json"];
const sales = [...acme, "-p", "sales", "--yes"];

beforeAll(async () => {
  emulator = await startEmulator();
  home = newHome({ AWS_ENDPOINT_URL: emulator.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" });
  expect((await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme")).code).toBe(0);
}, 60_000);

afterAll(async () => {
  await emulator?.stop();
  home?.remove();
});

const aws = () => ({ endpoint: emulator.url, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
const project = async (): Promise<ProjectData> => dataOf<ProjectData>(await home.run(...sales, "projects", "show"));

describe("a project's life", { timeout: 180_000 }, () => {
  it("plans without making or booking anything: exit 2", async () => {
    const planned = await home.run(...sales, "provision", "--plan");
    expect(planned.code, planned.stderr).toBe(2);
    const { changes, besides } = dataOf<PlanData>(planned);
    expect(changes.length).toBeGreaterThan(15);
    expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(["create"]));
    expect(besides.join()).toContain("chartctl-boundary");
    expect(await liveResources(emulator.url)).toEqual([]);
    expect((await home.run(...sales, "status")).code).toBe(6);
  });

  it("provisions: everything stands, is booked and leaves no process", async () => {
    const provisioned = await home.run(...sales, "provision", "--ttl", "2h");
    expect(provisioned.code, provisioned.stderr).toBe(0);
    const { outcome, project: booked } = dataOf<{ outcome: string; project: ProjectData }>(provisioned);
    expect(outcome).toBe("applied");
    expect(booked.infrastructure).toBe("deployed");
    expect(booked.outputs.url).toMatch(/^https:\/\//);
    const live = await liveResources(emulator.url);
    expect(live).toContain(`bucket chart-${booked.key}-sales-site`);
    expect(live).toContain(`table chart-${booked.key}-sales-data`);
    expect(live).toContain(`function chart-${booked.key}-sales-app`);
    expect(processesOf(home.path)).toEqual([]);
  });

  it("provisions again: nothing changes, exit 0 with --plan", async () => {
    const before = await project();
    const again = await home.run(...sales, "provision");
    expect(dataOf<{ outcome: string }>(again).outcome).toBe("unchanged");
    expect((await home.run(...sales, "provision", "--plan")).code).toBe(0);
    expect((await project()).createdAt).toBe(before.createdAt);
  });

  it("updates in place, and names what changes", async () => {
    const updated = await home.run(...sales, "provision", "--set", "memory_mb=512");
    expect(updated.code, updated.stderr).toBe(0);
    const { changes } = dataOf<{ plan: PlanData }>(updated).plan;
    expect(changes).toEqual([{ address: "aws_lambda_function.app", type: "aws_lambda_function", action: "update", attributes: ["memory_size"] }]);
  });

  it("two provisions of one project at once: one works, the other is a conflict or finds nothing to do", async () => {
    const both = await Promise.all([home.run(...sales, "provision", "--set", "memory_mb=256"), home.run(...sales, "provision", "--set", "memory_mb=256")]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 5]);
    expect(both.find(({ code }) => code === 5)?.stdout).toContain("operation.running");
  });

  it("lends the state to power users", async () => {
    const listed = await home.run("-t", "acme", "-p", "sales", "terraform", "--", "state", "list");
    expect(listed.code, listed.stderr).toBe(0);
    expect(listed.stdout).toContain("aws_s3_bucket.site");
  });

  it("gives tenant-scoped credentials as credential_process does", async () => {
    const given = JSON.parse((await home.run("-t", "acme", "-p", "sales", "credentials")).stdout) as Record<string, unknown>;
    expect(given).toMatchObject({
      Version: 1,
      AccessKeyId: expect.any(String),
      SecretAccessKey: expect.any(String),
      SessionToken: expect.any(String),
      Expiration: expect.any(String),
    });
  });

  describe("finds every planted leftover, keeps the booking, and destroys when it is gone", () => {
    const plants: [string, (key: string) => Promise<() => Promise<unknown>>][] = [
      [
        // An object that nobody purged.
        "bucketnotempty",
        async (key) => {
          const client = new S3Client({ ...aws(), forcePathStyle: true });
          const at = { Bucket: `chart-${key}-sales-site`, Key: "report.csv" };
          const { VersionId } = await client.send(new PutObjectCommand({ ...at, Body: "a,b" }));
          return () => client.send(new DeleteObjectCommand({ ...at, VersionId }));
        },
      ],
      [
        // A log group that a late call made.
        "/aws/lambda/",
        async (key) => {
          const client = new CloudWatchLogsClient(aws());
          const logGroupName = `/aws/lambda/chart-${key}-sales-late`;
          await client.send(new CreateLogGroupCommand({ logGroupName }));
          return () => client.send(new DeleteLogGroupCommand({ logGroupName }));
        },
      ],
      [
        // A table's backup.
        "backup",
        async (key) => {
          const client = new DynamoDBClient(aws());
          const made = await client.send(new CreateBackupCommand({ TableName: `chart-${key}-sales-data`, BackupName: "kept" }));
          return () => client.send(new DeleteBackupCommand({ BackupArn: made.BackupDetails?.BackupArn }));
        },
      ],
      [
        // A role.
        "extra",
        async (key) => {
          const client = new IAMClient(aws());
          const RoleName = `chart-${key}-sales-extra`;
          await client.send(new CreateRoleCommand({ RoleName, Path: "/chartctl/acme/", AssumeRolePolicyDocument: "{}" }));
          return () => client.send(new DeleteRoleCommand({ RoleName }));
        },
      ],
    ];
    it("planted at once, and taken away one after the other: the last one alone still holds the booking", async () => {
      expect((await home.run(...sales, "provision")).code).toBe(0);
      const { key } = await project();
      const standing = await Promise.all(plants.map(async ([word, plant]) => ({ word, remove: await plant(key) })));
      for (let first = true; standing.length > 0; first = false) {
        const refused = await home.run(...sales, "destroy");
        expect(refused.code, refused.stdout).toBe(7);
        // An object stops Terraform before anything else can be looked for.
        for (const { word } of first ? standing.slice(0, 1) : standing) expect(refused.stdout.toLowerCase()).toContain(word);
        expect((await project()).infrastructure).toBe("failed");
        await standing.shift()?.remove();
      }
      const destroyed = await home.run(...sales, "destroy");
      expect(destroyed.code, destroyed.stdout + destroyed.stderr).toBe(0);
      expect(await liveResources(emulator.url)).toEqual([]);
    });
  });

  it("destroys with a receipt: every read made, every answer absent, the booking ended", async () => {
    expect((await home.run(...sales, "provision")).code).toBe(0);
    const destroyed = await home.run(...sales, "destroy");
    expect(destroyed.code, destroyed.stderr).toBe(0);
    const { receipt } = dataOf<{ receipt: { stateResources: number; reads: { kind: string; answer: string; asked: string }[] } }>(destroyed);
    expect(receipt.stateResources).toBe(0);
    expect(receipt.reads.length).toBeGreaterThan(8);
    expect(new Set(receipt.reads.map(({ answer }) => answer))).toEqual(new Set(["absent"]));
    expect(await liveResources(emulator.url)).toEqual([]);
    expect(dataOf<{ used: { projects: number; monthlyCents: number } }>(await home.run(...acme, "quota")).used).toEqual({ projects: 0, monthlyCents: 0 });
    expect((await home.run(...sales, "destroy")).code).toBe(6);
    expect(processesOf(home.path)).toEqual([]);
  });

  it("Ctrl-C once stops gently: exit 130, what stands is known, the next destroy leaves nothing", async () => {
    const { child, ended } = home.start(...sales, "provision");
    for (let waited = 0; waited < 200 && (await liveResources(emulator.url)).length === 0; waited++) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(130);
    expect(processesOf(home.path)).toEqual([]);
    expect((await home.run(...sales, "destroy")).code).toBe(0);
    expect(await liveResources(emulator.url)).toEqual([]);
  });
});
