/** What bookings were estimated to cost, day by day, for the time that each stood. */
import Big from "big.js";
import { addDays } from "../actual/period.ts";
import type { Booking } from "./report.ts";

/** A month of AWS's price list, which estimates are made with. */
const monthMilliseconds = 730 * 3_600_000;
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
    const began = Date.parse(booking.createdAt);
    const ended = Math.min(now.getTime(), booking.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(booking.endedAt));
    return days.flatMap((day): BookedDay[] => {
      const stood = Math.min(ended, startOf(addDays(day, 1))) - Math.max(began, startOf(day));
      if (stood <= 0) return [];
      const dollars = new Big(booking.monthlyCents).times(stood).div(monthMilliseconds).div(100).round(decimals).toFixed();
      return [{ booking, day, dollars }];
    });
  });
}

const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
