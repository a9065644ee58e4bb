/** Reports that a hosted control API keeps: seen, and deleted. */
import { endpoints } from "../../contract/endpoints.ts";
import type { StoredReport } from "../../contract/report-endpoints.ts";
import { deletedReportsText, keptReportsText } from "../../ui/report/kept.ts";
import type { Cli } from "../cli.ts";

type Parts = Pick<Cli, "io"> & { connect: Pick<Cli["connect"], "api"> };

export async function listReports({ connect, io }: Parts): Promise<void> {
  const reports = await (await connect.api())(endpoints.listReports, {});
  io.result("KeptReports", reports, () => keptReportsText(reports, io.width));
}

/** None of them, unless all are there. Error `report.not-found`. */
export async function deleteReports({ connect, io }: Parts, ids: readonly string[]): Promise<void> {
  const call = await connect.api();
  const reports: StoredReport[] = [];
  for (const reportId of ids) reports.push(await call(endpoints.getReport, { params: { reportId } }));
  for (const { id: reportId } of reports) await call(endpoints.deleteReport, { params: { reportId } });
  io.result("DeletedReports", reports, () => deletedReportsText(reports));
}
