import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inContext } from "../../src/ui/context.ts";
import { redact } from "../../src/ui/redact.ts";
import { facts, table } from "../../src/ui/table.ts";
import { terminalOf } from "../../src/ui/terminal.ts";

const terminal = { stdinIsTerminal: true, stdoutIsTerminal: true, stderrIsTerminal: true, columns: 80, env: {}, noColor: false, noInput: false, json: false };

describe("a terminal", () => {
  it("may be asked only with a terminal on both ends, no CI, no --no-input, no --json", () => {
    expect(terminalOf(terminal).canPrompt).toBe(true);
    for (const change of [
      { stdinIsTerminal: false },
      { stdoutIsTerminal: false },
      { stderrIsTerminal: false },
      { env: { CI: "true" } },
      { noInput: true },
      { json: true },
    ]) {
      expect(terminalOf({ ...terminal, ...change }).canPrompt, JSON.stringify(change)).toBe(false);
    }
  });
  it("is coloured as NO_COLOR, then FORCE_COLOR, then TERM say", () => {
    const color = (env: NodeJS.ProcessEnv, more = {}) => terminalOf({ ...terminal, ...more, env }).color;
    expect([
      color({}),
      color({ NO_COLOR: "1" }),
      color({ NO_COLOR: "1", FORCE_COLOR: "1" }),
      color({ TERM: "dumb" }),
      color({ FORCE_COLOR: "1" }, { stdoutIsTerminal: false }),
      color({}, { stdoutIsTerminal: false }),
    ]).toEqual([true, false, false, false, true, false]);
  });
  it("has characters beyond ASCII unless it is dumb, or the first locale that is set has another character set", () => {
    const unicode = (env: NodeJS.ProcessEnv) => terminalOf({ ...terminal, env }).unicode;
    expect([{}, { LANG: "" }, { LANG: "en_US.UTF-8" }, { LC_ALL: "C.utf8", LANG: "C" }, { LC_ALL: "", LC_CTYPE: "UTF-8", LANG: "POSIX" }].map(unicode)).toEqual(
      [true, true, true, true, true],
    );
    expect(
      [
        { TERM: "dumb", LANG: "en_US.UTF-8" },
        { LC_ALL: "C", LANG: "en_US.UTF-8" },
        { LC_ALL: "POSIX" },
        { LC_CTYPE: "C", LANG: "en_US.UTF-8" },
        { LANG: "de_DE.ISO-8859-1" },
        { LANG: "de_DE" },
      ].map(unicode),
    ).toEqual([false, false, false, false, false, false]);
  });
  it("without a size is never redrawn", () => {
    expect(terminalOf({ ...terminal, columns: 0 })).toMatchObject({ live: false, width: 80 });
  });
});

describe("redaction", () => {
  const key = fc.stringMatching(/^[A-Za-z0-9/+]{40}$/);
  it("leaves nothing of a known secret, wherever it stands", () => {
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (secret, before, after) => {
        expect(redact(`${before}${secret}${after}`, [secret])).not.toContain(secret);
      }),
    );
  });
  it("finds keys and tokens by their looks and labels", () => {
    fc.assert(
      fc.property(key, (secret) => {
        for (const label of ["aws_secret_access_key = ", '"SecretAccessKey": "', "SecretAccessKey: "])
          expect(redact(`${label}${secret}`)).not.toContain(secret);
      }),
    );
    const secret = "A-z_09".repeat(8);
    expect(redact(`cct_0123456789abcdef_${secret} at https://api.example.org/invitation#${secret}`)).toBe(
      "cct_0123456789abcdef_[redacted] at https://api.example.org/invitation#[redacted]",
    );
    const said = redact("AKIAIOSFODNN7EXAMPLE Bearer abcdefghijkl externalId: 0123456789abcdef0123456789abcdef");
    expect(said).toBe("[redacted] Bearer [redacted] externalId: [redacted]");
    const [one, other] = ["0", "f"].map((digit) => digit.repeat(32));
    for (const text of [`ExternalIds=${one},${other} next`, `"externalIds":["${one}","${other}"], next`, `"nextExternalId": "${one}", next`]) {
      expect(redact(text)).toMatch(/\[redacted\].*next$/);
      expect(redact(text)).not.toMatch(/0{32}|f{32}/);
    }
  });
});

describe("commands in a text", () => {
  it("keep the context of the call", () => {
    expect(inContext("see: chartctl projects", ["--sandbox", "status"])).toBe("see: chartctl --sandbox projects");
    expect(inContext("chartctl provision -p a, or chartctl destroy -p a", ["--context", "prod"])).toBe(
      "chartctl --context prod provision -p a, or chartctl --context prod destroy -p a",
    );
    expect(inContext("chartctl sandbox reset", ["--sandbox"])).toBe("chartctl sandbox reset");
    expect(inContext("see: chartctl projects", ["terraform", "--", "--sandbox"])).toBe("see: chartctl projects");
  });
});

describe("tables", () => {
  const rows = [
    { name: "sales", cost: "$1.00" },
    { name: "a-much-longer-name", cost: "$10.00" },
  ];
  const columns = [
    { title: "Name", value: ({ name }: (typeof rows)[number]) => name },
    { title: "Cost", value: ({ cost }: (typeof rows)[number]) => cost, right: true },
  ];
  it("are columns where they fit, and blocks where they don't", () => {
    expect(table(rows, columns, 80)).toMatchInlineSnapshot(`
      "Name                  Cost
      sales                $1.00
      a-much-longer-name  $10.00"
    `);
    expect(table(rows, columns, 20)).toMatchInlineSnapshot(`
      "Name: sales
      Cost: $1.00

      Name: a-much-longer-name
      Cost: $10.00"
    `);
  });
  it("never pass the width, for words that fit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 120 }), (width) => {
        for (const line of facts(
          [
            ["Project", "sales of acme"],
            ["Estimate", "$0.98 a month"],
          ],
          width,
        ).split("\n"))
          expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
