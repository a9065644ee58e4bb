/** A tenant's months, as one principal may see them, and the files that are made of them. */
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { FileAnswer } from "../../contract/endpoint.ts";
import type { ReportOrder, StoredReport, ToldReport } from "../../contract/report-endpoints.ts";
import { reportTypes } from "../../contract/report-endpoints.ts";
import { atLeast } from "../../contract/roles.ts";
import { monthAsked } from "../../core/costs/report/month.ts";
import type { ReportBooks } from "../../core/costs/report/report.ts";
import { ChartctlError } from "../../errors.ts";
import { nothingRead } from "../nothing-read.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { reportBooks } from "../store/bookings.ts";
import type { Db, Tx } from "../store/database.ts";
import { deleteReport, getReport, listReports, orderReport, reportChunks } from "../store/reports.ts";
import { getTenant } from "../store/tenants.ts";
import { anyRead, unreadDays } from "../store/unread-days.ts";
import { actorOf, hostedOf } from "./actor.ts";
import { refuseDays } from "./asked-days.ts";

export interface ReportStore {
  /** Error `costs.period` (usage). */
  bookings(period: { from: string; until: string }): Promise<ReportBooks>;
  /** Errors: `report.month` (usage), `role.global_owner` (auth), `costs.not-read` (conflict), `report.too-many` (refused), `api.embedded` (usage). */
  order(order: ReportOrder): Promise<StoredReport>;
  reports(): Promise<StoredReport[]>;
  /** Error `report.not-found`. */
  report(id: string): Promise<ToldReport>;
  /** Errors: `report.not-found`, `report.not-ready` (conflict). */
  file(id: string): Promise<FileAnswer>;
  remove(id: string): Promise<void>;
}

export function reportStore(api: ControlApi, principal: Principal, db: Db | Tx): ReportStore {
  const { tenantId, userId, role } = principal;
  const scope = { tenantId, everyTenant: atLeast(role, "global_owner") };
  return {
    bookings: async (period) => {
      refuseDays(period);
      return await reportBooks(db, tenantId, period, api.platformLimits);
    },
    order: async (order) => {
      hostedOf(api); // without workers it would wait for ever
      if (order.allTenants && !scope.everyTenant) throw platformsAlone(userId, role);
      if (!order.allTenants) await getTenant(db, tenantId);
      const month = monthAsked(order.month, api.now());
      if (!(await anyRead(db, order.allTenants ? null : tenantId, month))) throw nothingRead(order.month, "conflict");
      return await orderReport(db, actorOf(api, principal), `rep-${api.randomHex(reportIdBytes)}`, order);
    },
    reports: () => listReports(db, scope, api.now()),
    report: async (id) => {
      const report = await getReport(db, scope, id, api.now());
      return { ...report, unread: report.status === "done" ? await unreadDays(db, report.tenantId, monthAsked(report.month, api.now())) : null };
    },
    file: async (id) => {
      const report = await getReport(db, scope, id, api.now());
      const { name, format, bytes } = report;
      if (report.status !== "done" || bytes === null) throw notReady(report);
      const zipped = Readable.from(reportChunks(api.db, id));
      const content = createGunzip();
      zipped.on("error", (error) => content.destroy(error));
      content.on("close", () => zipped.destroy());
      return { name, type: reportTypes[format], bytes, content: Readable.toWeb(zipped.pipe(content)) as ReadableStream<Uint8Array> };
    },
    remove: (id) => deleteReport(db, scope, actorOf(api, principal), id),
  };
}

const reportIdBytes = 12;

const platformsAlone = (userId: string, role: string): ChartctlError =>
  new ChartctlError({
    kind: "auth",
    code: "role.global_owner",
    message: `A report of every tenant needs the role global_owner; user ${userId} is ${role}`,
    hint: "of your own tenant: chartctl costs report",
  });

const notReady = ({ id, status, error }: StoredReport): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "report.not-ready",
    message: status === "failed" ? `Report ${id} failed: ${error?.message}` : `Report ${id} is ${status}`,
    hint: status === "failed" ? "order it again: chartctl costs report" : `wait for it: chartctl costs report --fetch ${id}`,
  });
