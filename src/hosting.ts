/** The hosted control API in this process: wires the server and the worker to the same adapters as the command line. */
import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Cli } from "./commands/cli.ts";
import type { CallApi } from "./contract/endpoints.ts";
import type { Principal } from "./control/principal.ts";
import type { HostConfig } from "./control/serve/config.ts";
import type { HostedOptions, HostedPlatform } from "./control/serve/hosted.ts";
import type { Log } from "./control/serve/log.ts";
import type { KeptCosts } from "./core/costs/actual/cost-source.ts";
import type { JobPorts } from "./core/jobs/run-job.ts";
import type { Credentials } from "./core/ports.ts";
import { ChartctlError } from "./errors.ts";

export interface HostingOptions {
  version: string;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  given: { host?: string; port?: number; worker?: boolean };
  interrupt: Cli["interrupt"];
  processes: Cli["processes"];
  say(line: string): void;
  prices: HostedOptions["prices"];
  /** A tenant's bill, asked with the credentials that the platform gives. */
  bill(call: CallApi, tenantId: string): Promise<KeptCosts>;
  /** The adapters of the lifecycle, with the credentials that the platform gives and the books of one tenant. */
  lifecycle(call: CallApi): Promise<JobPorts>;
}

/** Errors: `config.*`, `store.*`. */
export async function openHosting(options: HostingOptions) {
  const { env, version, given, interrupt } = options;
  const [{ hostConfig }, { createLog }, { openHosted }, { addressIn, serveHosted }] = await Promise.all([
    import("./control/serve/config.ts"),
    import("./control/serve/log.ts"),
    import("./control/serve/hosted.ts"),
    import("./control/serve/server.ts"),
  ]);
  const config = hostConfig(env, given);
  const log = createLog(given.worker ? "worker" : "serve", version);
  const platform = await openHosted({
    config,
    dataDir: options.dataDir,
    version,
    now: () => new Date(),
    log,
    // On SQLite one process is all: the server takes its own jobs.
    worker: given.worker === true || !config.databaseUrl,
    addressOf: addressIn(config.trustedProxies),
    prices: options.prices,
    alertReceiver: config.alertWebhook && (await import("./adapters/alert-webhook.ts")).alertReceiver(config.alertWebhook, () => new Date()),
    roleProbe: async () => (await import("./adapters/aws/role-probe.ts")).awsRoleProbe(env),
    issuer: (connection) => {
      let source: Credentials | undefined;
      return async (request) => {
        const { awsCredentials } = await import("./adapters/aws/credentials.ts");
        source ??= awsCredentials({ connection, env, allowDirect: false });
        const { sessionToken, expiration, ...key } = await source.issue(request);
        if (!sessionToken || !expiration) throw noTemporary(request.tenantId);
        const accountId = await source.account(request); // with what was just issued
        return { ...key, sessionToken, expiration: expiration.toISOString(), accountId };
      };
    },
  });
  return {
    rotateKeys: async (options: { endSessions: boolean }) => {
      try {
        return await platform.rotateKeys(options);
      } finally {
        await platform.close();
      }
    },
    setOwner: async (options: { ifUnused: boolean }) => {
      try {
        return await platform.setOwner(options);
      } finally {
        await platform.close();
      }
    },
    serve: async (): Promise<void> => {
      const owner = await platform.firstOwner();
      if (owner)
        options.say(`The platform has no owner yet. Set the password of ${config.owner.id} (tenant platform) until ${owner.expiresAt}:\n  ${owner.url}\n`);
      const server = await serveHosted(platform, { config, log, version });
      log.info({ message: "listening", url: server.url, publicUrl: config.publicUrl, database: config.databaseUrl ? "PostgreSQL" : "SQLite" });
      const working = config.databaseUrl ? undefined : runWorker(options, platform, config, log, undefined);
      await aborted(interrupt.gentle);
      log.info({ message: "stopping" });
      await server.stop();
      await working;
      await platform.close();
    },
    work: async (concurrency: number | undefined): Promise<void> => {
      if (!config.databaseUrl) {
        await platform.close();
        throw new ChartctlError({
          kind: "usage",
          code: "worker.sqlite",
          message: "A worker of its own needs PostgreSQL: on SQLite, chartctl serve does the jobs itself",
          hint: "set DATABASE_URL",
        });
      }
      await runWorker(options, platform, config, log, concurrency);
      await platform.close();
    },
  };
}

