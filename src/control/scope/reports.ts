/** A tenant's months, as one principal may see them. */
import type { ReportBooks } from "../../core/costs/report/report.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { reportBooks } from "../store/bookings.ts";
import type { Db, Tx } from "../store/database.ts";

export interface ReportStore {
  bookings(period: { from: string; until: string }): Promise<ReportBooks>;
}

export const reportStore = ({ platformLimits }: ControlApi, { tenantId }: Principal, db: Db | Tx): ReportStore => ({
  bookings: (period) => reportBooks(db, tenantId, period, platformLimits),
});
