/** Reports that the platform keeps, as a table, and what was deleted of them. */
import chalk from "chalk";
import type { StoredReport } from "../../contract/report-endpoints.ts";
import { bytesText } from "../bytes.ts";
import { table } from "../table.ts";
import { wrapped } from "../wrapped.ts";

export function keptReportsText(reports: readonly StoredReport[], width: number): string {
  if (reports.length === 0) return "The platform keeps no reports. Order one: chartctl costs report";
  const drawn = table(
    [...reports],
    [
      { title: "ID", value: ({ id }) => id },
      { title: "Report", value: ({ month, format, tenantId }) => `${month} ${format}${tenantId === null ? "\nall tenants" : ""}` },
      { title: "File", value: ({ status, bytes }) => (bytes === null ? status : bytesText(bytes)), right: true },
      { title: "By", value: ({ orderedBy }) => orderedBy },
      { title: "Kept until", value: ({ expiresAt }) => expiresAt.slice(0, 10) },
    ],
    width,
  );
  const errors = reports.flatMap(({ id, status, error }) =>
    error === null ? [] : [wrapped(`${status === "failed" ? chalk.red(id) : id}: ${error.message}`, width, "  ")],
  );
  const fetched = reports.find(({ status }) => status === "done") ?? reports.find(({ status }) => status !== "failed");
  return [drawn, ...(errors.length === 0 ? [] : ["", ...errors]), ...(fetched ? ["", `Fetch: chartctl costs report --fetch ${fetched.id}`] : [])].join("\n");
}

export const deletedReportsText = (reports: readonly StoredReport[]): string =>
  reports
    .map(({ id, name, status, bytes }) => {
      if (status === "failed") return `Deleted ${id}, which failed: ${name}`;
      return bytes === null ? `Took back the order ${id} of ${name}` : `Deleted ${id}: ${name} (${bytesText(bytes)})`;
    })
    .join("\n");
