/** Which days of a bill are read, and which of them AWS may still change. */
import type { Period } from "../actual/cost-source.ts";
import { addDays, addMonths, dayOf, firstOfMonth, firstOpenMonth } from "../actual/period.ts";

/** What the books know of a bill. */
export interface KnownDays {
  first: string;
  /** The first one that AWS could still change when it was read. */
  firstOpen: string | null;
  last: string;
}

/** How far back a tenant's first read goes: 90 whole days, and today. What is open is read again, however long ago that was. */
const firstReadDays = 91;

/** From the first day that isn't settled or known, today included; then shorter ones, for a source that doesn't go back that far. */
export function daysToRead(known: KnownDays | null, now: Date): Period[] {
  const today = dayOf(now);
  const until = addDays(today, 1);
  const unread = known ? addDays(known.last, 1) : addDays(until, -firstReadDays);
  const [from = unread] = [unread, known?.firstOpen ?? unread, today].sort();
  const later = [addDays(until, -firstReadDays), addMonths(today, -1), firstOfMonth(today)].filter((day) => day > from);
  return [from, ...later].map((day) => ({ from: day, until }));
}

/** The first day that AWS may still change. `estimatedFrom`: the first one that it calls an estimate. */
export function firstOpenDay(estimatedFrom: string | null, now: Date): string {
  const open = firstOpenMonth(now);
  return estimatedFrom !== null && estimatedFrom < open ? estimatedFrom : open;
}
