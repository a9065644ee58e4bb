/** Names that anybody gave: a tag's value is anybody's text. */

/** Most names are; the others' pattern takes milliseconds to make. */
const plain = /^[ -~]*$/;

/** On a terminal it moves no cursor, and turns no text round. */
export const printable = (text: string): string => (plain.test(text) ? text : text.replace(/\p{C}/gu, "�"));

/** The same of whole lines, such as CSV: their ends stay. */
export const printableLines = (text: string): string => text.replace(/[^\P{C}\n]/gu, "�");

/** On a page: what joins letters and emoji stays; what no page may hold, and what turns text round, is shown as such. */
export const readable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}\p{Cn}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, "�");
