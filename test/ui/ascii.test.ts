/** What is drawn where there is nothing but ASCII: the same picture, as wide, and nothing of it forgotten. */
import { readdirSync, readFileSync } from "node:fs";
import stringWidth from "fast-string-width";
import { describe, expect, it } from "vitest";
import { inAscii } from "../../src/ui/ascii.ts";
import { bar, foldedSparkline } from "../../src/ui/chart.ts";
import { seriesChart } from "../../src/ui/series-chart.ts";

const ascii = /^[\n -~]*$/;

describe("without more than ASCII", () => {
  it("a line of marks still rises from little to much", () => {
    expect(inAscii(foldedSparkline([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8], 10).marks)).toBe("..-~=+*%##");
    expect(inAscii(bar(1, 2, 8))).toBe("####");
  });

  it("a chart keeps its axis, its ground, what is open and what stands out", () => {
    const points = [0.1, 2, 3.4, 8, -2, 4].map((value, at) => ({ label: `11-0${at + 1}`, value, open: at > 3, marked: at === 3 }));
    const { text } = seriesChart(points, { width: 40, amount: (value) => `$${value}`, rhythm: 1 });
    const plain = inAscii(text);
    expect(plain).toMatch(ascii);
    expect(plain.split("\n").map((line) => stringWidth(line))).toEqual(text.split("\n").map((line) => stringWidth(line)));
    expect(`\n${plain}\n`).toMatchInlineSnapshot(`
      "
                        $8 +      #
                           |      #
                           |      #
                        $4 +    = #   #
                           |  = # #   #
                           |_ # # #   #
                        $0 +--------....
                           |        #
      $-2.6666666666666665 +        "
                                  ^
                            11-01   11-05
      "
    `);
  });

  it("names stay as they are", () => {
    expect(inAscii("✔ Zoë's café: 中文 …")).toBe("+ Zoë's café: 中文 ...");
  });

  it("whatever the program draws with has a stand-in", () => {
    const sources = ["src/ui", "src/commands", "src/core"].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts") && !/\breport\//.test(name) && name !== "ascii.ts") // reports are files
        .map((name) => readFileSync(`${folder}/${name}`, "utf8")),
    );
    const code = sources.flatMap((text) => text.split("\n")).filter((line) => !/^\s*(\/\*|\*|\/\/)/.test(line));
    const used = new Set(code.flatMap((line) => line.replace(/\/[/*] .*$/, "").match(/[^\t -~]/g) ?? []));
    expect([...used].sort().join("")).toContain("█");
    expect([...used].filter((character) => !ascii.test(inAscii(character)))).toEqual([]);
  });
});
