\set n random(1, 2000000000)
\set u random(1, :accounts)
begin;
insert into accounts (tenant_id, user_id, version) values ('acme', 'user-' || :u, 1) on conflict (tenant_id, user_id) do update set version = accounts.version + 1;
select * from projects where tenant_id = 'acme' and id = 'p' || :n || '-' || :client_id and ended_at is null for update;
select * from operations where id = (select operation_id from projects where tenant_id = 'acme' and id = 'p' || :n || '-' || :client_id and ended_at is null) for update;
select * from releases where project_key = (select key from projects where tenant_id = 'acme' and id = 'p' || :n || '-' || :client_id and ended_at is null) and status = 'live';
select * from operations where tenant_id = 'acme' and idempotency_key = 'k' || :n || '-' || :client_id;
select * from quotas where tenant_id = 'acme' and user_id in ('', 'user-' || :u);
select count(*), sum(monthly_cents) from projects where tenant_id = 'acme' and user_id = 'user-' || :u and ended_at is null and id != 'p' || :n || '-' || :client_id;
insert into operations (id, idempotency_key, request_hash, tenant_id, project_key, project_id, kind, status, fence, machine, pid, started_at, lease_expires_at, fresh, opened_at) values ('op-' || :n || '-' || :client_id, 'k' || :n || '-' || :client_id, '0000000000000000000000000000000000000000000000000000000000000000', 'acme', 'k' || :n || '-' || :client_id, 'p' || :n || '-' || :client_id, 'provision', 'running', 1, 'bench', 1, 'now', '2026-01-01T00:01:00.000Z', 1, '2026-01-01T00:00:00.000Z');
insert into projects (key, tenant_id, id, user_id, blueprint, region, environment, parameters, monthly_cents, infrastructure, application, created_at, last_activity_at, ttl_seconds, expires_at, outputs, fence, operation_id, previous) values ('k' || :n || '-' || :client_id, 'acme', 'p' || :n || '-' || :client_id, 'user-' || :u, 'serverless-web', 'us-east-1', 'development', '{"memory_mb":256,"timeout_seconds":10,"log_retention_days":14,"throttle_rate":20,"throttle_burst":50,"monthly_requests":100000}', 98, 'provisioning', 'absent', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 3600, '2026-01-01T01:00:00.000Z', '{}', 1, 'op-' || :n || '-' || :client_id, 'absent');
insert into audit (tenant_id, actor, action, subject, after, at, request_id) values ('acme', 'platform/owner', 'operation.provision.opened', 'p' || :n || '-' || :client_id, '{"operationId":"op","monthlyCents":98}', '2026-01-01T00:00:00.000Z', '000000000000000000000000');
commit;
