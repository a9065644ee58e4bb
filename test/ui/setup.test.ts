import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { setupText } from "../../src/ui/setup.ts";

const plain = (...args: Parameters<typeof setupText>): string => stripVTControlCharacters(setupText(...args));

describe("what a setup command shows", () => {
  it("each thing, and what was done about it", () => {
    const steps = [
      { name: "broker role", outcome: "found" as const },
      { name: "budget", outcome: "waits" as const, detail: "give --budget" },
    ];
    const text = plain({ dryRun: false, steps, calls: [] });
    expect(text).toBe("found    broker role\nwaits    budget: give --budget");
  });

  it("the calls of a dry run, numbered, with their bodies", () => {
    const calls = [
      { step: "app", operation: "POST /apps", body: { name: "x" } },
      { step: "app", operation: "DELETE /apps/y", body: null },
    ];
    expect(plain({ dryRun: true, steps: [], calls })).toBe(
      '1. POST /apps  app\n   {\n     "name": "x"\n   }\n2. DELETE /apps/y  app\n2 calls would be made, in this order. Nothing was changed.',
    );
  });

  it("says when nothing differs", () => {
    expect(plain({ dryRun: true, steps: [{ name: "app", outcome: "found" }], calls: [] })).toBe("Nothing differs: no call would be made.");
  });
});
