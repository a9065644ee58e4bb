import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { checkedText, setupText } from "../../src/ui/setup.ts";

const plain = (report: Parameters<typeof setupText>[0], width = 80): string => stripVTControlCharacters(setupText(report, width));

describe("what a setup command shows", () => {
  it("each thing, and what was done about it", () => {
    const steps = [
      { name: "broker role", outcome: "found" as const },
      { name: "budget", outcome: "waits" as const, detail: "give --budget" },
    ];
    const text = plain({ dryRun: false, steps, calls: [] });
    expect(text).toBe("found    broker role\nwaits    budget: give --budget");
  });

  it("fits a narrow terminal, broken between words", () => {
    const steps = [{ name: "budget", outcome: "waits" as const, detail: "none is asked for, and so nobody is told" }];
    expect(plain({ dryRun: false, steps, calls: [] }, 40)).toBe("waits    budget: none is asked for, and\n         so nobody is told");
    const word = "x".repeat(60);
    expect(plain({ dryRun: false, steps: [{ name: "app", outcome: "made", detail: word }], calls: [] }, 40)).toBe(`made     app:\n         ${word}`);
  });

  it("keeps what is missing below its part", () => {
    const text = stripVTControlCharacters(checkedText([{ part: "Host", name: "app", state: "missing", mend: "chartctl setup heroku" }], false, 80));
    expect(text).toBe("Host\n  ✖ app: missing\n    help: chartctl setup heroku\n\nSomething is missing; nothing was changed.");
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
