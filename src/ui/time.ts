/** Times as a person reads them: to the minute, in UTC as the books have them. */
import { formatDuration } from "../core/duration.ts";

export const minuteText = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;

/** Of something that may not have happened. */
export const minuteOr = (iso: string | null, otherwise: string): string => (iso === null ? otherwise : minuteText(iso));

/** How long ago something was. */
export const ageText = (since: string, now: Date): string => formatDuration(Math.max(0, (now.getTime() - Date.parse(since)) / 1_000));
