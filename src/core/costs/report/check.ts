/** A report whose parts don't add up is not given to anybody. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";
import type { CostReport, CurrencyReport } from "./report.ts";

/** Error `report.sums` (bug). */
export function checkedReport(report: CostReport): CostReport {
  for (const currency of report.currencies) for (const [what, parts, whole] of sumsOf(currency)) check(currency.currency, what, parts, whole);
  return report;
}

type Sum = [what: string, parts: (string | null)[], whole: string | null];

function sumsOf({ total, estimate, unallocated, byKind, tenants, projects, users, services, days }: CurrencyReport): Sum[] {
  const estimates = (parts: { estimate: string | null }[]): Sum[1] => parts.map((part) => part.estimate);
  return [
    ["tenants", tenants.map((part) => part.total), total],
    ["projects", [...projects.map((part) => part.total), ...tenants.map(({ rounding }) => rounding.projects)], total],
    ["users", [...users.map((part) => part.total), ...tenants.map(({ rounding }) => rounding.users)], total],
    ["services", services.map((part) => part.total), total],
    ["days", days.map((part) => part.total), total],
    ["kinds of lines", Object.values(byKind), total],
    ["what no project is named for", projects.filter(({ projectId }) => projectId === null).map((part) => part.total), unallocated],
    ["unallocated parts of tenants", tenants.map((part) => part.unallocated), unallocated],
    ["estimates of tenants", estimates(tenants), estimate],
    ["estimates of projects", estimates(projects), estimate],
    ["estimates of users", estimates(users), estimate],
    ["estimates of days", estimates(days), estimate],
  ];
}

function check(currency: string, what: string, parts: (string | null)[], whole: string | null): void {
  const sum = parts.reduce((so, part) => so.plus(part ?? "0"), new Big(0));
  if (sum.eq(whole ?? "0")) return;
  throw new ChartctlError({
    kind: "bug",
    code: "report.sums",
    message: `The report's ${what} add up to ${sum.toFixed()} ${currency}, and not to ${whole}`,
    details: { currency, what, sum: sum.toFixed(), whole },
  });
}
