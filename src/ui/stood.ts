/** In which part of a month a project stood, and what it was booked at then, in words. */
import type { Stood } from "../core/costs/stood.ts";
import { listHours } from "../core/costs/stood.ts";
import { formatAmount, formatCents } from "../core/money.ts";
import { minuteText } from "./time.ts";

/** Undefined: it was booked in all of this time at what it is booked at now. */
export function bookedNote({ parts, bookedDollars }: Stood, nowCents: number): string | undefined {
  const runs = parts.filter(({ monthlyCents }, at) => monthlyCents !== parts[at - 1]?.monthlyCents);
  if (runs.every(({ monthlyCents }) => monthlyCents === nowCents)) return undefined;
  const cents = runs.map(({ monthlyCents }) => monthlyCents);
  const then =
    runs.length > mostRuns
      ? `between ${formatCents(Math.min(...cents))} and ${formatCents(Math.max(...cents))} a month`
      : runs.map(({ from, monthlyCents }, at) => `${at === 0 ? "" : `from ${minuteText(from)} on `}${formatCents(monthlyCents)} a month`).join(", ");
  return `In this time it was booked at ${then}: ${formatAmount(bookedDollars, "USD")}; now at ${formatCents(nowCents)} a month. Its parameters or the prices have changed; the estimate is of those of now.`;
}
const mostRuns = 3;

/** Why a month's report says another sum of the same time; undefined where it doesn't, or bookedNote tells it. */
export function reportNote({ bookedDollars }: Stood, nowCents: number, estimatedDollars: string | null): string | undefined {
  const reported = formatAmount(bookedDollars, "USD");
  if (estimatedDollars === null || reported === formatAmount(estimatedDollars, "USD")) return undefined;
  return `A month's report says ${reported} of this time: it takes what was booked, ${formatCents(nowCents)} a month, rounded up to whole cents, by the hour, and ${listHours} hours are a month.`;
}

/** `504 of the month's 744 hours`. */
export const hoursText = ({ hours }: Pick<Stood, "hours">, monthHours: number): string => `${rounded(hours)} of the month's ${monthHours} hours`;
const rounded = (hours: number): string => (hours < 10 ? hours.toFixed(1) : hours.toFixed(0));
