/** A long name in a narrow place: whole where it fits, otherwise its beginning, never cut within a character. */
import { textWidth } from "./width.ts";

/** An ellipsis is drawn as three dots where there is nothing but ASCII: there is room for them. */
const ellipsis = "…  ";

export function clipped(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let room = width - ellipsis.length;
  for (const { segment } of new Intl.Segmenter("en").segment(text)) {
    room -= textWidth(segment);
    if (room < 0) break;
    kept += segment;
  }
  return `${kept}${ellipsis}`;
}
