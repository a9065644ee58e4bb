/** Does a tenant's Cost and Usage Report really arrive? What is free is asked first; one question is paid, and its price is told. */
import type { Verification } from "../../contract/platform-endpoints.ts";
import { isChartctlError } from "../../errors.ts";
import { billing } from "../costs/billing-names.ts";

type Check = Verification["checks"][number];

export interface ReportTable {
  /** The columns that `costs` has no answer without, and which of them aren't there. */
  needed: string[];
  missing: string[];
  /** Questions that it has no answer to, such as `--metric blended`, and the columns that they lack. */
  lacking: { name: string; missing: string[] }[];
  partitions: string[];
  /** It has tags: a column each, or keys of one map. */
  tags: boolean;
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
  /** No more is asked. */
  close?(): Promise<void>;
}

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
    const { needed, missing, lacking, partitions, tags } = await probe.table(report.table);
    checks.push(ok("billing table", name));
    if (missing.length > 0) checks.push(fail("billing columns", `missing: ${missing.join(", ")}`, "add them to the export, and to the table"));
    else checks.push(columnsOf(needed, lacking));
    const byMonth = partitions.includes("billing_period") || (partitions.includes("year") && partitions.includes("month"));
    checks.push(
      byMonth
        ? ok("billing partitions", partitions.join(", "))
        : fail("billing partitions", "none by billing period", `every question would read all of it; ${makeStack}`),
    );
    if (!tags) checks.push(fail("billing tags", "the report has no column of tags", "add resource_tags to the export, and to the table"));
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
  } finally {
    await probe.close?.();
  }
  return checks;
}

function columnsOf(needed: string[], lacking: ReportTable["lacking"]): Check {
  const found = `the ${needed.length} that costs needs`;
  if (lacking.length === 0) return ok("billing columns", `${found}, and all that it can use`);
  const columns = [...new Set(lacking.flatMap(({ missing }) => missing))];
  return ok("billing columns", `${found}; not for ${lacking.map(({ name }) => name).join(", ")} (missing: ${columns.join(", ")})`);
}

function arrival({ newest, lines, tagged, dollars }: NewestLines, { age, now, tags }: { age: number; now: Date; tags: boolean }): Check[] {
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
    ...(!tags ? [] : [tagged > 0 ? ok("billing tags", `${tagged} lines carry ProjectId`) : noTags]),
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
