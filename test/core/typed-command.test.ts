import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { typedCommand } from "../../src/core/typed-command.ts";

describe("a command as it is typed again", () => {
  it("has the flags that were given, by their names", () => {
    const flags = { publicUrl: "https://a.example.org", force: true, remove: false, team: undefined, set: ["A=1", "B=2"] };
    expect(typedCommand(["chartctl", "setup", "container", "here"], flags)).toBe(
      "chartctl setup container here --public-url https://a.example.org --force --set A=1 --set B=2",
    );
    expect(typedCommand(["chartctl", "setup"])).toBe("chartctl setup");
  });

  it("is split by a shell into what was given", () => {
    const wild = ["my platform", "it's", "$HOME", "a;b", '"', ""];
    expect(execFileSync("sh", ["-c", `printf '%s\\n' ${typedCommand(wild)}`], { encoding: "utf8" })).toBe(`${wild.join("\n")}\n`);
  });
});
