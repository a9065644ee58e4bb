/** The control API's client: in process or over HTTP, by the same calls. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { problemSchema } from "../contract/resources.ts";
import type { Books } from "../core/ports.ts";
import type { ErrorKind } from "../errors.ts";
import { ChartctlError, isChartctlError, messageOf, outcomes } from "../errors.ts";

export interface ControlApiOptions {
  fetch(request: Request): Promise<Response>;
  /** Without `/api`. */
  baseUrl: string;
  headers: Record<string, string>;
  /** Milliseconds before each further try of a repeatable request that the network lost. */
  retryAfter?: number[];
  /** Milliseconds after which an unanswered request counts as lost. */
  timeout?: number;
  /** Over a network: makes every write one that can be sent again, because its answer is kept under the key. */
  newIdempotencyKey?(): string;
}

/** Half a lease: a hanging request may be sent again before the lease ends. */
const defaultTimeout = 30_000;

/** Sent twice, they do what once does: these answer a repetition as they did at first. Others go by their method (RFC 9110, 9.2.2). */
const repeatable = new Set<unknown>([endpoints.openOperation, endpoints.renewLease, endpoints.finishOperation]);

/** Errors: the API's own; `api.unreachable` and `api.unexpected` (external). What the network loses is sent again where that is safe. */
export const controlApiClient =
  ({ fetch, baseUrl, headers, retryAfter = [200, 1_000], timeout = defaultTimeout, newIdempotencyKey }: ControlApiOptions): CallApi =>
  async (endpoint, input) => {
    const url = new URL(`${baseUrl.replace(/\/+$/, "")}/api${pathOf(endpoint.path, input.params as Record<string, unknown> | undefined)}`);
    for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const key = endpoint.method !== "GET" && endpoint.replay ? newIdempotencyKey?.() : undefined;
    const request = (signal: AbortSignal): Request =>
      new Request(url, {
        signal,
        method: endpoint.method,
        redirect: "manual", // elsewhere, a password or a token would be shown to whoever is there
        headers: {
          accept: "application/json",
          ...(input.body === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { "idempotency-key": key }),
          ...(input.ifMatch === undefined ? {} : { "if-match": `"${input.ifMatch}"` }),
          ...headers,
        },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      });
    const waits = endpoint.method !== "POST" || key !== undefined || repeatable.has(endpoint) ? retryAfter : [];
    const send = () =>
      within(timeout, async (signal) => {
        const response = await fetch(request(signal));
        if (response.status >= 300 && response.status < 400) throw moved(baseUrl, response.headers.get("location"));
        const answer = { ok: response.ok, status: response.status, text: await response.text() };
        if (answer.status === 503 && waits.length > 0) throw new Unavailable(answer);
        return answer;
      });
    const { ok, status, text } = await answered(send, waits).catch((error: unknown) => {
      if (error instanceof Unavailable) return error.answer;
      throw isChartctlError(error) ? error : unreachable(baseUrl, error);
    });
    if (!ok) throw problemFrom(text, status, baseUrl);
    const parsed = endpoint.response.safeParse(json(text));
    if (!parsed.success) throw unexpected(baseUrl, status);
    return parsed.data as never;
  };

/** The API is there, and its database isn't for a moment: worth another try, and an answer after the last one. */
class Unavailable extends Error {
  constructor(readonly answer: { ok: boolean; status: number; text: string }) {
    super("unavailable");
  }
}

/** A race, not the signal alone: a Request holds its signal weakly, and once that is collected (seen on Node 20) it never aborts. */
async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds / 1_000} s`)), milliseconds);
  });
  try {
    return await Promise.race([work(ended.signal), late]);
  } catch (error) {
    ended.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Tries once more after each wait; an answer, of whatever status, is never asked for again. */
async function answered<T>(send: () => Promise<T>, waits: number[]): Promise<T> {
  const [wait, ...later] = waits;
  try {
    return await send();
  } catch (error) {
    if (wait === undefined || isChartctlError(error)) throw error;
    await sleep(wait);
    return await answered(send, later);
  }
}

const pathOf = (template: string, params: Record<string, unknown> | undefined): string =>
  template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params?.[name] ?? "")));

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not ours: the schema refuses it
  }
}

/** What the API answered instead: its own error, or `api.unexpected`. */
export function problemFrom(text: string, status: number, baseUrl: string): ChartctlError {
  const problem = problemSchema.safeParse(json(text));
  if (!problem.success || !Object.hasOwn(outcomes, problem.data.kind)) return unexpected(baseUrl, status);
  const { kind, code, detail, hint, details } = problem.data;
  return new ChartctlError({ kind: kind as ErrorKind, code, message: detail, ...(hint ? { hint } : {}), ...(details ? { details } : {}) });
}

const unreachable = (baseUrl: string, cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "api.unreachable",
    message: `The control API at ${baseUrl} can't be reached: ${messageOf(cause)}`,
    hint: "check --api-url, or look: chartctl doctor",
    cause,
  });

const moved = (baseUrl: string, location: string | null): ChartctlError => {
  const to = location !== null && URL.canParse(location, baseUrl) ? new URL(location, baseUrl).origin : undefined;
  return new ChartctlError({
    kind: "external",
    code: "api.moved",
    message: `${baseUrl} leads elsewhere${to ? `, to ${to}` : ""}, and is not followed`,
    hint: "if that is the platform's own address, name it: --api-url URL",
  });
};

const unexpected = (baseUrl: string, status: number): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "api.unexpected",
    message: `${baseUrl} answered ${status}, and not as a control API does`,
    hint: "check --api-url, or look: chartctl doctor",
  });

/** The use cases' view of the control API. */
export const booksFrom = (call: CallApi): Books => ({
  project: async (projectId) => {
    try {
      return await call(endpoints.getProject, { params: { projectId } });
    } catch (error) {
      if (isChartctlError(error) && error.code === "project.not-found") return undefined;
      throw error;
    }
  },
  open: (request) => call(endpoints.openOperation, { body: request }),
  renewLease: ({ id, fence }, credentialsExpireAt) =>
    call(endpoints.renewLease, {
      params: { operationId: id },
      body: { fence, ...(credentialsExpireAt ? { credentialsExpireAt: credentialsExpireAt.toISOString() } : {}) },
    }),
  journal: async ({ id, fence }, line) => {
    await call(endpoints.journal, { params: { operationId: id }, body: { fence, ...line } });
  },
  saveState: async ({ id, fence }, copy) => {
    await call(endpoints.saveState, { params: { operationId: id }, body: { fence, ...copy } });
  },
  state: async (projectId) => (await call(endpoints.getState, { params: { projectId } })) ?? undefined,
  finish: ({ id, fence }, end) => call(endpoints.finishOperation, { params: { operationId: id }, body: { fence, ...end } }),
  quota: (user) => call(endpoints.getQuota, { query: user === undefined ? {} : { user } }),
  projects: () => call(endpoints.listProjects, {}),
  releases: (projectId) => call(endpoints.listReleases, { params: { projectId } }),
  recordRelease: ({ id, fence }, facts) => call(endpoints.recordRelease, { params: { operationId: id }, body: { fence, ...facts } }),
  recordCleanup: (projectId, error) => call(endpoints.recordCleanup, { params: { projectId }, body: { error } }),
});
