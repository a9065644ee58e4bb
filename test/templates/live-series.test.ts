/** live-series: its handler over a table in memory, and over one that fails. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Api } from "./modules.ts";
import { apiModule } from "./modules.ts";

let api: Api;
beforeEach(async () => {
  api = await apiModule("live-series/api/index.ts");
});

async function call(
  method: string,
  path: string,
  more: object = {},
): Promise<{ status: number; body: Record<string, unknown>; headers: Record<string, string> }> {
  const [rawPath = "", query = ""] = path.split("?");
  const event = {
    rawPath,
    requestContext: { http: { method } },
    ...(query ? { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) } : {}),
    ...more,
  };
  const { statusCode, body, headers } = await api.handler(event);
  return { status: statusCode, body: JSON.parse(body) as Record<string, unknown>, headers };
}
const post = async (body: unknown) => await call("POST", "/api/points", { body: typeof body === "string" ? body : JSON.stringify(body) });
const values = async (query: string) => ((await call("GET", `/api/points?series=s${query}`)).body.points as { value: number }[]).map(({ value }) => value);

describe("POST /api/points", () => {
  it("keeps a point at the time that it has, or now", async () => {
    const point = { series: "s", value: -1.5, at: "2026-01-31T12:00:00.000Z" };
    expect(await post(point)).toMatchObject({ status: 201, body: point, headers: { "content-type": "application/json", "cache-control": "no-store" } });
    const before = Date.now();
    const { body } = await post({ series: "s", value: 0 });
    expect(Date.parse(body.at as string)).toBeGreaterThanOrEqual(before);
    expect(await values("")).toEqual([-1.5, 0]);
  });

  it("reads a body in base64, as API Gateway may send it", async () => {
    const body = Buffer.from('{"series":"s","value":1}').toString("base64");
    expect((await call("POST", "/api/points", { body, isBase64Encoded: true })).status).toBe(201);
  });

  it("keeps two points of one millisecond", async () => {
    const point = { series: "s", value: 1, at: "2026-01-01T00:00:00Z" };
    await Promise.all([post(point), post(point)]);
    expect(await values("")).toEqual([1, 1]);
  });

  it("orders times by what they mean, not by how they are written", async () => {
    await post({ series: "s", value: 2, at: "2026-01-01T02:00:00+02:00" });
    await post({ series: "s", value: 1, at: "2025-12-31T23:59:59.999Z" });
    await post({ series: "s", value: 3, at: "2026-01-02" });
    expect(await values("")).toEqual([1, 2, 3]);
  });

  // Numbers that a preview would keep and DynamoDB's client refuses, times that Date.parse takes for something else.
  it.each([1e16, -1e16, 1e200, 1e-200, null, "1", true, [1]])("refuses the value %j", async (value) =>
    expect(await post({ series: "s", value })).toMatchObject({ status: 400, body: { error: expect.stringContaining("value must be a number") } }),
  );
  it.each(["1", "2026", "soon", "", "2026-02-30T00:00:00Z", "2026-01-01T10:00:00", "+012026-01-01T00:00:00Z", "0000-01-01T00:00:00+10:00", 5, null])(
    "refuses the time %j",
    async (at) => expect(await post({ series: "s", value: 1, at })).toMatchObject({ status: 400, body: { error: expect.stringContaining("at is a time") } }),
  );
  it.each([undefined, "", "A", "a b", "a".repeat(41), "-a", "a#b", 1, null])("refuses the series %j", async (series) =>
    expect(await post({ series, value: 1 })).toMatchObject({ status: 400, body: { error: expect.stringContaining("series has") } }),
  );
  it.each([
    ["", "JSON object"],
    ["null", "JSON object"],
    ["[]", "JSON object"],
    ["{", "JSON object"],
    [`"${"x".repeat(10_000)}"`, "longer than"],
  ])("refuses the body %.20j", async (body, message) =>
    expect(await post(body)).toMatchObject({ status: 400, body: { error: expect.stringContaining(message) } }),
  );
  it("keeps nothing of what it refuses", async () => {
    api.table.put = async () => {
      throw new Error("put");
    };
    for (const body of ["{", { series: "s" }, { series: "s", value: 1, at: "soon" }]) expect((await post(body)).status).toBe(400);
  });
});

describe("GET /api/points", () => {
  it("gives the points of a time, both ends included, the newest of them if limited, oldest first", async () => {
    for (const minute of [3, 1, 2, 4]) await post({ series: "s", value: minute, at: `2026-01-01T00:0${minute}:00Z` });
    await post({ series: "s2", value: 9 });
    expect(await values("")).toEqual([1, 2, 3, 4]);
    expect(await values("&from=2026-01-01T00:02:00Z&to=2026-01-01T00:03:00Z")).toEqual([2, 3]);
    expect(await values("&limit=2")).toEqual([3, 4]);
    expect(await values("&from=2027-01-01")).toEqual([]);
  });

  it.each(["", "?series=A", "?series=s&limit=0", "?series=s&limit=1001", "?series=s&limit=1.5", "?series=s&limit=", "?series=s&from=soon", "?series=s&to=1"])(
    "refuses %j",
    async (query) => expect((await call("GET", `/api/points${query}`)).status).toBe(400),
  );

  it("hands out nothing but times and values", async () => {
    await post({ series: "s", value: 1, note: "x" });
    const { body } = await call("GET", "/api/points?series=s");
    expect(Object.keys((body.points as object[])[0] ?? {})).toEqual(["at", "value"]);
  });
});

describe("GET /api/health", () => {
  it("works as far as the table can be read", async () => {
    expect(await call("GET", "/api/health")).toMatchObject({ status: 200, body: { status: "ok" } });
    api.table.query = async () => {
      throw new Error("no table");
    };
    await expect(call("GET", "/api/health")).rejects.toThrow("no table"); // which Lambda answers with 500
  });
});

it.each([
  ["GET", "/api/none"],
  ["DELETE", "/api/points"],
  ["POST", "/api/health"],
])("%s %s: 404", async (method, path) => expect((await call(method, path)).status).toBe(404));
