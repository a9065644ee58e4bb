import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../src/core/duration.ts";
import { parseParameters } from "../../src/core/parameters.ts";

const failure = (given: string[]) => {
  try {
    parseParameters("serverless-web", given);
  } catch (error) {
    return { message: (error as Error).message, hint: (error as { hint?: string }).hint };
  }
  return undefined;
};

describe("--set", () => {
  it("lays what is given over what the project has, over defaults", () => {
    expect(parseParameters("serverless-web", ["memory_mb=512"], { timeout_seconds: 20 })).toMatchObject({
      memory_mb: 512,
      timeout_seconds: 20,
      log_retention_days: 14,
    });
  });
  it("names the nearest parameter for an unknown one", () => {
    expect(failure(["memory=512"])).toMatchObject({
      message: 'Blueprint serverless-web has no parameter "memory"',
      hint: expect.stringContaining("did you mean memory_mb?"),
    });
  });
  it("says the same of an unknown one that came through the API", () => {
    expect(() => parseParameters("serverless-web", [], { memori_mb: 512 })).toThrow('Blueprint serverless-web has no parameter "memori_mb"');
  });
  it.each([
    ["memory_mb=lots", /memory_mb can't be "lots"/],
    ["memory_mb=64", /memory_mb can't be "64".*128/],
    ["memory_mb=512.5", /memory_mb/],
    ["log_retention_days=2", /log_retention_days/],
    ["memory_mb=", /has no value/],
    ["memory_mb", /not name=value/],
    ["=1", /not name=value/],
  ])("refuses %s", (given, message) => expect(failure([given])?.message).toMatch(message));
});

describe("durations", () => {
  it.each([
    ["90m", 5_400],
    ["2h", 7_200],
    ["7d", 604_800],
    ["60s", 60],
    ["45", 2_700],
    ["none", null],
  ])("reads %s", (text, seconds) => expect(parseDuration(text)).toBe(seconds));
  it.each(["", "0m", "59s", "366d", "-1h", "1.5h", "1w", "h", "nonee"])("refuses %j", (text) => expect(() => parseDuration(text)).toThrow(/not a duration/));
  it.each([
    [59, "59 s"],
    [3_600, "1 h"],
    [7_500, "2 h 5 min"],
    [90_061, "1 d 1 h"],
    [-5, "0 s"],
  ])("shows %i", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});
