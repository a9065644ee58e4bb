/** What a job on the platform tells, as it happens: server-sent events, resumed where a cut connection stopped. */
import { createParser } from "eventsource-parser";
import type { Job } from "../contract/job-endpoints.ts";
import { jobSchema } from "../contract/job-endpoints.ts";
import type { Clock } from "../core/ports.ts";
import { ChartctlError, isChartctlError, messageOf } from "../errors.ts";
import { problemFrom } from "./control-api.ts";

export type JobMessage = { type: "progress"; at: string; event: Record<string, unknown> } | { type: "end"; job: Job };

interface JobEventsOptions {
  fetch(url: URL, init: { headers: Record<string, string>; signal: AbortSignal }): Promise<Response>;
  /** Without `/api`. */
  baseUrl: string;
  headers: Record<string, string>;
  clock: Clock;
  /** Ends the reading, without an error. */
  signal: AbortSignal;
}

/** The server pings every 15 s: a connection that is silent for three times as long is dead. */
const silentMilliseconds = 45_000;
const giveUpMilliseconds = 60_000;
const waits = [500, 1_000, 2_000, 5_000];

/** Ends with the job's end. Errors: `job.unreachable` (external) after a minute of failing; the API's own at once. */
export const jobEvents = ({ fetch, baseUrl, headers, clock, signal }: JobEventsOptions) =>
  async function* (jobId: string): AsyncGenerator<JobMessage> {
    const url = new URL(`${baseUrl.replace(/\/+$/, "")}/api/jobs/${encodeURIComponent(jobId)}/events`);
    let last = "0";
    let failingSince: number | undefined;
    for (let failures = 0; !signal.aborted; failures++) {
      let why = "the connection was cut";
      const abandoned = new AbortController();
      try {
        const response = await within(
          fetch(url, { headers: { accept: "text/event-stream", ...headers, "last-event-id": last }, signal: abandoned.signal }),
          signal,
        );
        if (!response.ok) throw await problemOf(response, baseUrl);
        for await (const messages of received(response, signal)) {
          failures = 0;
          failingSince = undefined;
          for (const { event, id, data } of messages) {
            if (id !== undefined) last = id;
            if (event === "end") return yield { type: "end", job: jobSchema.parse(JSON.parse(data)) };
            if (event !== "progress") continue;
            const { at, ...rest } = JSON.parse(data) as Record<string, unknown>;
            yield { type: "progress", at: String(at), event: rest };
          }
        }
      } catch (error) {
        if (isChartctlError(error) && !passing.has(error.kind)) throw error;
        why = messageOf(error);
      } finally {
        abandoned.abort();
      }
      if (signal.aborted) return;
      const now = clock.now().getTime();
      failingSince ??= now;
      if (now - failingSince >= giveUpMilliseconds) throw unreachable(jobId, baseUrl, why);
      await clock.sleep(waits[Math.min(failures, waits.length - 1)] ?? 0, signal);
    }
  };

/** A server that restarts, or a proxy before it, says these for a while. */
const passing = new Set(["external", "failed", "interrupted", "bug"]);

async function problemOf(response: Response, baseUrl: string): Promise<Error> {
  if (response.status === 429) return new Error("it is asked too often");
  return problemFrom(await response.text(), response.status, baseUrl);
}

interface Message {
  event?: string | undefined;
  id?: string | undefined;
  data: string;
}

/** Everything that has come, also the pings (as nothing). */
async function* received(response: Response, signal: AbortSignal): AsyncGenerator<Message[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let messages: Message[] = [];
  const parser = createParser({ onEvent: (message) => void messages.push(message) });
  try {
    while (!signal.aborted) {
      const { done, value } = await within(reader.read(), signal);
      if (done) return;
      parser.feed(value);
      yield messages;
      messages = [];
    }
  } finally {
    void reader.cancel().catch(() => {}); // the connection may be gone already
  }
}

async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${silentMilliseconds / 1_000} s`)), silentMilliseconds);
    stop = () => reject(new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    if (stop) signal.removeEventListener("abort", stop);
  }
}

const unreachable = (jobId: string, baseUrl: string, why: string): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "job.unreachable",
    message: `The control API at ${baseUrl} hasn't told of job ${jobId} for a minute: ${why}`,
    hint: "the job goes on without being watched; look again: chartctl status --follow",
  });
