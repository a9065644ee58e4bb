/** Does a tenant's Cost and Usage Report really arrive? What is free is asked first; one question is paid, and its price is told. */
import type { Verification } from "../../contract/platform-endpoints.ts";
import { isChartctlError } from "../../errors.ts";
import { billing } from "../costs/billing-names.ts";

type Check = Verification["checks"][number];

export interface ReportTable {
  columns: string[];
  partitions: string[];
  /** Any tag is a column of its own, or all of them are keys of one map. */
  tags: "map" | "columns" | "none";
}
/** Of the months that are asked for. */
export interface NewestLines {
  /** ISO 8601; null: there is no line. */
  newest: string | null;
  lines: number;
  /** Of them, with the tag `ProjectId`. */
  tagged: number;
  /** Of the question, decimal. */
  dollars: string;
}
export interface ReportProbe {
  /** Athena's and Glue's metadata: free. Errors: `cur.no-table`, `cur.*`, `aws.*`. */
  table(name: string): Promise<ReportTable>;
  /** Paid by what it reads: two columns of those months. Errors: `cur.*`, `aws.*`. */
  newest(name: string, months: readonly string[]): Promise<NewestLines>;
}

/** What `costs` asks of a report: without the first ones it has no answer, and without each of the others not to that question. */
const needed = ["line_item_usage_start_date", "line_item_line_item_type", "line_item_product_code", "line_item_currency_code", "line_item_unblended_cost"];
const optional: Record<string, readonly string[]> = {
  "--by usage-type": ["line_item_usage_type"],
  "--by region": ["product_region_code", "product_region", "product"],
  "--metric blended": ["line_item_blended_cost"],
  "--metric amortized": ["savings_plan_savings_plan_effective_cost"],
  "--metric net-unblended": ["line_item_net_unblended_cost"],
};

const dayMilliseconds = 86_400_000;
/** Data Exports user guide: the first files come within 24 hours, and new ones at least once a day. */
const firstAfter = dayMilliseconds;
const lateAfter = 3 * dayMilliseconds;

export async function verifyBilling(probe: ReportProbe, report: { table: string; since: string }, tenantId: string, now: Date): Promise<Check[]> {
  const checks: Check[] = [];
  const age = now.getTime() - Date.parse(report.since);
  const makeStack = `make the billing stack, or look at its events: chartctl tenants connect ${tenantId} --billing`;
  const name = `${billing.database}.${report.table}`;
  try {
    const { columns, partitions, tags } = await probe.table(report.table);
    checks.push(ok("billing table", name));
    const has = (column: string): boolean => columns.includes(column);
    const missing = needed.filter((column) => !has(column));
    if (missing.length > 0) checks.push(fail("billing columns", `missing: ${missing.join(", ")}`, "add them to the export, and to the table"));
    else checks.push(columnsOf(has));
    const byMonth = partitions.includes("billing_period") || (partitions.includes("year") && partitions.includes("month"));
    checks.push(
      byMonth
        ? ok("billing partitions", partitions.join(", "))
        : fail("billing partitions", "none by billing period", `every question would read all of it; ${makeStack}`),
    );
    if (tags === "none") checks.push(fail("billing tags", "the report has no column of tags", "add resource_tags to the export, and to the table"));
    // A question that has no answer isn't paid.
    if (missing.length > 0 || !byMonth) return checks;
    checks.push(...arrival(await probe.newest(report.table, newestMonths(now)), { age, now, tags }));
  } catch (error) {
    if (!isChartctlError(error)) throw error;
    const fresh = error.code === "cur.no-table" && age < firstAfter;
    checks.push(
      fresh
        ? warn("billing table", `not there yet: connected ${hours(age)} ago`, makeStack)
        : fail(checks.length === 0 ? "billing table" : "billing data", error.message, error.code === "cur.no-table" ? makeStack : (error.hint ?? makeStack)),
    );
  }
  return checks;
}

function columnsOf(has: (column: string) => boolean): Check {
  const lacking = Object.entries(optional).filter(([, anyOf]) => !anyOf.some(has));
  const found = `the ${needed.length} that costs needs`;
  if (lacking.length === 0) return ok("billing columns", `${found}, and all that it can use`);
  return ok("billing columns", `${found}; not for ${lacking.map(([question, [column]]) => `${question} (${column})`).join(", ")}`);
}

function arrival({ newest, lines, tagged, dollars }: NewestLines, { age, now, tags }: { age: number; now: Date; tags: ReportTable["tags"] }): Check[] {
  const asked = `(asked for about $${dollars})`;
  if (newest === null) {
    return [
      age < firstAfter
        ? warn("billing data", `none yet: connected ${hours(age)} ago ${asked}`, "wait: AWS writes the first files within a day; then verify again")
        : fail(
            "billing data",
            `no line in ${newestMonths(now).join(" and ")} ${asked}`,
            "look at the export chartctl-cur in Billing and Cost Management, Data Exports",
          ),
    ];
  }
  const old = now.getTime() - Date.parse(newest);
  const found = `${lines} lines in ${newestMonths(now).join(" and ")}; the newest is of ${newest.slice(0, 16).replace("T", " ")} UTC, ${hours(old)} ago ${asked}`;
  return [
    old > lateAfter
      ? warn("billing data", found, "AWS writes a report once a day at least: look at the export's status in Billing and Cost Management, Data Exports")
      : ok("billing data", found),
    ...(tags === "none" ? [] : [tagged > 0 ? ok("billing tags", `${tagged} lines carry ProjectId`) : noTags]),
  ];
}

/** This month's file may not be there on its first days. */
function newestMonths(now: Date): string[] {
  const month = (back: number): string => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7);
  return [month(1), month(0)];
}

function hours(milliseconds: number): string {
  const count = Math.max(0, Math.round(milliseconds / 3_600_000));
  return count < 48 ? `${count} ${count === 1 ? "hour" : "hours"}` : `${Math.round(count / 24)} days`;
}

const ok = (name: string, found: string): Check => ({ name, result: "ok", found });
const warn = (name: string, found: string, mend: string): Check => ({ name, result: "warn", found, mend });
const fail = (name: string, found: string, mend: string): Check => ({ name, result: "fail", found, mend });
const noTags: Check = warn(
  "billing tags",
  "no line carries ProjectId",
  "activate the tags in the account that pays: chartctl setup aws; AWS writes them from then on",
);
