/** The books' bill of one tenant, grouped as it is asked for. */
import Big from "big.js";
import type { BilledCosts, BilledGrouping } from "../../contract/cost-endpoints.ts";
import { addDays } from "../../core/costs/actual/period.ts";
import { ChartctlError } from "../../errors.ts";
import type { BilledAmount, BilledSpan } from "./billed-costs.ts";
import { billedCosts, billedProjects } from "./billed-costs.ts";
import type { BilledDay } from "./billed-days.ts";
import { billedDays, knownDays } from "./billed-days.ts";
import { billingReads } from "./billing-reads.ts";
import type { Db, Tx } from "./database.ts";

interface Asked {
  from: string;
  until: string;
  by: BilledGrouping;
  project?: string | undefined;
  user?: string | undefined;
}

/** `owner`: whose projects alone are shown. Errors: `costs.grouping` (usage), `costs.admins` (refused). */
export async function billedView(db: Db | Tx, tenantId: string, owner: string | null, { from, until, by, project, user }: Asked): Promise<BilledCosts> {
  if (by === "service" && (project !== undefined || user !== undefined))
    throw new ChartctlError({
      kind: "usage",
      code: "costs.grouping",
      message: "The books keep services for a tenant as a whole, not for each project or user",
      hint: "group by project: by=project",
    });
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
    by === "service" ? billedCosts(db, span, "service") : amountsOfProjects(db, span, { by, project, user: owner ?? user }),
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
    unread: known === null ? [] : unreadDays(span, known, ofSpan),
  };
}

/** Not before the first one that was read, nor after the last: of those, `known` tells. */
function unreadDays({ from, until }: BilledSpan, known: { first: string; last: string }, read: BilledDay[]): string[] {
  const days = new Set(read.map(({ day }) => day));
  const unread: string[] = [];
  for (let day = from > known.first ? from : known.first; day < until && day <= known.last; day = addDays(day, 1)) if (!days.has(day)) unread.push(day);
  return unread;
}

/** What the tag says of a project that the books don't know; no id has such a sign, so that it is nobody's. */
const unknownKey = (projectKey: string | null): string | null => projectKey && `ProjectKey=${projectKey}`;

/** Projects that had one id after each other are one row, as in the bill's own tag; one that the books don't know goes by its key. */
async function amountsOfProjects(
  db: Db | Tx,
  span: BilledSpan,
  { by, project, user }: { by: "project" | "user"; project: string | undefined; user: string | undefined },
): Promise<BilledAmount[]> {
  const sums = new Map<string, BilledAmount & { sum: Big }>();
  for (const { projectKey, projectId, userId, ...row } of await billedProjects(db, span)) {
    if (user !== undefined && userId !== user) continue;
    if (project !== undefined && projectId !== project) continue;
    const key = by === "user" ? userId : (projectId ?? unknownKey(projectKey));
    const at = JSON.stringify([row.day, key, row.kind, row.currency]);
    const known = sums.get(at) ?? { ...row, key, sum: new Big(0) };
    sums.set(at, { ...known, sum: known.sum.plus(row.amount) });
  }
  return [...sums.values()].map(({ sum, ...row }) => ({ ...row, amount: sum.toFixed() }));
}
