/** The time of a month in which a project stood, as the books have it, and what it was booked at then. */
import Big from "big.js";
import type { Period } from "./actual/cost-source.ts";
import type { BookedEstimate } from "./booked-estimates.ts";
import { heldEstimates } from "./booked-estimates.ts";

export interface Stood {
  /** Oldest first, none of them empty. */
  parts: { from: string; until: string; monthlyCents: number }[];
  hours: number;
  /** What it was booked at, for these hours, as a month's report reckons it: dollars, decimal. */
  bookedDollars: string;
}
export interface Booked {
  estimates: readonly BookedEstimate[];
  endedAt: string | null;
}

const hourMilliseconds = 3_600_000;
/** A month of AWS's price list. */
export const listHours = 730;

/** Of bookings of one project; an earlier one of its name counts, too: its costs carry the same tag. */
export function stoodIn(bookings: readonly Booked[], { from, until }: Period): Stood {
  const [start, end] = [Date.parse(`${from}T00:00:00Z`), Date.parse(`${until}T00:00:00Z`)];
  const held = bookings.flatMap(({ estimates, endedAt }) => heldEstimates(estimates, endedAt === null ? end : Date.parse(endedAt)));
  const parts = held
    .map((part) => ({ ...part, from: Math.max(start, part.from), until: Math.min(end, part.until) }))
    .filter((part) => part.from < part.until)
    .sort((one, other) => one.from - other.from);
  const hours = (part: { from: number; until: number }): number => (part.until - part.from) / hourMilliseconds;
  const cents = parts.reduce((sum, part) => sum.plus(new Big(part.monthlyCents).times(hours(part))), new Big(0));
  return {
    parts: parts.map((part) => ({ ...part, from: new Date(part.from).toISOString(), until: new Date(part.until).toISOString() })),
    hours: parts.reduce((sum, part) => sum + hours(part), 0),
    bookedDollars: cents.div(listHours).div(100).round(6).toFixed(),
  };
}

export const hoursOf = ({ from, until }: Period): number => (Date.parse(until) - Date.parse(from)) / hourMilliseconds;
