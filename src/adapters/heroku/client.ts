/** Heroku's Platform API, version 3: what it answers, and what its refusals mean here. */
import { setTimeout as sleepFor } from "node:timers/promises";
import type { z } from "zod";
import { ChartctlError, isChartctlError, messageOf } from "../../errors.ts";
import { refuseRedirect } from "../vendor-api.ts";

export interface HerokuClient {
  get<T>(schema: z.ZodType<T>, path: string, range?: string): Promise<T>;
  /** Undefined where there is nothing. */
  find<T>(schema: z.ZodType<T>, path: string): Promise<T | undefined>;
  /** Sent once. Error `heroku.unanswered` when nobody can say whether it was done. */
  send<T>(schema: z.ZodType<T>, method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T>;
  /** Bytes to a URL that Heroku gave, which needs no token. */
  upload(url: string, bytes: Uint8Array): Promise<void>;
  /** A stream of text that Heroku gave a URL for. */
  lines(url: string, signal: AbortSignal): AsyncIterable<string>;
  /** Between two looks at something that takes its time: longer when few requests are left. Error `interrupted`; `meanwhile`: what goes on all the same. */
  pause(milliseconds: number, meanwhile?: string): Promise<void>;
}

export interface HerokuClientOptions {
  fetch: typeof fetch;
  /** Of the API, without a slash at its end. */
  url: string;
  token: string;
  /** Ctrl-C: nothing is waited for any more. */
  interrupted?: AbortSignal;
  sleep?: (milliseconds: number) => Promise<unknown>;
}

const answerMilliseconds = 30_000;
const readRetryMilliseconds = [500, 2_000, 5_000];
/** Heroku fills up 75 requests a minute (Platform API reference, rate limits). */
const rateLimitMilliseconds = 5_000;
const rateLimitTries = 12;
const fewRequests = 200;

export function herokuClient({ fetch, url: base, token, interrupted, sleep = sleepFor }: HerokuClientOptions): HerokuClient {
  const waited = async (milliseconds: number, meanwhile?: string): Promise<void> => {
    await sleep(milliseconds);
    if (interrupted?.aborted)
      throw new ChartctlError({ kind: "interrupted", code: "interrupted", message: meanwhile ? `Interrupted; ${meanwhile}` : "Interrupted" });
  };
  let remaining = Number.POSITIVE_INFINITY;
  const once = async (
    method: string,
    path: string,
    body: unknown,
    range: string | undefined,
  ): Promise<{ status: number; text: string; retryAfter: string | null }> => {
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(answerMilliseconds),
      headers: {
        accept: "application/vnd.heroku+json; version=3",
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(range === undefined ? {} : { range }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    refuseRedirect(`${method} ${path}`, response.status, response.headers.get("location"));
    remaining = Number(response.headers.get("ratelimit-remaining") ?? Number.POSITIVE_INFINITY);
    return { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
  };
  /** Refused for too many requests means not done: sent again, whatever it was. */
  const admitted = async (method: string, path: string, body: unknown, range?: string): ReturnType<typeof once> => {
    for (let tried = 1; ; tried++) {
      const answer = await once(method, path, body, range);
      if (answer.status !== 429 || tried === rateLimitTries) return answer;
      const seconds = Number(answer.retryAfter);
      await waited(answer.retryAfter !== null && seconds >= 0 ? Math.min(seconds * 1_000, 60_000) : rateLimitMilliseconds);
    }
  };
  const read = async <T>(schema: z.ZodType<T>, path: string, range?: string): Promise<T> => {
    for (let tried = 0; ; tried++) {
      const wait = readRetryMilliseconds[tried];
      try {
        const answer = await admitted("GET", path, undefined, range);
        if (answer.status < 500 || wait === undefined) return answered(schema, "GET", path, answer);
      } catch (error) {
        if (isChartctlError(error)) throw error;
        if (wait === undefined) throw unreachable(base, error);
      }
      await waited(wait);
    }
  };
  return {
    get: read,
    find: async (schema, path) => {
      try {
        return await read(schema, path);
      } catch (error) {
        if (isChartctlError(error, "not-found")) return undefined;
        throw error;
      }
    },
    send: async (schema, method, path, body) => {
      const answer = await admitted(method, path, body).catch((error: unknown) => {
        if (isChartctlError(error)) throw error;
        throw unanswered(`${method} ${path}`, messageOf(error), error);
      });
      if (answer.status >= 500) throw unanswered(`${method} ${path}`, `it answered ${answer.status}`);
      return answered(schema, method, path, answer);
    },
    upload: async (url, bytes) => {
      // An empty content type: the URL is signed for none (Dev Center, "Building and Releasing Using the Platform API").
      const put = () =>
        fetch(url, {
          method: "PUT",
          headers: { "content-type": "" },
          body: bytes as Uint8Array<ArrayBuffer>,
          signal: AbortSignal.timeout(4 * answerMilliseconds),
        });
      for (let tried = 0; ; tried++) {
        const wait = readRetryMilliseconds[tried];
        // The same bytes to the same place: as often as needed.
        const answer = await put().catch((error: unknown) => {
          if (wait === undefined) throw unreachable("Heroku's store of sources", error);
          return undefined;
        });
        if (answer?.ok) return;
        if (wait === undefined || (answer && answer.status < 500 && answer.status !== 429)) throw refusal("PUT the source", answer?.status ?? 0, "", "");
        await waited(wait);
      }
    },
    lines: (url, signal) => linesOf(fetch, url, signal),
    pause: (milliseconds, meanwhile) => waited(remaining < fewRequests ? milliseconds * 5 : milliseconds, meanwhile),
  };
}

async function* linesOf(fetchText: typeof fetch, url: string, signal: AbortSignal): AsyncIterable<string> {
  const response = await fetchText(url, { signal }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw unreachable("Heroku's log stream", error);
  });
  if (!response?.body) return;
  if (!response.ok) throw refusal("GET the log stream", response.status, "", "");
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
    }
  } catch (error) {
    if (!signal.aborted) throw unreachable("Heroku's log stream", error);
  }
  if (rest) yield rest;
}

function answered<T>(schema: z.ZodType<T>, method: string, path: string, { status, text }: { status: number; text: string }): T {
  const document = json(text);
  if (status >= 400) {
    const { id, message } = (document ?? {}) as { id?: unknown; message?: unknown };
    throw refusal(`${method} ${path}`, status, String(id ?? ""), String(message ?? ""));
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new ChartctlError({
    kind: "external",
    code: "heroku.unexpected",
    message: `Heroku answered ${method} ${path} with ${status} and something else than it documents`,
    hint: "look at https://status.heroku.com",
    details: { issues: parsed.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`) },
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}

/** By the statuses that the Platform API reference documents. */
function refusal(operation: string, status: number, id: string, said: string): ChartctlError {
  const message = `Heroku refuses ${operation} (${status}${id ? ` ${id}` : ""})${said ? `: ${said}` : ""}`.replace(/\.$/, "");
  const details = { status, id };
  switch (status) {
    case 401:
      return new ChartctlError({
        kind: "auth",
        code: "heroku.token",
        message,
        hint: "make a token: heroku authorizations:create, and set HEROKU_API_KEY",
        details,
      });
    case 402:
      return new ChartctlError({
        kind: "refused",
        code: "heroku.payment",
        message,
        hint: "add a way to pay: https://dashboard.heroku.com/account/billing",
        details,
      });
    case 403:
      return new ChartctlError({
        kind: "auth",
        code: "heroku.forbidden",
        message,
        hint: "the account must be verified and in good standing, and its token may not be read-only",
        details,
      });
    case 404:
      return new ChartctlError({ kind: "not-found", code: "heroku.not-found", message, hint: "see what there is: https://dashboard.heroku.com/apps", details });
    case 409:
    case 422:
      return new ChartctlError({ kind: status === 409 ? "conflict" : "failed", code: "heroku.refused", message, details });
    case 429:
      return new ChartctlError({ kind: "external", code: "heroku.rate-limit", message, hint: "wait some minutes", details });
    default:
      return new ChartctlError({ kind: "external", code: "heroku.failed", message, hint: "look at https://status.heroku.com", details });
  }
}

/** Of a write: it may have been done. What stands is looked up before it is sent again. */
const unanswered = (operation: string, why: string, cause?: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "heroku.unanswered",
    message: `Heroku doesn't say whether ${operation} was done: ${why}`,
    hint: "look at https://status.heroku.com",
    details: { operation },
    cause,
  });

const unreachable = (what: string, cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "heroku.unreachable",
    message: `${what} can't be reached: ${messageOf(cause)}`,
    hint: "check the network, and https://status.heroku.com",
    cause,
  });
