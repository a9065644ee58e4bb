/**
 * What a person may set on a blueprint: `--set name=value`, and what the control API keeps of it.
 * Infrastructure parameters reach Terraform; usage parameters only reach the estimate.
 */
import { z } from "zod";

const int = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** CloudWatch Logs takes only these (PutRetentionPolicy, `retentionInDays`). */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365] as const;

export const serverlessWebParameters = z.strictObject({
  memory_mb: int(128, 10_240).default(256).describe("memory of the function, MB"),
  timeout_seconds: int(1, 30).default(10).describe("longest run of the function, seconds (the HTTP API ends at 30)"),
  log_retention_days: z.coerce
    .number()
    .pipe(z.literal([...retentionDays]))
    .default(14)
    .describe("how long logs are kept, days"),
  throttle_rate: int(1, 10_000).default(20).describe("requests a second that the API lets through"),
  throttle_burst: int(1, 5_000).default(50).describe("requests at once that the API lets through"),
  monthly_requests: int(0, 10_000_000_000).default(100_000).describe("usage: requests a month"),
  request_duration_ms: int(1, 30_000).default(100).describe("usage: average run of the function, ms"),
  response_kb: int(0, 6_000).default(20).describe("usage: average answer, KB"),
  storage_gb: z.coerce.number().min(0).max(1_000_000).default(1).describe("usage: files in the bucket, GB"),
  table_gb: z.coerce.number().min(0).max(1_000_000).default(1).describe("usage: data in the table, GB"),
  reads_per_request: int(0, 1_000).default(1).describe("usage: table reads (4 KB) a request"),
  writes_per_request: int(0, 1_000).default(1).describe("usage: table writes (1 KB) a request"),
  log_kb_per_request: z.coerce.number().min(0).max(1_000).default(1).describe("usage: logs a request, KB"),
});
export type ServerlessWebParameters = z.infer<typeof serverlessWebParameters>;

export const blueprintParameters = { "serverless-web": serverlessWebParameters } as const;
export const blueprintNames = ["serverless-web"] as const;
export const blueprintSchema = z.enum(blueprintNames);
export type BlueprintName = z.infer<typeof blueprintSchema>;
