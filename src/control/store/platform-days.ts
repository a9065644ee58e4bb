/** What each day cost on all of the platform, in dollars: as billed where a tenant's day is known as a whole, and as estimated elsewhere. */
import Big from "big.js";
import type { Money } from "../../contract/cost-endpoints.ts";
import type { CostOverview } from "../../contract/cost-overview.ts";
import { addDays } from "../../core/costs/actual/period.ts";
import { nearestCents } from "../../core/money.ts";
import { billedCosts } from "./billed-costs.ts";
import type { BilledDay } from "./billed-days.ts";
import { billedDays } from "./billed-days.ts";
import { dailyEstimates } from "./costs.ts";
import type { Db, Tx } from "./database.ts";

interface Dated {
  tenantId: string;
  day: string;
}
type PlatformDay = CostOverview["days"][number];

export async function platformDays(db: Db | Tx, from: string, until: string): Promise<PlatformDay[]> {
  const span = { tenantId: null, from, until };
  const [known, billed, estimated] = await Promise.all([billedDays(db, span), billedCosts(db, span, "project"), dailyEstimates(db, span)]);
  return perDay({ known, billed, estimated }, from, until);
}

export function perDay(
  { known, billed, estimated }: { known: BilledDay[]; billed: (Dated & Money)[]; estimated: (Dated & { cents: number })[] },
  from: string,
  until: string,
): PlatformDay[] {
  const place = ({ tenantId, day }: Dated): string => JSON.stringify([tenantId, day]);
  const whole = known.filter((day) => day.whole);
  const [places, wholeDays] = [new Set(whole.map(place)), new Set(whole.map(({ day }) => day))];
  const sums = new Map<string, Big>();
  for (const part of billed) if (part.currency === "USD" && places.has(place(part))) sums.set(part.day, (sums.get(part.day) ?? new Big(0)).plus(part.amount));
  const estimates = grouped(estimated);
  const open = grouped(estimated.filter((part) => !places.has(place(part))));
  const days: PlatformDay[] = [];
  for (let day = from; day < until; day = addDays(day, 1)) {
    const rest = open.get(day);
    days.push({
      day,
      cents: nearestCents(sums.get(day) ?? new Big(0)) + (rest ?? 0),
      estimatedCents: estimates.get(day) ?? 0,
      billed: !wholeDays.has(day) ? "none" : rest === undefined ? "all" : "some",
    });
  }
  return days;
}

function grouped(parts: { day: string; cents: number }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { day, cents } of parts) sums.set(day, (sums.get(day) ?? 0) + cents);
  return sums;
}
