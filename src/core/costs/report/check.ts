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

function sumsOf({ total, estimate, unallocated, byKind, accounts, tenants, projects, users, services, days }: CurrencyReport): Sum[] {
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
    ...(accounts.length === 0 ? [] : sumsOfAccounts(accounts, tenants, total)),
    ["estimates of tenants", estimates(tenants), estimate],
    ["estimates of projects", estimates(projects), estimate],
    ["estimates of users", estimates(users), estimate],
    ["estimates of days", estimates(days), estimate],
  ];
}

/** Each account's bill counts once: it is its tenants' parts, and what is no tenant's. */
function sumsOfAccounts(accounts: CurrencyReport["accounts"], tenants: CurrencyReport["tenants"], total: string): Sum[] {
  const ofTenant = new Map(tenants.map((part) => [part.tenantId, part.total]));
  return [
    ["accounts", accounts.map((part) => part.total), total],
    ["accounts' parts without a tenant", accounts.map(({ rest }) => rest), ofTenant.get(null) ?? "0"],
    ...accounts.map(
      (account): Sum => ["tenants and rest of an account", [...account.tenants.map((id) => ofTenant.get(id) ?? "0"), account.rest], account.total],
    ),
    ["tenants of all accounts", accounts.flatMap((account) => account.tenants.map((id) => ofTenant.get(id) ?? "0")).concat(ofTenant.get(null) ?? "0"), total],
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
