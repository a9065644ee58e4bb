/** A tenant's bill as a hosted control API has it in its books: nobody is given credentials that read a whole account's. */
import Big from "big.js";
import type { BilledCosts, BilledGrouping } from "../contract/cost-endpoints.ts";
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { longestAskedDays } from "../contract/numbers.ts";
import type { SourceName } from "../core/costs/actual/choose-source.ts";
import type { CostAmount, CostQuery, KeptCosts } from "../core/costs/actual/cost-source.ts";
import { addDays } from "../core/costs/actual/period.ts";
import { billing } from "../core/costs/billing-names.ts";
import { typedCommand } from "../core/typed-command.ts";
import { ChartctlError } from "../errors.ts";

/** Errors: `costs.hosted`, `costs.period` (usage), `costs.not-read` (external), the API's. */
export function bookedCosts(call: CallApi, asked: { source: SourceName; table: string; refresh: boolean }): KeptCosts {
  if (asked.source !== "auto" || asked.table !== billing.table)
    throw notInBooks("The platform chooses itself where it reads a bill, and reads it for everybody", "leave out --source and --table");
  if (asked.refresh)
    throw notInBooks("The platform reads its tenants' bills by itself, every BILLING_READ_HOURS", "leave out --refresh; the answer says how old it is");
  return {
    costs: async (query) => {
      const { from: wanted, until } = query;
      const [, from = wanted] = [wanted, addDays(until, -longestAskedDays)].sort();
      const booked = await call(endpoints.billedCosts, { query: { from, until, ...questionOf(query) } });
      const { known, readAt, source } = booked;
      if (known === null || readAt === null) throw neverRead();
      if (wanted < known.first) throw tooEarly(query, known.first);
      if (wanted < from) throw tooLong(query, from);
      const amounts = query.granularity === "month" ? monthly(booked.amounts) : booked.amounts;
      return {
        kept: true,
        answer: {
          source: source ?? "ce",
          amounts,
          estimatedFrom: booked.openFrom && (query.granularity === "month" ? booked.openFrom.slice(0, 7) : booked.openFrom),
          price: { requests: 0, dollars: "0", bytesScanned: 0, reused: false },
          askedAt: readAt,
          books: { own: booked.own, unread: booked.unread },
        },
      };
    },
  };
}

/** What the books have no answer to is said, never answered with something else. */
function questionOf({ granularity, grouping, metric, tags }: CostQuery): { by: BilledGrouping; project?: string; user?: string } {
  if (metric !== "unblended") throw notInBooks("The platform's books have unblended costs", "leave out --metric");
  if (granularity === "hour") throw notInBooks("The platform's books have days", "ask for days or months: --granularity day");
  const { ProjectId: project, UserId: user, ...others } = tags;
  const [other] = Object.keys(others);
  if (other !== undefined) throw notInBooks(`The platform's books have no costs by the tag ${other}`, "leave it out");
  const by = byOf(grouping);
  const some = { ...(project === undefined ? {} : { project }), ...(user === undefined ? {} : { user }) };
  if (by === "service" && Object.keys(some).length > 0)
    throw notInBooks(
      "The platform's books have services for the tenant as a whole, not for each project or user",
      `group them by project: ${typedCosts(tags, { by: "project" })}`,
    );
  return { by, ...some };
}

function byOf(grouping: CostQuery["grouping"]): BilledGrouping {
  if (grouping.by === "service") return "service";
  if (grouping.by === "tag" && grouping.key === "ProjectId") return "project";
  if (grouping.by === "tag" && grouping.key === "UserId") return "user";
  const what = grouping.by === "tag" ? `the tag ${grouping.key}` : grouping.by;
  throw notInBooks(`The platform's books group costs by service, project and user, not by ${what}`, "one of: --by service, --by project, --by user");
}

function monthly(amounts: BilledCosts["amounts"]): CostAmount[] {
  const sums = new Map<string, CostAmount & { sum: Big }>();
  for (const { period, key, kind, currency, amount } of amounts) {
    const month = period.slice(0, 7);
    const at = JSON.stringify([month, key, kind, currency]);
    const known = sums.get(at) ?? { period: month, key, kind, currency, amount, sum: new Big(0) };
    sums.set(at, { ...known, sum: known.sum.plus(amount) });
  }
  return [...sums.values()].map(({ sum, ...one }) => ({ ...one, amount: sum.toFixed() }));
}

const notInBooks = (message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code: "costs.hosted", message, hint });

const tooLong = ({ from, until, tags }: CostQuery, first: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "costs.period",
    message: `The platform tells up to ${longestAskedDays} days at once, not all from ${from} to ${addDays(until, -1)}`,
    hint: `ask for fewer: ${typedCosts(tags, { from: first })}`,
  });

const typedCosts = ({ ProjectId: project, UserId: user }: CostQuery["tags"], flags: Record<string, string>): string =>
  typedCommand(["chartctl", ...(project === undefined ? [] : ["-p", project]), ...(user === undefined ? [] : ["--user", user]), "costs"], flags);

const neverRead = (): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.not-read",
    message: "The platform has not read this tenant's bill yet",
    hint: "its worker does, every BILLING_READ_HOURS, for tenants with a role; what fails, for the platform's owners: chartctl stats",
  });

const tooEarly = ({ from, tags }: CostQuery, first: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "costs.period",
    message: `The platform's books have this bill from ${first} on, not from ${from}`,
    hint: `ask for a later time: ${typedCosts(tags, { from: first })}`,
    details: { first },
  });
