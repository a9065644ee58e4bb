/** A job's progress as server-sent events: `/api/jobs/:jobId/events`, resumed with `Last-Event-ID`. */
import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { endpoints } from "../../contract/endpoints.ts";
import { ChartctlError } from "../../errors.ts";
import { requestIdOf } from "../bind.ts";
import type { ControlApi } from "../parts.ts";
import { jobStore } from "../scope/jobs.ts";

const pollMilliseconds = 400;
/** Routers cut a connection that is silent for 55 s. */
const pingMilliseconds = 15_000;
/** Whoever watches longer connects again, by itself. */
const longestMilliseconds = 30 * 60_000;
/** Each asks the database again and again. */
const streamsAtOnce = { ofOne: 10, ofAll: 200 };
/** Whoever loses their rights stops watching within this. */
const identifyMilliseconds = 60_000;

/** Events are named `progress`, and at last `end` with the job; each has its number as id. */
export function addEventStream(app: Hono, api: ControlApi, stopping: AbortSignal): void {
  const watching = new Map<string, number>();
  let all = 0;
  app.get("/api/jobs/:jobId/events", async (context) => {
    const principal = await api.identify(context.req, requestIdOf(context));
    await api.admit(principal);
    const store = jobStore(api, principal, api.db);
    const jobId = context.req.param("jobId");
    await store.job(jobId); // another tenant's is not there: said before the stream begins
    const asked = endpoints.jobEvents.query.safeParse({ after: context.req.header("last-event-id") ?? context.req.query("after") ?? 0 });
    let after = asked.success ? asked.data.after : 0;
    const { caller } = principal;
    const mine = watching.get(caller) ?? 0;
    if (mine >= streamsAtOnce.ofOne || all >= streamsAtOnce.ofAll) throw tooMany();
    watching.set(caller, mine + 1);
    all++;
    context.header("x-accel-buffering", "no");
    return streamSSE(context, async (stream) => {
      const started = Date.now();
      let pinged = started;
      let identified = started;
      try {
        while (!stream.aborted && !stopping.aborted && Date.now() - started < longestMilliseconds) {
          const { job, events } = await store.progress(jobId, after);
          for (const { sequence, at, event } of events) {
            await stream.writeSSE({ event: "progress", id: String(sequence), data: JSON.stringify({ at, ...event }) });
            after = sequence;
          }
          // The job first, then its events: nothing is told after its end.
          if (job.finishedAt !== null && events.length === 0) {
            await stream.writeSSE({ event: "end", data: JSON.stringify(job) });
            return;
          }
          if (Date.now() - pinged > pingMilliseconds) {
            await stream.write(": still here\n\n");
            pinged = Date.now();
          }
          if (Date.now() - identified > identifyMilliseconds) {
            await api.identify(context.req, requestIdOf(context));
            identified = Date.now();
          }
          await stream.sleep(pollMilliseconds);
        }
      } catch {
        // The database is away, or the watcher's rights are: the stream ends, and who may watch connects again.
      } finally {
        all--;
        const left = (watching.get(caller) ?? 1) - 1;
        if (left > 0) watching.set(caller, left);
        else watching.delete(caller);
      }
    });
  });
}

const tooMany = (): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "rate.limited",
    message: "Too many jobs are being watched at once",
    hint: "close one, or ask now and then: chartctl status",
    details: { retryAfterSeconds: 30 },
  });
