/** What bookings were estimated to cost, day by day, for the time that each stood. */
import Big from "big.js";
import { addDays } from "../actual/period.ts";
import { heldEstimates } from "../booked-estimates.ts";
import { listHours } from "../stood.ts";
import type { Booking } from "./report.ts";

/** A month of AWS's price list, which estimates are made with. */
const monthMilliseconds = listHours * 3_600_000;
/** Estimates are no more exact than this. */
const decimals = 6;

export interface BookedDay {
  booking: Booking;
  day: string;
  /** Decimal. */
  dollars: string;
}

/** Of the running month, until `now`. */
export function bookedDays(bookings: readonly Booking[], days: readonly string[], now: Date): BookedDay[] {
  return bookings.flatMap((booking) => {
    const ended = Math.min(now.getTime(), booking.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(booking.endedAt));
    const held = heldEstimates(booking.estimates, ended);
    return days.flatMap((day): BookedDay[] => {
      const [start, end] = [startOf(day), startOf(addDays(day, 1))];
      const parts = held.map(({ from, until, monthlyCents }) => ({ monthlyCents, stood: Math.min(until, end) - Math.max(from, start) }));
      const stood = parts.filter((part) => part.stood > 0);
      if (stood.length === 0) return [];
      const centTime = stood.reduce((sum, part) => sum.plus(new Big(part.monthlyCents).times(part.stood)), new Big(0));
      return [{ booking, day, dollars: centTime.div(monthMilliseconds).div(100).round(decimals).toFixed() }];
    });
  });
}

const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
