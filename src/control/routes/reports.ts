/** What a month's cost report is made of, and `/api/reports`. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { ReportStore } from "../scope/reports.ts";

export function reportRoutes(bind: Bind<ReportStore>): void {
  bind(endpoints.listBookings, ({ store, query }) => store.bookings(query));
  bind(endpoints.generateReport, ({ store, body }) => store.order(body));
  bind(endpoints.listReports, ({ store }) => store.reports());
  bind(endpoints.getReport, ({ store, params }) => store.report(params.reportId));
  bind(endpoints.reportFile, ({ store, params }) => store.file(params.reportId));
  bind(endpoints.deleteReport, async ({ store, params }) => {
    await store.remove(params.reportId);
    return {};
  });
}
