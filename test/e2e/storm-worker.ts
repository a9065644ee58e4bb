/**
 * A worker process for storms: everything of the platform is real but AWS. A job's work is a few fenced steps, each of which
 * leaves a line in a table of the test's own, so that what was done twice, or by two at once, can be seen afterwards.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import { localProcesses } from "../../src/adapters/processes.ts";
import { work } from "../../src/control/jobs/worker.ts";
import { hostConfig } from "../../src/control/serve/config.ts";
import { openHosted } from "../../src/control/serve/hosted.ts";
import { createLog } from "../../src/control/serve/log.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import { underLease } from "../../src/core/lifecycle/held.ts";
import { openOperation } from "../../src/core/lifecycle/open.ts";
import { parseParameters } from "../../src/core/parameters.ts";
import type { Progress, Step } from "../../src/core/ports.ts";

const stepMilliseconds = 120;
const steps: Record<"provision" | "destroy", Step[]> = { provision: ["plan", "apply", "verify"], destroy: ["destroy", "verify"] };

const config = hostConfig(process.env);
const log = createLog("worker", "0.0.0");
const clock = {
  now: () => new Date(),
  sleep: async (milliseconds: number, signal?: AbortSignal) => void (await sleep(milliseconds, undefined, { signal }).catch(() => {})),
};
const platform = await openHosted({
  prices: () => packagedPrices,
  config,
  dataDir: "/nonexistent",
  version: "0.0.0",
  now: clock.now,
  log,
  worker: true,
  alertReceiver: undefined,
  roleProbe: async () => {
    throw new Error("not asked for");
  },
  issuer: () => async () => {
    throw new Error("no AWS here");
  },
  addressOf: () => "none",
});
const never = new AbortController().signal;
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
const id = `worker-${randomBytes(5).toString("hex")}`;
log.info({ message: "worker started", worker: id });

await work(
  {
    db: platform.db,
    queue: platform.queue,
    id,
    machine: hostname(),
    terraform: null,
    version: "0.0.0",
    concurrency: config.concurrency,
    now: clock.now,
    onError: (error) => log.error({ message: "background work failed", error }),
    log: (line) => log.info(line),
    deliverAlerts: async () => {},
    makeReports: async () => {},
    cleanUp: async () => {},
    housekeeping: async () => {},
    run: async ({ job, work: ordered }, tell, signal) => {
      if (ordered.kind !== "provision" && ordered.kind !== "destroy") throw new Error(`no ${ordered.kind} here`);
      const { kind } = ordered;
      const { tenantId, userId } = job;
      const app = platform.trustedAs({
        tenantId,
        userId,
        role: "admin",
        via: "operator",
        home: { tenantId, userId },
        actor: userId,
        caller: "worker",
        requestId: `job:${job.id}`,
      });
      const books = booksFrom(controlApiClient({ fetch: async (request) => await app.fetch(request), baseUrl: "http://worker", headers: {} }));
      const progress: Progress = (event) => tell(event);
      const ports = {
        books,
        clock,
        progress,
        processes: localProcesses(),
        interrupt: { gentle: signal, now: never },
        credentials: {
          issue: async () => {
            throw new Error("no AWS here");
          },
        },
      };
      // Like Terraform: what stands as it was asked already isn't made again.
      const found = await books.project(job.projectId);
      if (kind === "destroy" ? !found : found?.infrastructure === "deployed") return { outcome: "unchanged" };
      const opened = await openOperation(ports, {
        idempotencyKey: randomUUID(),
        kind,
        projectId: job.projectId,
        ...(ordered.kind === "provision"
          ? {
              desired: {
                blueprint: ordered.input.blueprint,
                region: ordered.input.region,
                environment: ordered.input.environment,
                parameters: parseParameters(ordered.input.blueprint, []),
                keepFailed: true,
              },
            }
          : {}),
      });
      return await underLease(ports, opened, "something", async (held) => {
        for (const step of steps[kind]) {
          await held.step(step, async () => {
            await sleep(stepMilliseconds);
            await sql`insert into storm_effects (job_id, operation_id, project_key, fence, worker, attempt, step)
              values (${job.id}, ${held.operation.id}, ${held.project.key}, ${held.operation.fence}, ${id}, ${job.attempts}, ${step})`.execute(platform.db);
          });
        }
        const read = { kind: "S3 bucket", asked: "s3:HeadBucket x", at: clock.now().toISOString(), answer: "absent" as const, found: [] };
        await held.finish(
          kind === "provision"
            ? { outcome: "succeeded", standing: "something", outputs: { by: job.id } }
            : {
                outcome: "succeeded",
                standing: "nothing",
                receipt: { stateResources: 0, reads: [read], shared: [], verifiedAt: clock.now().toISOString() },
              },
        );
        return { outcome: "applied", by: id };
      });
    },
  },
  stop.signal,
);
await platform.close();
