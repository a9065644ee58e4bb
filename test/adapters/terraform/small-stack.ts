/** A small stack, written by hand, and the ports and options to open it with. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TerraformOptions } from "../../../src/adapters/terraform/stack.ts";
import type { StateCopy } from "../../../src/contract/lifecycle-endpoints.ts";
import type { ProgressEvent, StackPorts, StackSpec } from "../../../src/core/ports.ts";

export const secret = "never-on-disk-0123456789";
const askScript = fileURLToPath(new URL("./ask.mjs", import.meta.url));

/** Two log groups, a bucket and a table, which is made last. `retention` is an update in place. */
export function smallStack(options: { name?: string; retention?: number; scratch?: boolean } = {}): StackSpec {
  const { name = "demo", retention = 7, scratch = false } = options;
  const main = {
    terraform: { required_providers: { aws: { source: "hashicorp/aws", version: "5.100.0" } } },
    provider: { aws: { region: "us-east-1", s3_use_path_style: true, skip_requesting_account_id: true, max_retries: 2 } },
    resource: {
      aws_cloudwatch_log_group: { first: { name: `${name}-first`, retention_in_days: retention }, second: { name: `${name}-second` } },
      aws_s3_bucket: { files: { bucket: `${name}-files` } },
      aws_dynamodb_table: {
        rows: {
          name: `${name}-rows`,
          billing_mode: "PAY_PER_REQUEST",
          hash_key: "id",
          attribute: [{ name: "id", type: "S" }],
          depends_on: ["aws_cloudwatch_log_group.first", "aws_cloudwatch_log_group.second", "aws_s3_bucket.files"],
        },
      },
    },
    output: { table: { value: `\${aws_dynamodb_table.rows.name}` } },
  };
  return {
    identity: {
      tenantId: "acme",
      userId: "ann",
      projectId: name,
      projectKey: `key${name}`,
      region: "us-east-1",
      environment: "development",
      createdAt: "2026-11-01T00:00:00.000Z",
      accountId: "123456789012",
    },
    synthesized: { files: { "main.tf.json": JSON.stringify(main, null, 2) }, resources: [] },
    ...(scratch ? { scratch: true } : {}),
  };
}

export const all = ["aws_cloudwatch_log_group.first", "aws_cloudwatch_log_group.second", "aws_dynamodb_table.rows", "aws_s3_bucket.files"];

export interface Recorded {
  ports: StackPorts;
  saved: StateCopy[];
  events: ProgressEvent[];
  interrupt: { gentle: AbortController; now: AbortController };
}

/** Ports that keep the states in memory and note what they are told. */
export function recordingPorts(more: Partial<StackPorts> = {}, saved: StateCopy[] = []): Recorded {
  const interrupt = { gentle: new AbortController(), now: new AbortController() };
  const events: ProgressEvent[] = [];
  const ports: StackPorts = {
    credentials: {
      get: async () => ({ accessKeyId: "ASIATEST", secretAccessKey: secret, sessionToken: "token", expiration: new Date(Date.now() + 3_600_000) }),
    },
    saveState: async (copy) => void saved.push(copy),
    loadState: async () => saved.at(-1),
    progress: (event) => void events.push(event),
    interrupt: { gentle: interrupt.gentle.signal, now: interrupt.now.signal },
    ...more,
  };
  return { ports, saved, events, interrupt };
}

export interface Place {
  path: string;
  options(url: string, more?: Partial<TerraformOptions>): TerraformOptions;
  runFolder(name?: string): string;
  remove(): void;
}

/** A home of its own; the provider is verified once in it. */
export function newPlace(): Place {
  const path = mkdtempSync(join(tmpdir(), "chartctl-stack-"));
  return {
    path,
    runFolder: (name = "demo") => join(path, "data", "runs", `key${name}`),
    options: (url, more = {}) => ({
      dataDir: join(path, "data"),
      cacheDir: join(path, "cache"),
      env: { ...process.env, AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: "operator", AWS_SECRET_ACCESS_KEY: "operator-secret" },
      credentialHelper: (socket) => [process.execPath, askScript, socket],
      shareProvider: true,
      ...more,
    }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** True as soon as it holds; false after so many seconds. */
export async function eventually(holds: () => boolean, seconds: number): Promise<boolean> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return holds();
}
