/** A report as a file of each format, for whoever makes it in this process. */
import type { RenderReport } from "./control/make-reports.ts";

export const reportRenderer =
  (version: string): RenderReport =>
  async (report, format) => {
    const { reportLines, reportWorkbook } = await import("./core/costs/report/tables.ts");
    if (format === "csv") return (await import("./adapters/report/csv.ts")).csv(reportLines(report));
    if (format === "xlsx") return (await import("./adapters/report/xlsx.ts")).xlsx(reportWorkbook(report));
    return [await (await import("./ui/report/html.ts")).reportPage(report, version)];
  };
