/** What a month's cost report is made of. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { ReportStore } from "../scope/reports.ts";

export function reportRoutes(bind: Bind<ReportStore>): void {
  bind(endpoints.listBookings, ({ store, query }) => store.bookings(query));
}
