/** The schema, step by step. A step is never changed once released; a new one is added at the end. */
export const migrations: readonly string[][] = [
  [
    `create table tenants (id text primary key, role_arn text, account_id text, external_id text not null, created_at text not null)`,
    // One row an owner: locked while a booking is decided.
    `create table accounts (tenant_id text not null, user_id text not null, version integer not null, primary key (tenant_id, user_id))`,
    // user_id '' holds the tenant's own override.
    `create table quotas (tenant_id text not null, user_id text not null, limits text not null, primary key (tenant_id, user_id))`,
    `create table projects (
      key text primary key, tenant_id text not null, id text not null, user_id text not null, blueprint text not null,
      region text not null, environment text not null, account_id text, parameters text not null, monthly_cents integer not null,
      infrastructure text not null, application text not null, created_at text not null, last_activity_at text not null,
      ttl_seconds integer, expires_at text, outputs text not null, fence integer not null, operation_id text,
      previous text not null, receipt text, ended_at text)`,
    `create unique index projects_live on projects (tenant_id, id) where ended_at is null`,
    `create index projects_owner on projects (tenant_id, user_id) where ended_at is null`,
    `create table operations (
      id text primary key, idempotency_key text not null, request_hash text not null, tenant_id text not null, project_key text not null,
      project_id text not null, kind text not null, status text not null, fence integer not null, machine text not null, pid integer not null,
      started_at text not null, lease_expires_at text not null, credentials_expire_at text, taken_over text, fresh integer not null,
      opened_at text not null, finished_at text, error text)`,
    `create unique index operations_key on operations (tenant_id, idempotency_key)`,
    `create index operations_project on operations (project_key, fence)`,
    `create table journal (sequence integer primary key, operation_id text not null, step text not null, phase text not null, detail text, at text not null)`,
    `create index journal_operation on journal (operation_id)`,
    `create table states (project_key text primary key, serial integer not null, lineage text not null, body text not null, saved_at text not null)`,
    `create table audit (sequence integer primary key, tenant_id text not null, actor text not null, action text not null, subject text not null, before text, after text, at text not null)`,
  ],
  [
    `alter table projects add column previous_application text not null default 'absent'`,
    `alter table projects add column keep_failed integer not null default 0`,
    `alter table projects add column cleanup_attempts integer not null default 0`,
    `alter table projects add column cleanup_next_at text`,
    `alter table projects add column cleanup_error text`,
    `alter table operations add column reason text`,
    `create table releases (
      project_key text not null, number integer not null, operation_id text not null, status text not null, build text not null,
      code_sha256 text not null, version text, files integer not null, bytes bigint not null, source text not null, health text not null,
      actor text not null, created_at text not null, finished_at text, error text, primary key (project_key, number))`,
    `create unique index releases_operation on releases (operation_id)`,
  ],
];
