/** Reports that the platform makes: who may order and see them, one file whoever dies, and amounts that are the books'. */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Big from "big.js";
import readWorkbook from "read-excel-file/node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { controlApiClient } from "../../src/adapters/control-api.ts";
import { csv } from "../../src/adapters/report/csv.ts";
import { placesFor, printWhole, writeWhole } from "../../src/adapters/report/files.ts";
import { xlsx } from "../../src/adapters/report/xlsx.ts";
import { reportDownload } from "../../src/adapters/report-download.ts";
import { hostedReport } from "../../src/commands/costs/hosted-report.ts";
import type { CallApi } from "../../src/contract/endpoints.ts";
import type { ReportFormat } from "../../src/contract/report-endpoints.ts";
import { reportFormats, reportTypes } from "../../src/contract/report-endpoints.ts";
import { createControlApi } from "../../src/control/app.ts";
import type { MadeReport, RenderReport } from "../../src/control/make-reports.ts";
import { makeReports } from "../../src/control/make-reports.ts";
import { bookedFacts } from "../../src/control/store/booked-facts.ts";
import { forgetOld } from "../../src/control/store/housekeeping.ts";
import { claimReport, failReport, storeReport } from "../../src/control/store/reports.ts";
import { transact } from "../../src/control/store/transact.ts";
import { writeBill } from "../../src/control/store/write-bill.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import { monthAsked } from "../../src/core/costs/report/month.ts";
import { ChartctlError } from "../../src/errors.ts";
import { reportRenderer } from "../../src/report-wiring.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";
import { provisionOf } from "./support.ts";

let api: HostedTest;
let tokens: Record<"ana" | "admin" | "theirs" | "root", string>;
let key: string;

beforeEach(async () => {
  api = await hostedTest({ cents: () => 1_460 });
  await api.user("acme", "ana", "member");
  await api.user("acme", "admin", "admin");
  await api.user("globex", "boss", "owner");
  await api.user("platform", "root", "global_owner");
  tokens = {
    ana: await api.token("acme", "ana", "member"),
    admin: await api.token("acme", "admin", "admin"),
    theirs: await api.token("globex", "boss", "owner"),
    root: await api.token("platform", "root", "global_owner"),
  };
  key = (await api.send("POST", "/operations", { token: tokens.ana, body: provisionOf("sales") })).body.project.key;
  api.clock.now = new Date("2026-02-05T12:00:00.000Z");
});
afterEach(async () => {
  vi.useRealTimers();
  await api.close();
});

/** January up to, not with, `until`: read, as a worker records it. */
async function readJanuary(tenantId: string, until: string, costs: [day: string, key: string | null, dollars: string][]): Promise<void> {
  const lines = (keyOf: (key: string | null) => string | null): CostAmount[] =>
    costs.map(([period, of, amount]) => ({ period, key: keyOf(of), kind: "usage", currency: "USD", amount }));
  const bill = {
    from: "2026-01-01",
    until,
    source: "ce",
    openFrom: null,
    byProject: lines((of) => of),
    byService: lines(() => "AWS Lambda"),
    price: { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false },
  } as const;
  await transact(api.db, async (tx) => {
    await writeBill(tx, tenantId, { ...bill, byProject: [...bill.byProject], byService: [...bill.byService] }, api.clock.now);
    await tx
      .insertInto("billing_reads")
      .values({ tenant_id: tenantId, read_at: api.clock.now.toISOString(), next_at: null, attempts: 0, error: null, claim: null, claimed_until: null })
      .execute();
  });
}

const order = async (format: ReportFormat = "csv", token = tokens.admin, more: Record<string, unknown> = {}) =>
  await api.send("POST", "/reports/generate", { token, body: { month: "2026-01", format, ...more } });
const state = async (id: string, token = tokens.admin) => (await api.send("GET", `/reports/${id}`, { token })).body;
const download = async (id: string, token = tokens.admin): Promise<Response> =>
  await createControlApi(api.api).fetch(new Request(`http://test/api/reports/${id}/file`, { headers: { authorization: `Bearer ${token}` } }));
const make = async (render: RenderReport = reportRenderer("0.0.0")): Promise<MadeReport[]> => {
  const made: MadeReport[] = [];
  await makeReports(api.api, render, (one) => made.push(one));
  return made;
};
const rowsOf = async (id: string): Promise<string[][]> =>
  (await (await download(id)).text())
    .trimEnd()
    .split("\n")
    .map((row) => row.split(","));