async function runWorker(options: HostingOptions, platform: HostedPlatform, config: HostConfig, log: Log, concurrency: number | undefined): Promise<void> {
  const { version, interrupt, lifecycle } = options;
  const { now } = platform.api;
  const [
    { work },
    { runJob },
    { cleanUp },
    { controlApiClient },
    { endpoints },
    { noteDailyCosts },
    { forgetOld },
    { projectsWithJobs },
    { roleNow },
    { platformTenant },
    { actorName },
    { findTerraform },
    { deliverDue },
    { readBills, failureOf },
    { billingBooks },
    { makeReports },
    { reportRenderer },
  ] = await Promise.all([
    import("./control/jobs/worker.ts"),
    import("./core/jobs/run-job.ts"),
    import("./core/lifecycle/cleanup.ts"),
    import("./adapters/control-api.ts"),
    import("./contract/endpoints.ts"),
    import("./control/store/costs.ts"),
    import("./control/store/housekeeping.ts"),
    import("./control/store/jobs.ts"),
    import("./control/store/users.ts"),
    import("./control/store/tenants.ts"),
    import("./control/auth/identify.ts"),
    import("./adapters/terraform/binary.ts"),
    import("./control/deliver-due.ts"),
    import("./core/costs/billed/read-bills.ts"),
    import("./adapters/billing-books.ts"),
    import("./control/make-reports.ts"),
    import("./report-wiring.ts"),
  ]);
  const onError = (error: unknown): void => log.error({ message: "background work failed", error });
  /** The API in this process, asked as somebody; a colon is in no request id that comes from outside. */
  const callAs = (principal: Omit<Principal, "via" | "caller">): CallApi => {
    const app = platform.trustedAs({ ...principal, via: "operator", caller: "worker" });
    return controlApiClient({ fetch: async (request) => await app.fetch(request), baseUrl: "http://worker", headers: {} });
  };
  const asPlatform = (tenantId: string, requestId: string): CallApi =>
    callAs({
      tenantId,
      userId: platformTenant,
      role: "global_owner",
      home: { tenantId: platformTenant, userId: "worker" },
      actor: workerActor,
      requestId,
    });
  let compared = 0;
  const id = `worker-${randomBytes(5).toString("hex")}`;
  const terraform = await findTerraform(options.env).then(
    ({ product, version }) => `${product} ${version}`,
    (error: unknown) => {
      onError(error); // it deploys and purges all the same
      return null;
    },
  );
  log.info({ message: "worker started", worker: id, concurrency: concurrency ?? config.concurrency, terraform });
  await work(
    {
      db: platform.db,
      queue: platform.queue,
      id,
      machine: hostname(),
      version,
      terraform,
      concurrency: concurrency ?? config.concurrency,
      now,
      onError,
      log: (line) => log.info(line),
      run: async ({ job, work, order }, tell, signal) => {
        // Who ordered it may have lost their role since, and the project may be another one by now.
        const role = await roleNow(platform.db, order);
        const home = { tenantId: order.homeTenant, userId: order.homeUser };
        const principal = { tenantId: job.tenantId, userId: job.userId, role, home, actor: actorName(home, job.tenantId), requestId: `job:${job.id}` };
        const ports = await lifecycle(callAs(principal));
        await refuseAnother(ports.books, job.projectId, order.projectKey);
        return await runJob({ ...ports, progress: tell, interrupt: { gentle: signal, now: interrupt.now } }, work, job.attempts > 1);
      },
      cleanUp: async (signal) => {
        const requestId = `cleanup:${randomUUID()}`;
        const compare = now().getTime() - compared > compareMilliseconds;
        if (compare) compared = now().getTime();
        const tenants = await asPlatform(platformTenant, requestId)(endpoints.listTenants, {});
        for (const tenant of tenants) {
          if (signal.aborted) return;
          const ports = await lifecycle(asPlatform(tenant.id, requestId));
          const withJobs = await projectsWithJobs(platform.db, tenant.id);
          const onResult = (result: { projectId: string; action: string; reason: string; outcome: string }): void => {
            // What waits is told by stats, and would be here each minute.
            if (result.outcome !== "waiting") log.info({ message: "clean-up", tenant: tenant.id, ...result });
          };
          await cleanUp(
            { ...ports, progress: () => {}, interrupt: { gentle: signal, now: interrupt.now } },
            { dryRun: false, unbooked: false, compare, withJobs, onResult },
          ).catch(onError);
        }
      },
      deliverAlerts: async (signal) => {
        const by = { actor: workerActor, requestId: `alerts:${randomUUID()}` };
        const done = await deliverDue(platform.api, platform.db, by, signal);
        if (done.delivered + done.failed + done.givenUp > 0 || done.gone) log.info({ message: "alerts", ...done });
      },
      readBills:
        config.billingReadHours === 0
          ? undefined
          : async (signal) => {
              const requestId = `billing:${randomUUID()}`;
              const tenants = await asPlatform(platformTenant, requestId)(endpoints.listTenants, {});
              // Without a role of its own or the platform's, a tenant has no bill that this process may read.
              const readable = ({ roleArn }: { roleArn: string | null }): boolean => roleArn !== null || Boolean(options.env.AWS_ROLE_ARN);
              await readBills(tenants, readable, true, {
                booksOf: async (tenantId) => billingBooks(asPlatform(tenantId, requestId), tenantId, config.billingReadHours, options.processes),
                sourceOf: (tenantId) => options.bill(asPlatform(tenantId, requestId), tenantId),
                onRead: (tenant, bill) => {
                  const { from, until, source, price, byProject } = bill;
                  log.info({ message: "bill read", tenant, from, until, source, price });
                  if (byProject.length > 0 && byProject.every(({ key }) => key === null))
                    log.info({ message: "no cost carries the tag ProjectKey, so limits can't act: chartctl setup aws", tenant, from, until });
                },
                onFailed: (tenant, error) => log.error({ message: "bill not read", tenant, error: failureOf(error) }),
                onUsageFailed: (tenant, error) => log.error({ message: "usage not read", tenant, error: failureOf(error) }),
                now,
                stopped: signal,
              });
            },
      makeReports: async (signal) => await makeReports(platform.api, reportRenderer(version), (made) => log.info({ message: "report", ...made }), signal),
      housekeeping: async () => {
        await noteDailyCosts(platform.db, now());
        await forgetOld(platform.db, now());
      },
    },
    interrupt.gentle,
  );
}

/** As the audit log names what a worker does of itself. */
const workerActor = "platform/worker";

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

const noTemporary = (tenantId: string): ChartctlError =>
  new ChartctlError({ kind: "refused", code: "tenant.no-role", message: `Tenant ${tenantId} has no role that gives temporary credentials` });

/** Comparing the books with AWS asks about every project: once an hour, beside the sweep of each minute. */
const compareMilliseconds = 3_600_000;

/** Error `project.changed` (conflict): what was ordered for one project is not done to another of its name. */
async function refuseAnother(books: JobPorts["books"], projectId: string, key: string | null): Promise<void> {
  const project = key === null ? undefined : await books.project(projectId);
  if (!project || project.key === key) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "project.changed",
    message: `Project ${projectId} was destroyed and made anew since this was ordered`,
    hint: "look, and order it again if it is still wanted: chartctl status",
  });
}
