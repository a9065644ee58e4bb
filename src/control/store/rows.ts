/** From rows to the contract's objects. */
import type { Selectable } from "kysely";
import type { Operation, OverCost, Project, Release, Tenant } from "../../contract/resources.ts";
import type { BookedEstimate } from "../../core/costs/booked-estimates.ts";
import type { Database } from "./database.ts";

export type ProjectRow = Selectable<Database["projects"]>;
export type OperationRow = Selectable<Database["operations"]>;
export type ReleaseRow = Selectable<Database["releases"]>;

/** What a booking was estimated at, since when. */
export const bookedEstimates = ({ estimates }: Pick<ProjectRow, "estimates">): BookedEstimate[] => JSON.parse(estimates) as BookedEstimate[];

export const toTenant = (row: Selectable<Database["tenants"]>): Tenant => ({
  id: row.id,
  roleArn: row.role_arn,
  accountId: row.account_id,
  createdAt: row.created_at,
  rotatingSince: row.rotating_since,
  billing: row.billing_table === null ? null : { table: row.billing_table, since: row.billing_since ?? row.created_at },
  version: row.version,
});

export const toOperation = (row: OperationRow): Operation => ({
  id: row.id,
  kind: row.kind as Operation["kind"],
  status: row.status as Operation["status"],
  tenantId: row.tenant_id,
  projectKey: row.project_key,
  projectId: row.project_id,
  fence: row.fence,
  holder: { machine: row.machine, pid: row.pid, startedAt: row.started_at },
  leaseExpiresAt: row.lease_expires_at,
  credentialsExpireAt: row.credentials_expire_at,
  openedAt: row.opened_at,
  finishedAt: row.finished_at,
  error: row.error === null ? null : JSON.parse(row.error),
  reason: row.reason,
});

export const toRelease = (row: ReleaseRow, projectId: string): Release => ({
  number: row.number,
  projectId,
  operationId: row.operation_id,
  status: row.status as Release["status"],
  build: row.build,
  codeSha256: row.code_sha256,
  version: row.version,
  files: row.files,
  bytes: Number(row.bytes), // bigint comes as text from PostgreSQL
  source: row.source,
  health: row.health,
  actor: row.actor,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
  error: row.error === null ? null : JSON.parse(row.error),
});

const toLive = (row: ReleaseRow): Project["release"] => ({
  number: row.number,
  build: row.build,
  files: row.files,
  bytes: Number(row.bytes),
  createdAt: row.created_at,
});

/** As the last reading of the bill left it. */
export const overCostMark = (row: Pick<ProjectRow, "over_cost">): OverCost | null => JSON.parse(row.over_cost ?? "null");

/** `live` is the release that answers. */
export const toProject = (row: ProjectRow, operation: OperationRow | undefined, live?: ReleaseRow): Project => ({
  key: row.key,
  id: row.id,
  tenantId: row.tenant_id,
  userId: row.user_id,
  blueprint: row.blueprint as Project["blueprint"],
  region: row.region as Project["region"],
  environment: row.environment as Project["environment"],
  accountId: row.account_id,
  parameters: JSON.parse(row.parameters),
  monthlyCents: row.monthly_cents,
  infrastructure: row.infrastructure as Project["infrastructure"],
  application: row.application as Project["application"],
  createdAt: row.created_at,
  lastActivityAt: row.last_activity_at,
  ttlSeconds: row.ttl_seconds,
  expiresAt: row.expires_at,
  outputs: JSON.parse(row.outputs),
  keepFailed: row.keep_failed === 1,
  release: live ? toLive(live) : null,
  cleanup:
    row.cleanup_next_at === null ? null : { attempts: Math.max(1, row.cleanup_attempts), nextAt: row.cleanup_next_at, error: row.cleanup_error ?? "unknown" },
  overCost: overCostMark(row),
  operation: operation ? toOperation(operation) : null,
  version: row.version,
});
