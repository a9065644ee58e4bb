/** Makes the reports that were ordered, one after the other, from the books. */
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import type { ReportFormat } from "../contract/report-endpoints.ts";
import { assembleReport } from "../core/costs/report/assemble.ts";
import { monthAsked } from "../core/costs/report/month.ts";
import type { CostReport } from "../core/costs/report/report.ts";
import { ChartctlError, isChartctlError, messageOf } from "../errors.ts";
import { nothingRead } from "./nothing-read.ts";
import type { ControlApi } from "./parts.ts";
import { patiently } from "./patiently.ts";
import { bookedFacts } from "./store/booked-facts.ts";
import { costedTenants } from "./store/costed-tenants.ts";
import type { ClaimedReport } from "./store/reports.ts";
import { claimReport, failReport, renewReport, reportClaimMilliseconds, storeReport } from "./store/reports.ts";

export type RenderReport = (report: CostReport, format: ReportFormat) => Promise<Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>>;

type Parts = Pick<ControlApi, "db" | "now" | "randomHex" | "platformLimits" | "translate" | "onBug">;

export interface MadeReport {
  report: string;
  tenant: string | null;
  format: ReportFormat;
  outcome: "done" | "failed" | "lost";
  bytes?: number;
  error?: string;
}

/** Until there is none left; what was begun is ended. */
export async function makeReports(parts: Parts, render: RenderReport, onMade: (made: MadeReport) => void, signal?: AbortSignal): Promise<void> {
  const { db, now, randomHex } = parts;
  while (!signal?.aborted) {
    const claimed = await claimReport(db, randomHex(claimBytes), now());
    if (!claimed) return;
    onMade({ report: claimed.id, tenant: claimed.tenantId, format: claimed.format, ...(await makeOne(parts, render, claimed)) });
  }
}

/** Under its claim, which is renewed; a database that restarts meanwhile is waited for, as long as nobody else may have claimed it. */
async function makeOne(parts: Parts, render: RenderReport, claimed: ClaimedReport): Promise<Pick<MadeReport, "outcome" | "bytes" | "error">> {
  const { db, now } = parts;
  const lost = new AbortController();
  const renewing = setInterval(() => {
    renewReport(db, claimed, now())
      .then((ours) => ours || lost.abort())
      .catch(() => {}); // what can't be written now is told by the end
  }, reportClaimMilliseconds / 4);
  const end = async (write: () => Promise<boolean>): Promise<boolean> => await patiently(write, reportClaimMilliseconds, lost.signal);
  try {
    const file = await fileOf(await render(await reportOf(parts, claimed), claimed.format));
    const ours = await end(() => storeReport(db, claimed, file, now()));
    return { outcome: ours ? "done" : "lost", bytes: file.bytes };
  } catch (thrown) {
    const error = parts.translate(thrown);
    const facts = factsOf(error);
    if (facts.kind === "bug") parts.onBug(error);
    const ours = await end(() => failReport(db, claimed, facts, now()));
    return { outcome: ours ? "failed" : "lost", error: facts.code };
  } finally {
    clearInterval(renewing);
  }
}

const claimBytes = 16;

/** Errors: `costs.not-read` (failed), `tenant.not-found`, `costs.disagree` (external). */
async function reportOf({ db, now, platformLimits }: Parts, { tenantId, month: asked }: ClaimedReport): Promise<CostReport> {
  const month = monthAsked(asked, now());
  const tenants = (await costedTenants(db, month)).filter(({ id }) => tenantId === null || id === tenantId);
  const facts = [];
  for (const tenant of tenants) facts.push(await bookedFacts(db, tenant, month, platformLimits, now()));
  const report = assembleReport(facts, { month, metric: "unblended" }, now());
  if (report.sources.every(({ source }) => source === null)) throw nothingRead(asked, "failed");
  return report;
}

/** The file, which is never held at once but for its zipped half. Error `report.too-large` (refused). */
async function fileOf(content: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): Promise<{ bytes: number; zipped: Buffer }> {
  const gzip = createGzip();
  const zipped = buffer(gzip);
  zipped.catch(() => {}); // of a file that ends before its end, its own error is thrown
  let bytes = 0;
  try {
    for await (const part of content) {
      const data = typeof part === "string" ? Buffer.from(part) : part;
      bytes += data.byteLength;
      if (bytes > mostBytes) throw tooLarge();
      if (!gzip.write(data)) await once(gzip, "drain");
    }
  } catch (error) {
    gzip.destroy();
    throw error;
  }
  gzip.end();
  return { bytes, zipped: await zipped };
}

const mostMegabytes = 32;
const mostBytes = mostMegabytes * 1_000_000;

const factsOf = (error: unknown) =>
  isChartctlError(error)
    ? { kind: error.kind, code: error.code, message: error.message.slice(0, 2_000), ...(error.hint ? { hint: error.hint } : {}) }
    : { kind: "bug" as const, code: "bug", message: `Something unexpected happened: ${messageOf(error).slice(0, 500)}` };

const tooLarge = (): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "report.too-large",
    message: `The report's file is larger than ${mostMegabytes} MB, which is as much as the platform keeps of one`,
    hint: "order another format, or each tenant's own: chartctl -t ID costs report",
  });
