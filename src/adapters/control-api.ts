/** The control API's client: in process or over HTTP, by the same calls. */
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
}

/** Errors: the API's own; `api.unreachable` and `api.unexpected` (external). */
export const controlApiClient =
  ({ fetch, baseUrl, headers }: ControlApiOptions): CallApi =>
  async (endpoint, input) => {
    const url = new URL(`${baseUrl.replace(/\/+$/, "")}/api${pathOf(endpoint.path, input.params as Record<string, unknown> | undefined)}`);
    for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const request = new Request(url, {
      method: endpoint.method,
      headers: { accept: "application/json", ...(input.body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
    });
    const response = await fetch(request).catch((error: unknown) => {
      throw isChartctlError(error) ? error : unreachable(baseUrl, error);
    });
    const text = await response.text();
    if (!response.ok) throw problemFrom(text, response.status, baseUrl);
    const parsed = endpoint.response.safeParse(json(text));
    if (!parsed.success) throw unexpected(baseUrl, response.status);
    return parsed.data as never;
  };

const pathOf = (template: string, params: Record<string, unknown> | undefined): string =>
  template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params?.[name] ?? "")));

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not ours: the schema refuses it
  }
}

function problemFrom(text: string, status: number, baseUrl: string): ChartctlError {
  const problem = problemSchema.safeParse(json(text));
  if (!problem.success || !(problem.data.kind in outcomes)) return unexpected(baseUrl, status);
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
});
