import type Libsql from "libsql";
import { sumBilledCosts } from "./sum-billed-costs.ts";

/** One statement for both databases (`AUTONUMBER` is each one's own), or what only one of them needs. */
export type Statement = string | { sqlite?: string | string[] | SqliteStep; postgres?: string | string[] };
/** What SQLite's own language can't do. In the migration's transaction. */
export type SqliteStep = (connection: InstanceType<typeof Libsql>) => void;

/** The schema, step by step. A step is never changed once released; a new one is added at the end. */
export const migrations: readonly Statement[][] = [
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
    `create table journal (sequence AUTONUMBER, operation_id text not null, step text not null, phase text not null, detail text, at text not null)`,
    `create index journal_operation on journal (operation_id)`,
    `create table states (project_key text primary key, serial integer not null, lineage text not null, body text not null, saved_at text not null)`,
    `create table audit (sequence AUTONUMBER, tenant_id text not null, actor text not null, action text not null, subject text not null, before text, after text, at text not null)`,
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
  [
    `alter table tenants add column version integer not null default 1`,
    `alter table projects add column version integer not null default 1`,
    `alter table quotas add column version integer not null default 1`,
    `alter table audit add column request_id text`,
    `create index audit_tenant on audit (tenant_id, sequence)`,
    // Nobody rewrites what happened, this program included.
    {
      sqlite: [
        `create trigger audit_no_update before update on audit begin select raise(abort, 'the audit log is append-only'); end`,
        `create trigger audit_no_delete before delete on audit begin select raise(abort, 'the audit log is append-only'); end`,
      ],
      postgres: [
        `create function audit_append_only() returns trigger language plpgsql as 'begin raise exception ''the audit log is append-only''; end'`,
        `create trigger audit_no_change before update or delete or truncate on audit execute function audit_append_only()`,
      ],
    },
    `create table users (
      tenant_id text not null, id text not null, role text not null, password_hash text, status text not null, version integer not null,
      sessions_from text not null, created_at text not null, last_sign_in_at text, primary key (tenant_id, id))`,
    `create table invitations (hash text primary key, tenant_id text not null, user_id text not null, expires_at text not null, used_at text)`,
    `create table api_tokens (
      id text primary key, tenant_id text not null, user_id text not null, name text not null, role text not null, hash text not null,
      created_at text not null, expires_at text not null, last_used_at text, revoked_at text)`,
    `create index api_tokens_user on api_tokens (tenant_id, user_id)`,
    `create table workload_trusts (
      id text primary key, tenant_id text not null, user_id text not null, issuer text not null, subject text not null, role text not null,
      created_at text not null, last_used_at text)`,
    `create index workload_trusts_tenant on workload_trusts (tenant_id)`,
    `create table signing_keys (kid text primary key, public_jwk text not null, private_jwk text not null, created_at text not null, retired_at text)`,
    `create table idempotency (
      tenant_id text not null, user_id text not null, key text not null, request_hash text not null, status integer not null, headers text not null,
      body text not null, created_at text not null, primary key (tenant_id, user_id, key))`,
    `create index idempotency_age on idempotency (created_at)`,
    `create table jobs (
      id text primary key, tenant_id text not null, user_id text not null, project_id text not null, kind text not null, input text not null,
      project_key text, actor_tenant text not null, actor_user text not null, role text not null,
      status text not null, attempts integer not null, not_before text, worker text, lease_expires_at text, result text, error text,
      created_at text not null, started_at text, finished_at text)`,
    // A project has one at a time, even one that doesn't exist yet and can't be locked.
    `create unique index jobs_one_open on jobs (tenant_id, project_id) where status in ('queued', 'running', 'waiting')`,
    `create index jobs_project on jobs (tenant_id, project_id, created_at)`,
    `create index jobs_open on jobs (status, created_at)`,
    `create table job_events (job_id text not null, sequence integer not null, event text not null, at text not null, primary key (job_id, sequence))`,
    `create table workers (id text primary key, machine text not null, version text not null, terraform text, started_at text not null, seen_at text not null, running integer not null)`,
    `create table daily_costs (
      day text not null, tenant_id text not null, user_id text not null, project_key text not null, project_id text not null, source text not null,
      cents integer not null, primary key (day, project_key, source))`,
    `create index daily_costs_tenant on daily_costs (tenant_id, day)`,
    `create table limited_callers (day text not null, caller text not null, refused integer not null, last_at text not null, primary key (day, caller))`,
    // What rate limits count may be lost in a crash, and costs no wait for the disk.
    { postgres: `create unlogged table rate_limits (key varchar(255) primary key, points integer not null default 0, expire bigint)` },
  ],
  [`alter table tenants add column next_external_id text`, `alter table tenants add column rotating_since text`],
  [
    // What AWS billed, kept beyond the projects' ends. An amount is an exact decimal in text: neither database adds those, the store does.
    `create table billed_costs (
      tenant_id text not null, dimension text not null, day text not null, key text not null, kind text not null, currency text not null,
      amount text not null, primary key (tenant_id, dimension, day, key, kind, currency))`,
    `create index billed_costs_day on billed_costs (dimension, day)`, // all tenants'
    `create table billed_days (
      tenant_id text not null, day text not null, source text not null, open integer not null, read_at text not null, primary key (tenant_id, day))`,
    // One row a tenant: when its bill was read, and is to be read; who reads it now.
    `create table billing_reads (
      tenant_id text primary key, read_at text, next_at text, attempts integer not null, error text, claim text, claimed_until text)`,
  ],
  [
    `alter table projects add column over_cost text`,
    `alter table accounts add column over_cost text`,
    `alter table quotas add column over_cost text`,
    `create table alerts (
      id text primary key, tenant_id text not null, kind text not null, subject text not null, month text not null, user_id text not null,
      project_id text, body text not null, status text not null, attempts integer not null, created_at text not null, next_at text,
      claimed_until text, error text, ended_at text)`,
    // Told once, whoever decides it, and however often.
    `create unique index alerts_once on alerts (tenant_id, kind, subject, month)`,
    `create index alerts_due on alerts (status, next_at)`,
    `create table gone_receivers (id text primary key, gone_at text not null)`,
  ],
  [`alter table tenants add column billing_table text`, `alter table tenants add column billing_since text`],
  [
    // One of every tenant is the platform's own.
    `create table reports (
      id text primary key, tenant_id text not null, all_tenants integer not null, actor text not null, month text not null, format text not null,
      status text not null, attempts integer not null, claim text, claimed_until text, error text, bytes integer, created_at text not null,
      finished_at text, expires_at text not null)`,
    `create index reports_tenant on reports (tenant_id, created_at)`,
    `create index reports_open on reports (status, created_at)`,
    {
      sqlite: `create table report_chunks (report_id text not null, number integer not null, body blob not null, primary key (report_id, number))`,
      postgres: `create table report_chunks (
        report_id text collate "C" not null, number integer not null, body bytea not null, primary key (report_id, number))`,
    },
  ],
  [
    `alter table projects add column estimates text not null default '[]'`,
    // Of one that has ended, the estimate is lost.
    {
      sqlite: `update projects set estimates = json_array(json_object('since', created_at, 'monthlyCents', monthly_cents)) where ended_at is null`,
      postgres: `update projects
        set estimates = json_build_array(json_build_object('since', created_at, 'monthlyCents', monthly_cents))::text where ended_at is null`,
    },
  ],
  [
    `alter table billing_reads add column hint text`,
    `alter table alerts add column limit_cents integer not null default 0`,
    // Told again of the same limit, where it names another clean-up.
    `alter table alerts add column round integer not null default 0`,
    // 1: a receiver was there to be told when it was made.
    `alter table alerts add column awaited integer not null default 0`,
    {
      sqlite: `update alerts set limit_cents = cast(round(json_extract(body, '$.data.limit') * 100) as integer)`,
      postgres: `update alerts set limit_cents = ((body::json -> 'data' ->> 'limit')::numeric * 100)::integer`,
    },
    `drop index alerts_once`,
    `create unique index alerts_once on alerts (tenant_id, kind, subject, month, limit_cents, round)`,
    // A clean-up that no alert is known to name is named, and timed, by the next reading of the bill.
    {
      sqlite: `update projects set over_cost = json_set(over_cost, '$.cleanUpAt', null, '$.warning', null) where over_cost is not null`,
      postgres: `update projects set over_cost = (over_cost::jsonb || '{"cleanUpAt": null, "warning": null}')::text where over_cost is not null`,
    },
  ],
  [`alter table billing_reads add column holder text`],
  [
    // What was used in a month that is over, by project's key; kept as the days are.
    `create table billed_usage (
      tenant_id text not null, month text not null, project_key text not null, service text not null, usage_type text not null, currency text not null,
      amount text not null, quantity text not null, primary key (tenant_id, month, project_key, service, usage_type, currency))`,
    `create table billed_usage_months (
      tenant_id text not null, month text not null, source text not null, open integer not null, read_at text not null, primary key (tenant_id, month))`,
  ],
  [
    // 1: it was read so late after its end that all of it was there (core/costs/billed/whole-day.ts).
    `alter table billed_days add column whole integer not null default 0`,
    {
      sqlite: `update billed_days set whole = date(day, '+2 days') <= substr(read_at, 1, 10)`,
      postgres: `update billed_days set whole = case when (day::date + 2)::text collate "C" <= substr(read_at, 1, 10) then 1 else 0 end`,
    },
    `create index billed_days_day on billed_days (day, tenant_id, whole)`,
    // What is added up of billed_costs, with each bill: of days all of a tenant, of months each project and service.
    `create table billed_day_sums (
      day text not null, tenant_id text not null, currency text not null, amount text not null, whole integer not null,
      primary key (day, tenant_id, currency))`,
    `create table billed_month_sums (
      month text not null, dimension text not null, tenant_id text not null, key text not null, currency text not null, amount text not null,
      whole_amount text not null, primary key (month, dimension, tenant_id, key, currency))`,
    {
      sqlite: sumBilledCosts,
      postgres: [
        `insert into billed_day_sums (day, tenant_id, currency, amount, whole)
          select day, tenant_id, currency, trim_scale(sum(amount::numeric))::text, max(whole)
          from billed_costs join billed_days using (tenant_id, day) where dimension = 'project' group by day, tenant_id, currency`,
        `insert into billed_month_sums (month, dimension, tenant_id, key, currency, amount, whole_amount)
          select substr(day, 1, 7), dimension, tenant_id, key, currency, trim_scale(sum(amount::numeric))::text,
            trim_scale(coalesce(sum(amount::numeric) filter (where whole = 1), 0))::text
          from billed_costs join billed_days using (tenant_id, day) where dimension in ('project', 'service')
          group by substr(day, 1, 7), dimension, tenant_id, key, currency`,
      ],
    },
    // Of estimates, likewise; of months, the days that are billed as a whole.
    `create table estimated_day_sums (day text not null, tenant_id text not null, cents bigint not null, primary key (day, tenant_id))`,
    `insert into estimated_day_sums (day, tenant_id, cents) select day, tenant_id, sum(cents) from daily_costs group by day, tenant_id`,
    `create table estimated_month_sums (
      month text not null, tenant_id text not null, project_key text not null, cents bigint not null, primary key (month, tenant_id, project_key))`,
    `insert into estimated_month_sums (month, tenant_id, project_key, cents)
      select substr(costs.day, 1, 7), costs.tenant_id, project_key, sum(cents) from daily_costs costs
      join billed_days days on days.tenant_id = costs.tenant_id and days.day = costs.day where days.whole = 1
      group by substr(costs.day, 1, 7), costs.tenant_id, project_key`,
  ],
];
