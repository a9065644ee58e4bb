/** Commands that messages tell people to type: each must be there, with its flags. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everyCommand, faultOf, typed } from "../support/typed-commands.ts";

const comment = /^\s*(\/\/|\/?\*)/;
function commandsIn(folder: string): { where: string; hinted: boolean; words: string[] }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) =>
      readFileSync(join(folder, name), "utf8")
        .split("\n")
        .flatMap((line, at) => (comment.test(line) ? [] : [{ line: line.replaceAll("\\n", "\n"), where: `${name}:${at + 1}` }])),
    )
    .flatMap(({ line, where }) =>
      [...line.matchAll(typed)].map(([, text = ""]) => ({ where: `${where}: ${text}`, hinted: /\b(hint|mend)\b/.test(line), words: text.split(" ") })),
    );
}

describe("commands in messages", () => {
  it("can all be typed", async () => {
    const program = await everyCommand();
    const all = commandsIn("src");
    expect(all.length).toBeGreaterThan(100);
    const wrong = all.flatMap((one) => {
      const fault = faultOf(program, one);
      return fault ? [`${one.where}: ${fault}`] : [];
    });
    expect(wrong).toEqual([]);
    for (const text of ["setup herku", "setup aws --tear-down", "tenats", "setup heroku scael"])
      expect(faultOf(program, { hinted: true, words: text.split(" ") }), text).toBeDefined();
  });
});