const chunks = async () => (await api.db.selectFrom("report_chunks").selectAll().execute()).map(({ body, ...row }) => ({ ...row, body: new Uint8Array(body) }));

describe("a report", () => {
  it.each(reportFormats)("as %s is the renderer's, byte by byte", async (format) => {
    await readJanuary("acme", "2026-02-01", [["2026-01-03", key, "1.005"]]);
    const ordered = await order(format);
    expect([ordered.status, ordered.body]).toEqual([202, expect.objectContaining({ status: "queued", tenantId: "acme", bytes: null, orderedBy: "admin" })]);
    const { id } = ordered.body;
    expect((await download(id)).status).toBe(409);
    const parts: Buffer[] = [];
    const made = await make(async (report, of) => {
      for await (const part of await reportRenderer("0.0.0")(report, of)) parts.push(Buffer.from(part as Uint8Array));
      return parts;
    });
    const bytes = Buffer.concat(parts);
    expect(made).toEqual([{ report: id, tenant: "acme", format, outcome: "done", bytes: bytes.length }]);
    const answer = await download(id);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": reportTypes[format],
      "content-length": String(bytes.length),
      "content-disposition": `attachment; filename="chartctl-costs-acme-2026-01.${format}"`,
    });
    expect(await state(id)).toMatchObject({ status: "done", attempts: 1, error: null, bytes: bytes.length });
  });

  it("has the books' amounts, and says which days nobody read", async () => {
    await readJanuary("acme", "2026-01-30", [
      ["2026-01-03", key, "1.005"],
      ["2026-01-03", null, "0.4"],
      ["2026-01-29", key, "2.0000000001"],
    ]);
    const [lines, page, book] = [(await order("csv")).body.id, (await order("html")).body.id, (await order("xlsx")).body.id];
    await make();
    const rows = await rowsOf(lines);
    const part = (name: string) => rows.filter((row) => row[1] === name);
    const sum = (of: string[][]) => of.reduce((all, row) => all.plus(row[6] || 0), new Big(0)).toFixed();
    for (const name of ["total", "tenant", "project", "user", "service", "day"]) expect(sum(part(name)), name).toBe("3.4050000001");
    expect(part("project").map((row) => [row[3], row[4], row[6]])).toEqual([
      ["sales", "ana", "3.0050000001"],
      ["", "", "0.4"],
    ]);
    expect(part("unread").map((row) => row[3])).toEqual(["2026-01-30", "2026-01-31"]);
    expect((await state(lines)).unread).toEqual([{ tenantId: "acme", from: "2026-01-30", to: "2026-01-31" }]);
    expect(
      part("day")
        .filter((row) => ["2026-01-02", "2026-01-30"].includes(row[3] as string))
        .map((row) => row[6]),
    ).toEqual(["0", ""]);
    const html = await (await download(page)).text();
    expect(html).toContain("nothing is counted of 2026-01-30 to 2026-01-31");
    expect(html.match(/>not read</g)).toHaveLength(2);
    expect(html).toContain("The month is open"); // until the 10th of the next one
    expect(html).toContain("<title>Sat 31 Jan: not read");
    const sheets = await readWorkbook(Buffer.from(await (await download(book)).arrayBuffer()));
    expect(JSON.stringify(sheets.find(({ sheet }) => sheet === "About")?.data)).toContain("not read, and not counted: 2026-01-30 to 2026-01-31");
    expect(
      sheets
        .find(({ sheet }) => sheet === "Days")
        ?.data.at(-1)
        ?.slice(1, 4),
    ).toEqual(["USD", null, "not read"]);
  });

  it("of a month that nobody read any day of is not ordered: that is said at once", async () => {
    expect((await order()).body).toMatchObject({ status: 409, code: "costs.not-read", detail: expect.stringContaining("has read no bill of 2026-01") });
    expect((await api.send("GET", "/reports", { token: tokens.admin })).body).toEqual([]);
  });

  it("of a bill that is gone from the books since fails, and says so", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id } = (await order()).body;
    await api.db.deleteFrom("billed_days").execute();
    expect(await make()).toMatchObject([{ outcome: "failed", error: "costs.not-read" }]);
    expect(await state(id)).toMatchObject({ status: "failed", attempts: 1, error: { code: "costs.not-read", message: expect.stringContaining("2026-01") } });
    expect(((await (await download(id)).json()) as { detail: string }).detail).toContain("has read no bill of 2026-01");
  });

  it("of every tenant is the platform's owners' alone, with those that nobody read", async () => {
    await readJanuary("acme", "2026-02-01", [["2026-01-03", key, "1.005"]]);
    expect((await order("csv", tokens.admin, { allTenants: true })).body.code).toBe("role.global_owner");
    const named = await api.send("POST", "/reports/generate", {
      token: tokens.root,
      headers: { "x-chartctl-tenant": "acme" },
      body: { month: "2026-01", format: "csv", allTenants: true },
    });
    expect(named.body).toMatchObject({ tenantId: null, name: "chartctl-costs-all-tenants-2026-01.csv" });
    const { id } = named.body;
    await make();
    const text = await (await download(id, tokens.root)).text();
    expect(text).toContain("2026-01,tenant,acme,acme,,USD,1.005");
    expect(text.match(/2026-01,unread,globex/g)).toHaveLength(31);
    for (const token of [tokens.admin, tokens.theirs]) {
      expect((await download(id, token)).status).toBe(404);
      expect((await api.send("GET", "/reports", { token })).body).toEqual([]);
    }
  });

  it("says which tag a tenant's bill was read by, as it is read", async () => {
    const tags = async (removed = false) =>
      (await bookedFacts(api.db, { id: "acme", removed }, monthAsked("2026-01", api.clock.now), {} as never, api.clock.now)).tags;
    const set = async (id: string, account_id: string | null, role: boolean) =>
      await api.db
        .updateTable("tenants")
        .set({ account_id, role_arn: role ? `arn:aws:iam::${account_id}:role/x` : null })
        .where("id", "=", id)
        .execute();
    await set("acme", "111122223333", true);
    await set("globex", "444455556666", true);
    expect(await tags()).toEqual({});
    await set("globex", null, false); // in the platform's account, which may be acme's
    expect([await tags(), await tags(true)]).toEqual([{ TenantId: "acme" }, {}]);
  });

  it("is not another tenant's to see, to fetch or to delete", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id } = (await order()).body;
    await make();
    for (const [method, path] of [
      ["GET", `/reports/${id}`],
      ["GET", `/reports/${id}/file`],
      ["DELETE", `/reports/${id}`],
    ] as const)
      expect((await api.send(method, path, { token: tokens.theirs })).body).toMatchObject({ status: 404, code: "report.not-found" });
    expect((await api.send("GET", "/reports", { token: tokens.theirs })).body).toEqual([]);
    expect((await download(id)).status).toBe(200);
  });

  it("of a month that has not begun is refused; one ordered twice under a key is ordered once", async () => {
    await readJanuary("acme", "2026-02-01", []);
    expect((await order("csv", tokens.admin, { month: "2026-03" })).body.code).toBe("report.month");
    const key = randomUUID();
    const once = async () =>
      (await api.send("POST", "/reports/generate", { token: tokens.admin, headers: { "idempotency-key": key }, body: { month: "2026-01", format: "csv" } }))
        .body;
    expect(await once()).toEqual(await once());
    expect((await api.send("GET", "/reports", { token: tokens.admin })).body).toHaveLength(1);
  });

  it("is in the audit when it is ordered and deleted, and gone with its file", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id } = (await order()).body;
    await make();
    expect(await chunks()).toHaveLength(1);
    expect((await api.send("DELETE", `/reports/${id}`, { token: tokens.admin })).status).toBe(200);
    expect([await chunks(), (await download(id)).status]).toEqual([[], 404]);
    const lines = await api.db.selectFrom("audit").selectAll().where("subject", "=", id).orderBy("sequence").execute();
    expect(lines.map(({ action, actor, tenant_id: tenant }) => [action, actor, tenant])).toEqual([
      ["report.ordered", "admin", "acme"],
      ["report.deleted", "admin", "acme"],
    ]);
  });

  it("is kept for 30 days", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id, expiresAt } = (await order()).body;
    await make();
    api.clock.now = new Date(Date.parse(expiresAt) - 1);
    await forgetOld(api.db, api.clock.now);
    expect((await download(id, await api.token("acme", "admin", "admin"))).status).toBe(200);
    api.clock.now = new Date(expiresAt);
    expect((await download(id)).status).toBe(404);
    await forgetOld(api.db, api.clock.now);
    expect([await chunks(), await api.db.selectFrom("reports").selectAll().execute()]).toEqual([[], []]);
  });

  it("no more than a hundred are a tenant's at once", async () => {
    for (const tenantId of ["acme", "globex"]) await readJanuary(tenantId, "2026-02-01", []);
    for (let at = 0; at < 100; at++) expect((await order()).status).toBe(202);
    expect((await order()).body).toMatchObject({
      status: 403,
      code: "report.too-many",
      hint: expect.stringContaining("chartctl -t acme costs report --list; delete some: chartctl -t acme costs report --delete ID,ID;"),
    });
    expect((await order("csv", tokens.theirs)).status).toBe(202);
  });

  it("no more than a hundred are a tenant's, however many order at once", async () => {
    await readJanuary("acme", "2026-02-01", []);
    for (let at = 0; at < 90; at++) await order();
    const answers = await Promise.all(Array.from({ length: 40 }, async () => await order()));
    const outcomes = answers.map(({ status, body }) => `${status} ${body.code ?? body.status}`).sort();
    expect(outcomes).toEqual([...Array(10).fill("202 queued"), ...Array(30).fill("403 report.too-many")]);
    expect(await api.db.selectFrom("reports").select("id").where("tenant_id", "=", "acme").execute()).toHaveLength(100);
  });
});

