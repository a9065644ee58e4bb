/** Days and months of a bill, in UTC. */
import { ChartctlError } from "../../../errors.ts";
import type { Granularity, Period } from "./cost-source.ts";

export const dayMilliseconds = 86_400_000;
export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);
export const addDays = (day: string, days: number): string => dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMilliseconds));
export const addMonths = (firstDay: string, months: number): string =>
  dayOf(new Date(Date.UTC(Number(firstDay.slice(0, 4)), Number(firstDay.slice(5, 7)) - 1 + months, 1)));
export const firstOfMonth = (day: string): string => `${day.slice(0, 7)}-01`;
const daysOf = ({ from, until }: Period): number => (Date.parse(until) - Date.parse(from)) / dayMilliseconds;
const monthsOf = ({ from, until }: Period): number =>
  (Number(until.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(until.slice(5, 7)) - Number(from.slice(5, 7));

interface Asked {
  days: number;
  from: string | undefined;
  /** The last day, as a person says it. */
  to: string | undefined;
  granularity: Granularity;
}

/** Without dates: the last whole days. Today is left out: AWS knows little of it before tomorrow. Error `usage`. */
export function periodAsked({ days, from, to, granularity }: Asked, now: Date): Period {
  const today = dayOf(now);
  if (to !== undefined && from === undefined) throw wrong("--to needs --from", "such as: --from 2026-10-01 --to 2026-10-31");
  const first = from === undefined ? addDays(today, -days) : legalDay("--from", from);
  const last = to === undefined ? undefined : legalDay("--to", to);
  const until = last !== undefined ? addDays(last, 1) : first < today ? today : addDays(today, 1);
  if (last === undefined && first > today) throw wrong(`${first} has not come yet`, `AWS has billed until ${today} at most: --from ${today}`);
  if (first >= until) throw wrong(`${first} is after ${last}`, "give the earlier day first: --from DAY --to DAY");
  if (until > addDays(today, 1)) throw wrong(`${last} has not come yet`, `AWS has billed until ${today} at most: --to ${today}`);
  const period = { from: granularity === "month" ? firstOfMonth(first) : first, until };
  if (granularity === "hour" && daysOf(period) > hourlyDays)
    throw wrong(`Hours are told of ${hourlyDays} days at most`, `ask for fewer days, or for days: --granularity day`);
  return period;
}
/** Of a Cost and Usage Report; Cost Explorer has fewer. */
const hourlyDays = 31;

function legalDay(flag: string, text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (time && !Number.isNaN(time.getTime()) && dayOf(time) === text) return text;
  throw wrong(`${JSON.stringify(text.slice(0, 40))} is not a day`, `such as: ${flag} 2026-10-01`);
}
const wrong = (message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code: "costs.period", message, hint });

/** The same time before: whole months against as many months, anything else against as many days. */
export function periodBefore(period: Period, granularity: Granularity): Period {
  const { from, until } = period;
  if (from !== firstOfMonth(from)) return { from: addDays(from, -daysOf(period)), until: from };
  if (until === firstOfMonth(until)) return { from: addMonths(from, -monthsOf(period)), until: from };
  // A month that isn't over: against the same days of the month before, as far as that has them.
  if (granularity === "month") {
    const back = monthsOf(period) + 1;
    const month = addMonths(until, -back);
    const [earlier = month] = [addDays(month, Number(until.slice(8)) - 1), addMonths(month, 1)].sort();
    return { from: addMonths(from, -back), until: earlier };
  }
  return { from: addDays(from, -daysOf(period)), until: from };
}

/** Every hour, day or month of it, also those without cost. */
export function periodsOf({ from, until }: Period, granularity: Granularity): string[] {
  const periods: string[] = [];
  for (let day = from; day < until; day = granularity === "month" ? addMonths(day, 1) : addDays(day, 1)) {
    if (granularity === "hour") for (let hour = 0; hour < 24; hour++) periods.push(`${day}T${String(hour).padStart(2, "0")}`);
    else periods.push(granularity === "month" ? day.slice(0, 7) : day);
  }
  return periods;
}

/** `2026-11` of every month that it touches. */
export const billingMonths = (period: Period): string[] => periodsOf({ from: firstOfMonth(period.from), until: period.until }, "month");

/** AWS writes a month's bill in the first days after it, and corrects it for some more: by then it is settled. */
const settledAfterDays = 10;

/** The first day of the earliest month whose bill AWS may still change. */
export function firstOpenMonth(now: Date): string {
  const today = dayOf(now);
  return Number(today.slice(8)) > settledAfterDays ? firstOfMonth(today) : addMonths(today, -1);
}

/** The first period of a month that isn't settled: its figures may still change. */
export function openFrom({ from, until }: Period, granularity: Granularity, now: Date): string | null {
  const month = firstOpenMonth(now);
  return until <= month ? null : (periodsOf({ from: from > month ? from : month, until }, granularity)[0] ?? null);
}
