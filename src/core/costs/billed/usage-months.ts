/** Which months of a bill are read by what was used: each is over, and is asked for twice at most while AWS keeps to its days. */
import type { Period } from "../actual/cost-source.ts";
import { addDays, addMonths, dayOf, firstOfMonth, periodsOf } from "../actual/period.ts";
import { firstOpenDay } from "./days-to-read.ts";
import { wholeFrom } from "./whole-day.ts";

/** A month that was read; `open`: AWS could still change it then. */
export interface KnownUsage {
  month: string;
  open: boolean;
  readAt: string;
}

/** Cost Explorer has thirteen months, if nobody asked it for more. */
const monthsBack = 12;
/** Of what stays open longer than a bill does. */
const againAfterDays = 7;

const firstOf = (month: string): string => `${month}-01`;
const lastOf = (month: string): string => addDays(addMonths(firstOf(month), 1), -1);

/** The first one that is read at all, of books that begin on a day. */
export function firstUsageMonth(booksFrom: string, now: Date): string {
  const whole = booksFrom === firstOfMonth(booksFrom) ? booksFrom : addMonths(firstOfMonth(booksFrom), 1);
  const earliest = addMonths(firstOfMonth(dayOf(now)), -monthsBack);
  const [, later = whole] = [whole, earliest].sort();
  return later.slice(0, 7);
}

/** The day from which a month is told as a whole. */
export const usageToldFrom = (month: string): string => wholeFrom(lastOf(month));

/** From the first month that is due to the last; what is between them costs no question more. Null: none is. */
export function usageToRead(booksFrom: string, known: readonly KnownUsage[], now: Date): Period | null {
  const months = periodsOf({ from: firstOf(firstUsageMonth(booksFrom, now)), until: firstOfMonth(dayOf(now)) }, "month");
  const due = months.filter((month) =>
    isDue(
      month,
      known.find((one) => one.month === month),
      now,
    ),
  );
  const [first, last] = [due[0], due.at(-1)];
  return first === undefined || last === undefined ? null : { from: firstOf(first), until: addMonths(firstOf(last), 1) };
}

function isDue(month: string, known: KnownUsage | undefined, now: Date): boolean {
  if (!known) return usageToldFrom(month) <= dayOf(now);
  return known.open && firstOpenDay(null, now) > lastOf(month) && addDays(known.readAt.slice(0, 10), againAfterDays) <= dayOf(now);
}
