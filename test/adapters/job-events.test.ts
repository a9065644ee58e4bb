import { describe, expect, it } from "vitest";
import type { JobMessage } from "../../src/adapters/job-events.ts";
import { jobEvents } from "../../src/adapters/job-events.ts";

const job = {
  id: "job-1",
  tenantId: "acme",
  userId: "ana",
  projectId: "sales",
  kind: "provision",
  status: "succeeded",
  attempts: 1,
  notBefore: null,
  worker: "w",
  error: null,
  result: {},
  createdAt: "2026-01-01T00:00:00.000Z",
  startedAt: null,
  finishedAt: "2026-01-01T00:00:01.000Z",
};
const progress = (id: number): string =>
  `event: progress\nid: ${id}\ndata: ${JSON.stringify({ at: "2026-01-01T00:00:00.000Z", type: "note", level: "info", message: `${id}` })}\n\n`;
const end = `event: end\ndata: ${JSON.stringify(job)}\n\n`;

type Connection = (last: string) => Response | Error;
const stream = (...parts: (string | Error)[]): Response =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        for (const part of parts) if (typeof part === "string") controller.enqueue(new TextEncoder().encode(part));
        const failure = parts.find((part) => part instanceof Error);
        if (failure) setTimeout(() => controller.error(failure), 5);
        else controller.close();
      },
    }),
  );
const problem = (status: number, kind: string, code: string): Response =>
  new Response(JSON.stringify({ type: "about:blank", title: code, status, kind, code, detail: code }), { status });

/** Each connection answers as it says, the last one again and again; waits take no time and are counted. */
async function read(connections: Connection[], stop = new AbortController()): Promise<{ messages: JobMessage[]; asked: string[]; waited: number }> {
  const asked: string[] = [];
  let now = 0;
  const messages: JobMessage[] = [];
  const clock = {
    now: () => new Date(now),
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const fetch = async (_: URL, { headers }: { headers: Record<string, string> }): Promise<Response> => {
    const last = headers["last-event-id"] ?? "";
    const answer = connections[Math.min(asked.push(last), connections.length) - 1]?.(last);
    if (!answer || answer instanceof Error) throw answer ?? new Error("none");
    return answer;
  };
  for await (const message of jobEvents({ fetch, baseUrl: "http://api", headers: {}, clock, signal: stop.signal })("job-1")) messages.push(message);
  return { messages, asked, waited: now };
}
const told = ({ messages }: { messages: JobMessage[] }): unknown[] => messages.map((message) => (message.type === "end" ? "end" : message.event.message));

describe("a job's events", () => {
  it("come once each, resumed where the connection was cut, also within an event", async () => {
    const all = progress(1) + progress(2);
    const done = await read([
      () => stream(all.slice(0, all.length - 9), new Error("terminated")),
      () => new TypeError("fetch failed"),
      () => problem(503, "interrupted", "serve.stopping"),
      () => stream(": still here\n\n"),
      () => stream(progress(2), progress(3).slice(0, 5), progress(3).slice(5), end),
    ]);
    expect(told(done)).toEqual(["1", "2", "3", "end"]);
    expect(done.asked).toEqual(["0", "1", "1", "1", "1"]);
  });

  it("are given up after a minute of failing, and not before", async () => {
    const failing = read([() => new TypeError("fetch failed")]);
    await expect(failing).rejects.toMatchObject({ code: "job.unreachable", kind: "external", message: expect.stringContaining("fetch failed") });
    let tries = 0;
    const flaky = await read([() => (++tries > 60 ? stream(end) : tries % 9 === 0 ? stream(": still here\n\n") : new TypeError("fetch failed"))]);
    expect(told(flaky)).toEqual(["end"]);
    expect(flaky.waited).toBeGreaterThan(120_000);
  });

  it.each([
    [401, "auth", "auth.revoked"],
    [404, "not-found", "job.not-found"],
  ])("that the API refuses (%s) are not asked for again", async (status, kind, code) => {
    await expect(read([() => problem(status, kind, code)])).rejects.toMatchObject({ code });
  });

  it("end quietly when nobody watches any more", async () => {
    const stop = new AbortController();
    const quiet = () => new Response(new ReadableStream({ start: () => void setTimeout(() => stop.abort(), 20) }));
    expect(told(await read([quiet], stop))).toEqual([]);
  });
});
