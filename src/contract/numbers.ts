/** Whole numbers as every store can keep them, and times to live that end before time does. */
import { z } from "zod";

/** PostgreSQL's `integer`. */
const largest = 2_147_483_647;

export const wholeSchema = z.number().int().min(0).max(largest);
export const countingSchema = z.number().int().min(1).max(largest);

/** Whole US cents: up to 21 million dollars. */
export const centsSchema = z.number().int().min(0).max(largest);

/** From a minute to ten years. */
export const ttlSecondsSchema = z.number().int().min(60).max(315_360_000);

/** From a minute to a month: what is over its limit for longer meets the next month's. */
export const longestGraceSeconds = 2_678_400;
export const graceSecondsSchema = z.number().int().min(60).max(longestGraceSeconds);

/** Of what AWS billed; AWS has billed nothing before 2006. */
const askedDay = z.iso.date().refine((day) => day.startsWith("20"), "is no day of this century");
/** `2026-10`, of a bill. */
export const monthSchema = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/);
/** Days in UTC; `until` is the first one that is left out. */
export const askedDaysShape = { from: askedDay, until: askedDay };
/** A year with its leap day, and the time before to compare it with. */
export const longestAskedDays = 732;
