/** Keeps points of time series, and gives them back (API Gateway, payload format 2.0). */
import { table } from "chartctl/app";

interface Request {
  rawPath: string;
  requestContext: { http: { method: string } };
  queryStringParameters?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
}

const seriesName = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** A day, or a day and a time with its zone. */
const isoTime = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;
const yearDigitsOnly = "2026-01-31T12:00:00.000Z".length;
const largestBody = 10_000;
const mostPoints = 1_000;
/** A preview keeps any number; DynamoDB and its client refuse larger and smaller ones. */
const largestValue = Number.MAX_SAFE_INTEGER;
const smallestValue = 1e-100;

const json = (statusCode: number, body: unknown) => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

class BadRequest extends Error {}

export async function handler(request: Request) {
  const route = `${request.requestContext.http.method} ${request.rawPath}`;
  try {
    if (route === "GET /api/health") return await health();
    if (route === "GET /api/points") return json(200, await points(request.queryStringParameters ?? {}));
    if (route === "POST /api/points") return json(201, await add(bodyOf(request)));
    return json(404, { error: `nothing at ${request.rawPath}` });
  } catch (error) {
    if (error instanceof BadRequest) return json(400, { error: error.message });
    throw error;
  }
}

/** Works only as far as its data can be read. */
async function health() {
  await table.query("series#health", { limit: 1 });
  return json(200, { status: "ok" });
}

async function points(query: Record<string, string>) {
  const series = nameIn(query.series);
  const limit = query.limit === undefined ? mostPoints : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostPoints) throw new BadRequest(`limit is a whole number from 1 to ${mostPoints}`);
  const from = query.from === undefined ? undefined : timeIn(query.from, "from");
  const to = query.to === undefined ? undefined : timeIn(query.to, "to");
  // The suffix of a point's key sorts after its time: `to` itself is included.
  const found = await table.query(`series#${series}`, { limit, newestFirst: true, ...(from ? { from } : {}), ...(to ? { to: `${to}~` } : {}) });
  return { series, points: found.reverse().map(({ at, value }) => ({ at, value })) };
}

async function add(body: Record<string, unknown>) {
  const series = nameIn(body.series);
  const { value } = body;
  if (typeof value !== "number" || Math.abs(value) > largestValue || (value !== 0 && Math.abs(value) < smallestValue))
    throw new BadRequest(`value must be a number from -${largestValue} to ${largestValue}`);
  const at = body.at === undefined ? new Date().toISOString() : timeIn(body.at, "at");
  // Two points of one millisecond are two points.
  await table.put({ pk: `series#${series}`, sk: `${at}#${crypto.randomUUID()}`, at, value });
  return { series, at, value };
}

function bodyOf({ body = "", isBase64Encoded }: Request): Record<string, unknown> {
  if (body.length > largestBody) throw new BadRequest(`the body is longer than ${largestBody} characters`);
  try {
    const parsed: unknown = JSON.parse(isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new BadRequest("the body must be a JSON object");
}

function nameIn(given: unknown): string {
  if (typeof given === "string" && seriesName.test(given)) return given;
  throw new BadRequest("series has 1 to 40 of a-z, 0-9 and hyphens");
}

function timeIn(given: unknown, name: string): string {
  // Stricter than Date.parse, which takes "1" for 2001, a time without a zone for the server's, and 30 February for 2 March.
  const [, day = ""] = typeof given === "string" ? (isoTime.exec(given) ?? []) : [];
  const [time, midnight] = [new Date(given as string), new Date(`${day}T00:00:00Z`)];
  const known = day !== "" && [time, midnight].every((date) => !Number.isNaN(date.getTime())) && midnight.toISOString().startsWith(day);
  const text = known ? time.toISOString() : "";
  // Keys are ordered as text: that is the order of time for four-digit years only.
  if (text.length !== yearDigitsOnly) throw new BadRequest(`${name} is a time such as 2026-01-31T12:00:00Z`);
  return text;
}
