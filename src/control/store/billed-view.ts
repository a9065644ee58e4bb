/** The books' bill of one tenant, grouped as it is asked for. */
import Big from "big.js";
import type { BilledCosts, BilledGrouping } from "../../contract/cost-endpoints.ts";
import { ChartctlError } from "../../errors.ts";
import type { BilledAmount, BilledSpan } from "./billed-costs.ts";
import { billedCosts, billedProjects } from "./billed-costs.ts";
import { billedDays, knownDays } from "./billed-days.ts";
import { billingReads } from "./billing-reads.ts";
import type { Db, Tx } from "./database.ts";

interface Asked {
  from: string;
  until: string;
  by: BilledGrouping;
  project?: string | undefined;
}

/** A year with its leap day, and the time before to compare it with. */
const longestDays = 732;

/** `owner`: whose projects alone are shown. Errors: `costs.period`, `costs.grouping` (usage), `costs.admins` (refused). */
export async function billedView(db: Db | Tx, tenantId: string, owner: string | null, { from, until, by, project }: Asked): Promise<BilledCosts> {
  const days = (Date.parse(until) - Date.parse(from)) / 86_400_000;
  if (days < 1 || days > longestDays)
    throw usage("costs.period", `From ${from} up to ${until} is no time of 1 to ${longestDays} days`, "name the earlier day first");
  if (by === "service" && project !== undefined)
    throw usage("costs.grouping", "The books keep services for a tenant as a whole, not for each project", "group by project, or leave the project out");
  if (by === "service" && owner !== null) {
    throw new ChartctlError({
      kind: "refused",
      code: "costs.admins",
      message: "What services cost is known for the tenant as a whole, and its admins may see it",
      hint: "your own projects: chartctl costs --by project",
    });
  }
  const span = { tenantId, from, until };
  const [amounts, known, read, ofSpan] = await Promise.all([
    by === "service" ? billedCosts(db, span, "service") : amountsOfProjects(db, span, by, owner, project),
    knownDays(db, tenantId),
    billingReads(db, tenantId),
    billedDays(db, span),
  ]);
  return {
    from,
    until,
    by,
    amounts: amounts.map(({ day, key, kind, currency, amount }) => ({ period: day, key, kind, currency, amount })),
    source: ofSpan.at(-1)?.source ?? null,
    readAt: read[0]?.readAt ?? null,
    openFrom: ofSpan.find(({ open }) => open)?.day ?? null,
    own: owner !== null,
    known: known && { first: known.first, last: known.last },
  };
}

/** Projects that had one id after each other are one row, as in the bill's own tag; one that the books don't know goes by its key. */
async function amountsOfProjects(
  db: Db | Tx,
  span: BilledSpan,
  by: "project" | "user",
  owner: string | null,
  project: string | undefined,
): Promise<BilledAmount[]> {
  const sums = new Map<string, BilledAmount & { sum: Big }>();
  for (const { projectKey, projectId, userId, ...row } of await billedProjects(db, span)) {
    if (owner !== null && userId !== owner) continue;
    if (project !== undefined && projectId !== project) continue;
    const key = by === "user" ? userId : (projectId ?? projectKey);
    const at = JSON.stringify([row.day, key, row.kind, row.currency]);
    const known = sums.get(at) ?? { ...row, key, sum: new Big(0) };
    sums.set(at, { ...known, sum: known.sum.plus(row.amount) });
  }
  return [...sums.values()].map(({ sum, ...row }) => ({ ...row, amount: sum.toFixed() }));
}

const usage = (code: string, message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code, message, hint });
