/** Which days of a bill that was read are known as a whole. */
import { addDays, dayOf } from "../actual/period.ts";

/** Cost Explorer is renewed once in 24 hours at least (its user guide): what was read a day after a day's end has all of it. */
export const wholeFrom = (day: string): string => addDays(day, 2);
export const isWhole = (day: string, readAt: string): boolean => wholeFrom(day) <= dayOf(new Date(readAt));
