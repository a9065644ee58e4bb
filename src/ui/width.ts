/** Columns that a text takes on a terminal. */
import stringWidth from "fast-string-width";

/** Most texts, bars and lines too, are as wide as they are long; the patterns for the others take milliseconds to make. */
const plain = /^[ -~\u00b7\u2500-\u259f]*$/;

export const textWidth = (text: string): number => (plain.test(text) ? text.length : stringWidth(text));