describe("whoever makes it", () => {
  it("stores many parts as one file, and none of what is too large", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const content = randomBytes(1_000_000);
    const { id } = (await order()).body;
    await make(async () => [content]);
    expect(Math.max(...(await chunks()).map(({ body }) => body.length))).toBeLessThanOrEqual(256 * 1024);
    expect((await chunks()).length).toBeGreaterThan(3);
    expect(Buffer.from(await (await download(id)).arrayBuffer()).equals(content)).toBe(true);
    const large = (await order()).body.id;
    await make(async () => Array.from({ length: 33 }, () => content));
    expect(await state(large)).toMatchObject({ status: "failed", error: { code: "report.too-large", message: expect.stringContaining("32 MB") } });
    expect(new Set((await chunks()).map(({ report_id: of }) => of))).toEqual(new Set([id]));
  });

  it("has it alone until the claim ends; then another takes over, and one file is kept", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id } = (await order()).body;
    const now = () => api.clock.now;
    const claims = await Promise.all(["one", "two", "three"].map(async (claim) => await claimReport(api.db, claim, now())));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const dead = claims.find(Boolean) as NonNullable<(typeof claims)[number]>;
    api.clock.now = new Date(now().getTime() + 59_000);
    expect(await claimReport(api.db, "early", now())).toBeUndefined();
    api.clock.now = new Date(now().getTime() + 1_000);
    const next = await claimReport(api.db, "next", now());
    expect(next).toMatchObject({ id, attempts: 2 });
    const file = { bytes: 3, zipped: Buffer.from("xyz") };
    expect(await storeReport(api.db, dead, file, now())).toBe(false);
    expect(await failReport(api.db, dead, { kind: "bug", code: "bug", message: "late" }, now())).toBe(false);
    expect(await storeReport(api.db, next as never, file, now())).toBe(true);
    expect(await storeReport(api.db, next as never, file, now())).toBe(false);
    expect([(await state(id)).status, await chunks()]).toEqual(["done", [expect.objectContaining({ report_id: id, number: 0 })]]);
  });

  it("dies three times at most: then it failed, and what is behind it goes on", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const deadly = (await order()).body.id;
    for (const claim of ["one", "two", "three"]) {
      expect(await claimReport(api.db, claim, api.clock.now)).toMatchObject({ id: deadly });
      api.clock.now = new Date(api.clock.now.getTime() + 60_000);
    }
    const behind = (await order()).body.id;
    expect(await make()).toMatchObject([{ report: behind, outcome: "done" }]);
    expect(await state(deadly)).toMatchObject({ status: "failed", attempts: 3, error: { code: "report.died" } });
  });

  it("tries again in a minute what failed outside, three times in all", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id } = (await order()).body;
    const broken: RenderReport = async () => {
      throw new ChartctlError({ kind: "external", code: "store.unavailable", message: "The database is away" });
    };
    expect(await make(broken)).toHaveLength(1);
    expect(await state(id)).toMatchObject({ status: "queued", error: { code: "store.unavailable" } });
    expect(await make()).toEqual([]);
    for (let tries = 0; tries < 2; tries++) {
      api.clock.now = new Date(api.clock.now.getTime() + 60_000);
      expect(await make(broken)).toHaveLength(1);
    }
    expect(await state(id)).toMatchObject({ status: "failed", attempts: 3, error: { code: "store.unavailable" } });
  });

  it("keeps it for as long as it works, however long that takes", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id } = (await order()).body;
    const until = async () => (await api.db.selectFrom("reports").select("claimed_until").where("id", "=", id).executeTakeFirst())?.claimed_until;
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const made = await make(async () => {
      for (let times = 0; times < 4; times++) {
        api.clock.now = new Date(api.clock.now.getTime() + 50_000);
        vi.advanceTimersByTime(15_000);
        await expect.poll(until).toBe(new Date(api.clock.now.getTime() + 60_000).toISOString());
        expect(await claimReport(api.db, "another", api.clock.now)).toBeUndefined();
      }
      return ["slow"];
    });
    expect([made[0]?.outcome, vi.getTimerCount(), await state(id)]).toEqual(["done", 0, expect.objectContaining({ status: "done", attempts: 1 })]);
  });

  /** The books, which refuse the next writes as a database does that restarts. */
  const away = { writes: 0 };
  const restarting = (): HostedTest["api"] => ({
    ...api.api,
    db: new Proxy(api.db, {
      get: (db, name) => {
        if (away.writes > 0 && (name === "transaction" || name === "updateTable")) {
          away.writes--;
          throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
        }
        const value = Reflect.get(db, name, db);
        return typeof value === "function" ? value.bind(db) : value;
      },
    }),
  });

  it("waits for a database that restarts with what was made, and with why it wasn't", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const first = (await order()).body.id;
    const outcomes: MadeReport[] = [];
    const during = async (end: () => string[]) =>
      await makeReports(
        restarting(),
        async () => {
          away.writes = 2;
          return end();
        },
        (one) => outcomes.push(one),
      );
    await during(() => ["whole"]);
    expect([outcomes[0]?.outcome, away.writes, await state(first)]).toEqual(["done", 0, expect.objectContaining({ status: "done", attempts: 1 })]);
    const second = (await order()).body.id;
    await during(() => {
      throw new ChartctlError({ kind: "external", code: "store.unavailable", message: "The database is away" });
    });
    expect([outcomes[1]?.outcome, away.writes, await state(second)]).toEqual(["failed", 0, expect.objectContaining({ status: "queued", attempts: 1 })]);
    api.clock.now = new Date(api.clock.now.getTime() + 60_000);
    expect(await make()).toMatchObject([{ report: second, outcome: "done" }]);
  });

  it("finds that it was deleted meanwhile", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const { id } = (await order()).body;
    const made = await make(async () => {
      await api.send("DELETE", `/reports/${id}`, { token: tokens.admin });
      return ["late"];
    });
    expect([made[0]?.outcome, await chunks()]).toEqual(["lost", []]);
  });
});

