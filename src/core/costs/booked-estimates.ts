/** What a booking was estimated at, since when: a later estimate doesn't change what was said of the time before. */

export interface BookedEstimate {
  since: string;
  /** Of a whole month. */
  monthlyCents: number;
}

/** Far more changes than a month's report tells apart; a row of the books stays small, whoever changes it how often. */
const mostKept = 1_000;

export function estimatedSince(known: readonly BookedEstimate[], since: string, monthlyCents: number): BookedEstimate[] {
  if (known.at(-1)?.monthlyCents === monthlyCents) return [...known];
  return [...known, { since, monthlyCents }].slice(-mostKept);
}

/** Each with the time that it held, in milliseconds since 1970; the last one's end is the booking's. */
export function heldEstimates(estimates: readonly BookedEstimate[], end: number): { from: number; until: number; monthlyCents: number }[] {
  return estimates.map(({ since, monthlyCents }, at) => {
    const next = estimates[at + 1];
    return { from: Date.parse(since), until: Math.min(end, next ? Date.parse(next.since) : end), monthlyCents };
  });
}
