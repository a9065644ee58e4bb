/** A worker: takes jobs, does them under a lease, tells what happens, and puts back what it can't finish. */
import type { Job } from "../../contract/job-endpoints.ts";
import { isChartctlError, messageOf } from "../../errors.ts";
import { patiently, pause } from "../patiently.ts";
import type { Db } from "../store/database.ts";
import type { ClaimedJob, JobEvent } from "../store/jobs.ts";
import { claimJob, endJob, freeJobs, jobLeaseMilliseconds, putBackJob, renewJob, tellJob } from "../store/jobs.ts";
import { postgresError } from "../store/postgres.ts";
import { beat, leave, workerBeatMilliseconds } from "../store/workers.ts";
import type { Queue } from "./queue.ts";

export interface WorkerOptions {
  db: Db;
  queue: Queue;
  id: string;
  machine: string;
  version: string;
  /** What it does its jobs with; null when it found none. */
  terraform: string | null;
  concurrency: number;
  now(): Date;
  /** Does the job's work; aborts gently with the signal. */
  run(claimed: ClaimedJob, tell: (event: Record<string, unknown>) => void, signal: AbortSignal): Promise<Record<string, unknown>>;
  /** Takes away what expired or failed, in all tenants. */
  cleanUp(signal: AbortSignal): Promise<void>;
  /** Tells what is to be told about costs. */
  deliverAlerts(signal: AbortSignal): Promise<void>;
  /** Reads the bills that are due into the books; absent where none is to be read. */
  readBills?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Makes the reports that were ordered. */
  makeReports(signal: AbortSignal): Promise<void>;
  housekeeping(): Promise<void>;
  onError(error: unknown): void;
  log(line: { message: string } & Record<string, unknown>): void;
}

const sweepMilliseconds = 5_000;
const tellMilliseconds = 200;
/** Within what one statement takes. */
const tellAtOnce = 500;
/** Somebody's operation may take an hour; a job waits no longer for it than this. */
const longestWaitMilliseconds = 2 * 3_600_000;
const cleanUpMinutes = 1;
const alertMinutes = 1;
/** How often it is looked whether a bill is due. */
const billingMinutes = 5;
const housekeepingMinutes = 60;
/** Somebody waits for it. */
const reportMilliseconds = 3_000;

/** Works until the signal aborts; then what runs is stopped gently and put back for another worker. */
export async function work(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { db, queue, id, now, onError } = options;
  const startedAt = now().toISOString();
  let running = 0;
  const alive = async (): Promise<void> =>
    await beat(db, { id, machine: options.machine, version: options.version, terraform: options.terraform, startedAt, running }, now());
  const sweep = async (): Promise<void> => {
    for (const jobId of await freeJobs(db, now())) await queue.offer(jobId);
  };
  await alive().catch(onError);
  await queue.consume(options.concurrency, async (jobId) => {
    if (signal.aborted) return;
    running++;
    await doJob(options, jobId, signal).finally(() => running--);
  });
  await queue.every("cleanup", cleanUpMinutes, () => options.cleanUp(signal));
  await queue.every("alerts", alertMinutes, () => options.deliverAlerts(signal));
  const { readBills } = options;
  if (readBills) await queue.every("billing", billingMinutes, () => readBills(signal));
  await queue.every("housekeeping", housekeepingMinutes, options.housekeeping);
  await Promise.all([
    repeat(alive, workerBeatMilliseconds, signal, onError),
    repeat(sweep, sweepMilliseconds, signal, onError),
    // Each worker looks by itself, because reports are claimed one by one: no queue holds them when a worker dies.
    repeat(() => options.makeReports(signal), reportMilliseconds, signal, onError),
  ]);
  await queue.stop();
  await leave(db, id).catch(onError);
}

async function repeat(what: () => Promise<void>, milliseconds: number, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
  while (!signal.aborted) {
    await what().catch(onError);
    await pause(milliseconds, signal);
  }
}

