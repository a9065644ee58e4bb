/** From rows to the contract's objects. */
import type { Selectable } from "kysely";
import type { Operation, Project, Tenant } from "../../contract/resources.ts";
import type { Database } from "./database.ts";

export type ProjectRow = Selectable<Database["projects"]>;
export type OperationRow = Selectable<Database["operations"]>;

export const toTenant = (row: Selectable<Database["tenants"]>): Tenant => ({
  id: row.id,
  roleArn: row.role_arn,
  accountId: row.account_id,
  createdAt: row.created_at,
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
});

export const toProject = (row: ProjectRow, operation: OperationRow | undefined): Project => ({
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
  operation: operation ? toOperation(operation) : null,
});
