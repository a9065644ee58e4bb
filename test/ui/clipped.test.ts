/** Names in narrow places: as wide as they may be, and whole characters. */
import stringWidth from "fast-string-width";
import { expect, test } from "vitest";
import { clipped } from "../../src/ui/clipped.ts";
import { printable, printableLines, readable } from "../../src/ui/names.ts";

test.each(["short", "x".repeat(256), "日本語".repeat(20), "👩‍👩‍👧".repeat(20), "é".normalize("NFD").repeat(40)])("%s", (text) => {
  const shown = clipped(text, 30);
  expect(stringWidth(shown)).toBeLessThanOrEqual(30);
  expect(shown === text).toBe(stringWidth(text) <= 30);
  const kept = shown.replace(/… {2}$/, "");
  expect(
    [...new Intl.Segmenter("en").segment(text)]
      .map(({ segment }) => segment)
      .join("")
      .startsWith(kept),
  ).toBe(true);
  expect(kept.endsWith("\u200d")).toBe(false);
});

test("control and direction characters are shown as such; what joins letters stays on a page", () => {
  const odd = "a\u001b[31m\u202eb\u2066c\u200d\n";
  expect([printable(odd), printableLines(odd), readable(odd)]).toEqual(["a�[31m�b�c��", "a�[31m�b�c�\n", "a�[31m�b�c\u200d�"]);
});
