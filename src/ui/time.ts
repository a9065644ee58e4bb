/** Times as a person reads them: to the minute, in UTC as the books have them. */

export const minuteText = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;

/** Of something that may not have happened. */
export const minuteOr = (iso: string | null, otherwise: string): string => (iso === null ? otherwise : minuteText(iso));