describe("chartctl costs report", () => {
  let folder: string;
  let results: unknown[];
  let warnings: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chartctl-report-"));
    results = [];
    warnings = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const fetchApi = async (request: Request): Promise<Response> => await createControlApi(api.api).fetch(request);
  /** What the command is given, over the application's own fetch; `waiting` is what happens while it waits. */
  const run = async (asked: Partial<Parameters<typeof hostedReport>[1]>, waiting: () => Promise<void>, stop = new AbortController()): Promise<void> => {
    const headers = { authorization: `Bearer ${tokens.admin}` };
    const call: CallApi = controlApiClient({ fetch: fetchApi, baseUrl: "http://test", headers, newIdempotencyKey: randomUUID });
    const io = { progress: () => {}, warn: (text: string) => void warnings.push(text), result: (_: string, data: unknown) => void results.push(data) };
    const interrupted = stop.signal;
    const files = {
      placesFor,
      csv,
      xlsx,
      write: async (file: string, content: Parameters<typeof writeWhole>[1], { force }: { force: boolean }) =>
        await writeWhole(file, content, { force, interrupted }),
      print: async (content: Parameters<typeof printWhole>[0]) => await printWhole(content, { interrupted }),
    };
    await hostedReport(
      {
        io: io as never,
        clock: { now: () => api.clock.now, sleep: waiting },
        interrupt: { gentle: interrupted },
        connect: {
          api: async () => call,
          reportFiles: async () => files,
          reportDownload: (id) =>
            reportDownload({ fetch: async (url, init) => await fetchApi(new Request(url, init)), baseUrl: "http://test", headers, interrupted }, id),
        },
      },
      { tenantId: "acme", month: "2026-01", formats: reportFormats, fetch: [], output: `${folder}/`, force: false, ...asked },
    );
  };

  it("orders each format, waits, and writes what the platform made", async () => {
    await readJanuary("acme", "2026-02-01", [["2026-01-03", key, "1.005"]]);
    await run({}, async () => void (await make()));
    const [written] = results as { id: string; format: ReportFormat; file: string; bytes: number }[][];
    expect(written?.map(({ format }) => format)).toEqual(reportFormats);
    for (const { id, format, file, bytes } of written ?? []) {
      expect(file).toBe(join(folder, `chartctl-costs-acme-2026-01.${format}`));
      const content = readFileSync(file);
      expect([content.length, content.equals(Buffer.from(await (await download(id)).arrayBuffer()))]).toEqual([bytes, true]);
    }
    expect(warnings).toEqual([]);
    await expect(run({}, async () => {})).rejects.toMatchObject({ code: "report.exists" });
    expect((await api.send("GET", "/reports", { token: tokens.admin })).body).toHaveLength(3);
  });

  it("warns once of days that nobody read, also when it is fetched later", async () => {
    await readJanuary("acme", "2026-01-05", [["2026-01-03", key, "1.005"]]);
    const said = ["Not all of 2026-01 was read, and nothing is counted of acme 2026-01-05 to 2026-01-31"];
    await run({}, async () => void (await make()));
    expect(warnings).toEqual(said);
    warnings = [];
    const kept = (await api.send("GET", "/reports", { token: tokens.admin })).body as { id: string }[];
    await run({ fetch: kept.map(({ id }) => id), output: `${folder}/again/` }, async () => {});
    expect(warnings).toEqual(said);
  });

  it("of two kept reports of one name fetches neither", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const ids = [(await order()).body.id, (await order()).body.id];
    await make();
    for (const force of [false, true]) await expect(run({ fetch: ids, force }, async () => {})).rejects.toMatchObject({ kind: "usage", code: "report.output" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("interrupted, leaves the order standing, and says how it is fetched", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const stop = new AbortController();
    const error = await run({ formats: ["csv"] }, async () => stop.abort(), stop).catch((thrown: ChartctlError) => thrown);
    const [standing] = (await api.send("GET", "/reports", { token: tokens.admin })).body;
    expect(error).toMatchObject({ kind: "interrupted", hint: `fetch it: chartctl costs report --fetch ${standing.id}` });
    await run({ fetch: [standing.id] }, async () => void (await make()));
    expect(existsSync(join(folder, standing.name))).toBe(true);
  });

  it("interrupted while it comes, leaves no file, and says how it is fetched", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const stop = new AbortController();
    const waiting = async () => {
      await make();
      setImmediate(() => stop.abort());
    };
    const error = await run({ formats: ["xlsx"] }, waiting, stop).catch((thrown: ChartctlError) => thrown);
    const [standing] = (await api.send("GET", "/reports", { token: tokens.admin })).body;
    expect([error, readdirSync(folder)]).toEqual([expect.objectContaining({ kind: "interrupted", hint: expect.stringContaining(standing.id) }), []]);
  });

  it("ends with the report's own error, and leaves no file", async () => {
    await readJanuary("acme", "2026-02-01", []);
    const making = run({ formats: ["csv"], output: join(folder, "my.csv") }, async () => {
      await api.db.deleteFrom("billed_days").execute();
      await make();
    });
    await expect(making).rejects.toMatchObject({ code: "costs.not-read", kind: "failed" });
    expect(existsSync(join(folder, "my.csv"))).toBe(false);
  });

  it("leaves no file where less came than was promised", async () => {
    const short = async () => new Response("half", { headers: { "content-length": "9" } });
    const content = reportDownload({ fetch: short, baseUrl: "http://test", headers: {}, interrupted: new AbortController().signal }, "rep-1");
    const file = join(folder, "cut.csv");
    await expect(writeWhole(file, content, { force: false, interrupted: new AbortController().signal })).rejects.toMatchObject({ code: "report.cut" });
    expect(existsSync(file)).toBe(false);
  });
});
