/** `did you mean …?`: only of what is like it. */
import { closest, distance } from "fastest-levenshtein";

/** The one that may have been meant; undefined when none is close: then a guess would lead astray. `most`: letters that may differ. */
export function nearest(given: string, choices: readonly string[], most?: number): string | undefined {
  if (choices.length === 0) return undefined;
  const near = closest(given.toLowerCase(), choices);
  return distance(given.toLowerCase(), near.toLowerCase()) <= (most ?? Math.max(2, Math.floor(near.length / 2))) ? near : undefined;
}