/** One job, when it is still to be had. Its end is written once: a worker that was thought dead finds it another's. */
async function doJob(options: WorkerOptions, jobId: string, signal: AbortSignal): Promise<void> {
  const { db, id, now, log } = options;
  const claimed = await claimJob(db, jobId, id, now());
  if (!claimed) return;
  const { kind, tenantId, projectId, attempts } = claimed.job;
  const about = { job: jobId, kind, tenant: tenantId, project: projectId };
  log({ message: "job started", ...about, attempt: attempts });
  const lost = new AbortController();
  const renewing = setInterval(() => {
    renewJob(db, jobId, id, now())
      .then((ours) => ours || lost.abort())
      .catch(options.onError);
  }, jobLeaseMilliseconds / 4);
  const teller = storyteller(options, claimed);
  try {
    const result = await options.run(claimed, teller.tell, AbortSignal.any([signal, lost.signal]));
    await patiently(teller.end, jobLeaseMilliseconds, lost.signal);
    await patiently(() => endJob(db, jobId, id, { result }, now()), jobLeaseMilliseconds, lost.signal);
    log({ message: "job succeeded", ...about });
  } catch (thrown) {
    const error = postgresError(thrown); // the books' own writes of this job, unlike the lifecycle's, come untranslated
    await patiently(teller.end, jobLeaseMilliseconds, lost.signal).catch(options.onError);
    if (lost.signal.aborted) return log({ message: "job lost to another worker", ...about });
    const facts = factsOf(error);
    const again = notBefore(error, claimed.job, now(), signal);
    await patiently(
      () => (again ? putBackJob(db, jobId, id, again, facts) : endJob(db, jobId, id, { error: facts }, now())),
      jobLeaseMilliseconds,
      lost.signal,
    );
    if (facts.code === "bug") options.onError(error);
    log({ message: again ? "job waits" : "job failed", ...about, error: facts, ...(again ? { notBefore: again.toISOString() } : {}) });
  } finally {
    clearInterval(renewing);
  }
}

/** When it is worth another try: the worker stops, or somebody else's operation stands in the way for now. */
function notBefore(error: unknown, job: Job, now: Date, stopping: AbortSignal): Date | undefined {
  if (stopping.aborted) return now;
  const waited = now.getTime() - new Date(job.createdAt).getTime();
  if (waited > longestWaitMilliseconds || !isChartctlError(error)) return undefined;
  if (error.code === "operation.running") {
    const until = Date.parse(String(error.details?.until ?? ""));
    const wait = Number.isNaN(until) ? sweepMilliseconds : Math.min(Math.max(until - now.getTime(), 1_000), 15_000);
    return new Date(now.getTime() + wait);
  }
  return error.code === "store.unavailable" || error.code === "operation.fenced" ? new Date(now.getTime() + sweepMilliseconds) : undefined;
}

const factsOf = (error: unknown): NonNullable<Job["error"]> =>
  isChartctlError(error)
    ? { kind: error.kind, code: error.code, message: error.message.slice(0, 2_000), ...(error.hint ? { hint: error.hint } : {}) }
    : { kind: "bug", code: "bug", message: `Something unexpected happened: ${messageOf(error).slice(0, 500)}` };

/** Writes what a job tells in small batches, in order, numbered on from what an earlier worker told. */
function storyteller({ db, now, onError }: WorkerOptions, { job, told }: ClaimedJob) {
  let sequence = told;
  let untold: JobEvent[] = [];
  let writing = Promise.resolve();
  /** What couldn't be written stays first in the row: whoever follows a job reads its numbers without a gap. */
  const flush = (): Promise<void> => {
    const written = writing.then(async () => {
      const batch = untold.slice(0, tellAtOnce);
      await tellJob(db, job.id, batch);
      untold = untold.slice(batch.length);
    });
    writing = written.catch(() => {});
    return written;
  };
  const timer = setInterval(() => void flush().catch(onError), tellMilliseconds);
  return {
    tell: (event: Record<string, unknown>): void => {
      sequence++;
      untold.push({ sequence, at: now().toISOString(), event });
    },
    end: async (): Promise<void> => {
      clearInterval(timer);
      do await flush();
      while (untold.length > 0);
    },
  };
}
