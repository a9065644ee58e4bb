/** Sentences in lines that fit. Commands are not wrapped: a terminal that breaks one itself still copies it whole. */
import { textWidth } from "./width.ts";

/** Broken between words; what doesn't fit on the first line goes on below `indent`. A word that is too long stays whole. */
export function wrapped(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? "";
  for (const word of text.trimStart().split(" ")) {
    const longer = line.trim() === "" ? `${line}${word}` : `${line} ${word}`;
    if (line.trim() !== "" && textWidth(longer) > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

/** The same, with a word that is too long broken, too, between two characters: for a cell of a table. */
export function broken(text: string, width: number, indent = ""): string {
  return wrapped(text, width, indent)
    .split("\n")
    .map((line) => {
      if (textWidth(line) <= width) return line;
      const lines = [""];
      for (const { segment } of new Intl.Segmenter("en").segment(line)) {
        const last = lines.at(-1) ?? "";
        if (textWidth(last + segment) > width) lines.push(`${indent}${segment}`);
        else lines[lines.length - 1] = last + segment;
      }
      return lines.join("\n");
    })
    .join("\n");
}
