/** What is drawn with characters beyond ASCII, for terminals that have none: charts, marks, signs. In tables and charts as wide as before. */

const drawn: Record<string, string> = {
  // From little to much ink, as high as the blocks are.
  "▁": "_",
  "▂": "-",
  "▃": "~",
  "▄": "=",
  "▅": "+",
  "▆": "*",
  "▇": "%",
  "█": "#",
  "▀": '"',
  "·": ".",
  "│": "|",
  "┤": "+",
  "┼": "+",
  "└": "+",
  "─": "-",
  "┄": ".",
  "▲": "^",
  "✔": "+",
  "✖": "x",
  "≠": "~",
  "±": "-/+",
  "×": "x",
  "−": "-",
  "�": "?",
  "…": "...",
};
const any = new RegExp(`[${Object.keys(drawn).join("")}]`, "g");

/** Names and other people's words stay as they are. */
export const inAscii = (text: string): string => text.replaceAll("…  ", "...").replace(any, (character) => drawn[character] ?? character);
