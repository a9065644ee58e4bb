/** HTTP as a function sees it: API Gateway's payload 2.0 (developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"). */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** What the gateway hands on as text; everything else goes as base64. */
const textual = /^(text\/|application\/(json|javascript|xml)\b)/;
/** API Gateway's own limit for a payload. */
const largestBody = 10_000_000;

/** Undefined when the body is too large: the gateway answers 413 then. */
export async function eventOf(incoming: IncomingMessage): Promise<object | undefined> {
  const { method = "GET", headers } = incoming;
  const [rawPath = "/", rawQueryString = ""] = splitOnce(incoming.url ?? "/", "?");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > largestBody) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const isBase64Encoded = body.byteLength > 0 && !textual.test(headers["content-type"] ?? "");
  const query = Object.fromEntries(
    [...new URLSearchParams(rawQueryString).keys()].map((name) => [name, new URLSearchParams(rawQueryString).getAll(name).join(",")]),
  );
  const { cookie, ...others } = headers;
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookie ? { cookies: cookie.split(/;\s*/) } : {}),
    headers: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value])),
    ...(rawQueryString ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: headers.host ?? "localhost",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: headers["user-agent"] ?? "" },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.byteLength > 0 ? { body: isBase64Encoded ? body.toString("base64") : body.toString("utf8") } : {}),
    isBase64Encoded,
  };
}

interface Answer {
  statusCode?: unknown;
  headers?: Record<string, unknown>;
  cookies?: string[];
  body?: unknown;
  isBase64Encoded?: boolean;
}

/** Sends a function's answer as the gateway would: what has no status code is JSON with 200. */
export function sendAnswer(outgoing: ServerResponse, method: string | undefined, payload: string): void {
  const parsed = JSON.parse(payload) as Answer | string | null;
  const answer: Answer =
    typeof parsed === "object" && parsed !== null && "statusCode" in parsed
      ? parsed
      : { statusCode: 200, headers: { "content-type": "application/json" }, body: typeof parsed === "string" ? parsed : payload };
  const body = typeof answer.body === "string" ? Buffer.from(answer.body, answer.isBase64Encoded ? "base64" : "utf8") : Buffer.alloc(0);
  for (const [name, value] of Object.entries(answer.headers ?? {})) if (value !== undefined && value !== null) outgoing.setHeader(name, String(value));
  if (answer.cookies?.length) outgoing.setHeader("set-cookie", answer.cookies);
  outgoing.statusCode = Number(answer.statusCode);
  if (method === "HEAD" || outgoing.statusCode === 304) outgoing.end();
  else outgoing.setHeader("content-length", body.byteLength).end(body);
}

/** The gateway's own words when a function failed: no more than that. */
export function sendFailure(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
}

function splitOnce(text: string, at: string): [string, string] {
  const position = text.indexOf(at);
  return position < 0 ? [text, ""] : [text.slice(0, position), text.slice(position + 1)];
}
