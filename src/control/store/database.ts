/** The store's tables, as Kysely sees them. Times are ISO 8601 text in UTC; JSON is text; money is whole cents. */
import type { Generated, Kysely, Transaction } from "kysely";

export interface Database {
  tenants: {
    id: string;
    role_arn: string | null;
    account_id: string | null;
    external_id: string;
    /** Sealed, too: the new one of an overlap. */
    next_external_id: string | null;
    rotating_since: string | null;
    /** In the database that chartctl's billing template makes; null: no report is connected. */
    billing_table: string | null;
    billing_since: string | null;
    created_at: string;
    version: Generated<number>;
  };
  /** `over_cost`: as `UserOverCost`, while this month's bill is over the user's limit. */
  accounts: { tenant_id: string; user_id: string; version: number; over_cost: string | null };
  /** `over_cost`: as `OverCostPolicy`. */
  quotas: { tenant_id: string; user_id: string; limits: string; version: Generated<number>; over_cost: string | null };
  projects: {
    key: string;
    tenant_id: string;
    id: string;
    user_id: string;
    blueprint: string;
    region: string;
    environment: string;
    account_id: string | null;
    parameters: string;
    monthly_cents: number;
    /** As `BookedEstimate[]`: what it was estimated at, since when. They stay when the booking ends. */
    estimates: string;
    infrastructure: string;
    application: string;
    created_at: string;
    last_activity_at: string;
    ttl_seconds: number | null;
    expires_at: string | null;
    outputs: string;
    fence: number;
    operation_id: string | null;
    /** The status to go back to when an operation changes nothing. */
    previous: string;
    receipt: string | null;
    ended_at: string | null;
    /** The application's status to go back to, likewise. */
    previous_application: string;
    keep_failed: number;
    cleanup_attempts: number;
    cleanup_next_at: string | null;
    cleanup_error: string | null;
    /** As `OverCost`, while this month's bill is over the limit. */
    over_cost: string | null;
    version: Generated<number>;
  };
  releases: {
    project_key: string;
    number: number;
    operation_id: string;
    status: string;
    build: string;
    code_sha256: string;
    version: string | null;
    files: number;
    bytes: number;
    source: string;
    health: string;
    actor: string;
    created_at: string;
    finished_at: string | null;
    error: string | null;
  };
  operations: {
    id: string;
    idempotency_key: string;
    request_hash: string;
    tenant_id: string;
    project_key: string;
    project_id: string;
    kind: string;
    status: string;
    fence: number;
    machine: string;
    pid: number;
    started_at: string;
    lease_expires_at: string;
    credentials_expire_at: string | null;
    taken_over: string | null;
    fresh: number;
    opened_at: string;
    finished_at: string | null;
    error: string | null;
    reason: string | null;
  };
  journal: { sequence: Generated<number>; operation_id: string; step: string; phase: string; detail: string | null; at: string };
  states: { project_key: string; serial: number; lineage: string; body: string; saved_at: string };
  audit: {
    sequence: Generated<number>;
    tenant_id: string;
    actor: string;
    action: string;
    subject: string;
    before: string | null;
    after: string | null;
    at: string;
    request_id: string | null;
  };
  users: {
    tenant_id: string;
    id: string;
    role: string;
    password_hash: string | null;
    status: string;
    version: number;
    /** What was signed before this counts no more. */
    sessions_from: string;
    created_at: string;
    last_sign_in_at: string | null;
  };
  invitations: { hash: string; tenant_id: string; user_id: string; expires_at: string; used_at: string | null };
  api_tokens: {
    id: string;
    tenant_id: string;
    user_id: string;
    name: string;
    role: string;
    hash: string;
    created_at: string;
    expires_at: string;
    last_used_at: string | null;
    revoked_at: string | null;
  };
  workload_trusts: {
    id: string;
    tenant_id: string;
    user_id: string;
    issuer: string;
    subject: string;
    role: string;
    created_at: string;
    last_used_at: string | null;
  };
  signing_keys: { kid: string; public_jwk: string; private_jwk: string; created_at: string; retired_at: string | null };
  idempotency: {
    tenant_id: string;
    user_id: string;
    key: string;
    request_hash: string;
    status: number;
    headers: string;
    /** Sealed: an answer may hold a secret that is shown once. */
    body: string;
    created_at: string;
  };
  jobs: {
    id: string;
    tenant_id: string;
    user_id: string;
    project_id: string;
    kind: string;
    input: string;
    /** As it was when the job was ordered; null for one that was not booked yet. */
    project_key: string | null;
    /** Who ordered it, in their own tenant, and the role that they had. */
    actor_tenant: string;
    actor_user: string;
    role: string;
    status: string;
    attempts: number;
    not_before: string | null;
    worker: string | null;
    lease_expires_at: string | null;
    result: string | null;
    error: string | null;
    created_at: string;
    started_at: string | null;
    finished_at: string | null;
  };
  job_events: { job_id: string; sequence: number; event: string; at: string };
  workers: { id: string; machine: string; version: string; terraform: string | null; started_at: string; seen_at: string; running: number };
  /** What a project cost, or was estimated at, on one day (UTC): cents of that day. */
  daily_costs: { day: string; tenant_id: string; user_id: string; project_key: string; project_id: string; source: string; cents: number };
  /** What is to be told about costs: once a subject, month and kind, at least once. */
  alerts: {
    id: string;
    tenant_id: string;
    kind: string;
    /** A project's key, or a user's id. */
    subject: string;
    month: string;
    limit_cents: number;
    /** Counts those of the same limit from 0; each but the first names a clean-up of its own. */
    round: number;
    /** 1: somebody was there to be told when it was made. */
    awaited: number;
    user_id: string;
    project_id: string | null;
    body: string;
    status: string;
    attempts: number;
    created_at: string;
    next_at: string | null;
    /** Whoever sends it has it until then. */
    claimed_until: string | null;
    error: string | null;
    ended_at: string | null;
  };
  /** Receivers that answered 410, by the hash of their address. */
  gone_receivers: { id: string; gone_at: string };
  limited_callers: { day: string; caller: string; refused: number; last_at: string };
  /** What AWS billed for one day (UTC). The key is a project's key or a service's name, '' where the bill says none; the amount is decimal. */
  billed_costs: { tenant_id: string; dimension: string; day: string; key: string; kind: string; currency: string; amount: string };
  /** Days whose bill was read; `open` 1: AWS may still change it; `whole` 1: it was read late enough to have all of it. */
  billed_days: { tenant_id: string; day: string; source: string; open: number; whole: Generated<number>; read_at: string };
  /** All of a tenant's bill of a day; `whole` as of that day. Like the next one, written with the bill (billed-sums.ts). */
  billed_day_sums: { tenant_id: string; day: string; currency: string; amount: string; whole: number };
  /** A month of a project or a service; `whole_amount`: of its days that are whole. */
  billed_month_sums: {
    tenant_id: string;
    month: string;
    dimension: string;
    key: string;
    currency: string;
    amount: string;
    whole_amount: string;
  };
  /** All of a tenant's estimates of a day, noted with them. */
  estimated_day_sums: { day: string; tenant_id: string; cents: number };
  /** A project's, of the days of a month that are billed as a whole; written with the bill. */
  estimated_month_sums: { month: string; tenant_id: string; project_key: string; cents: number };
  /** What was used in a month, by AWS's usage type; `service` '' where the type says it. Amount and quantity are decimal. */
  billed_usage: {
    tenant_id: string;
    month: string;
    project_key: string;
    service: string;
    usage_type: string;
    currency: string;
    amount: string;
    quantity: string;
  };
  /** Months that were read so; `open` 1: AWS could still change them. */
  billed_usage_months: { tenant_id: string; month: string; source: string; open: number; read_at: string };
  billing_reads: {
    tenant_id: string;
    read_at: string | null;
    next_at: string | null;
    /** Since the last one that succeeded. */
    attempts: number;
    error: string | null;
    hint: string | null;
    claim: string | null;
    claimed_until: string | null;
    /** The process that claimed it, as JSON; null when it didn't say. */
    holder: string | null;
  };
  /** Cost reports as files, ordered and made. */
  reports: {
    id: string;
    tenant_id: string;
    /** 1: of every tenant, and for the platform's owners alone. */
    all_tenants: number;
    actor: string;
    month: string;
    format: string;
    status: string;
    attempts: number;
    /** Random; whoever makes it has it until then. Of a queued one: not before. */
    claim: string | null;
    claimed_until: string | null;
    error: string | null;
    bytes: number | null;
    created_at: string;
    finished_at: string | null;
    expires_at: string;
  };
  /** A made report's file, gzipped, in parts; SQLite's client gives them as ArrayBuffer. */
  report_chunks: { report_id: string; number: number; body: Uint8Array | ArrayBuffer };
}

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
