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
    ["memory_mb=lots", 'Parameter memory_mb can\'t be "lots": it is a whole number from 128 to 10240'],
    ["memory_mb=64", 'Parameter memory_mb can\'t be "64": it is a whole number from 128 to 10240'],
    ["memory_mb=512.5", 'Parameter memory_mb can\'t be "512.5": it is a whole number from 128 to 10240'],
    ["memory_mb=1,024", 'Parameter memory_mb can\'t be "1,024": it is a whole number from 128 to 10240'],
    ["memory_mb=0x200", 'Parameter memory_mb can\'t be "0x200": it is a whole number from 128 to 10240'],
    ["memory_mb=١٢٨", 'Parameter memory_mb can\'t be "١٢٨": it is a whole number from 128 to 10240'],
    ["memory_mb=Infinity", 'Parameter memory_mb can\'t be "Infinity": it is a whole number from 128 to 10240'],
    ["storage_gb=1e309", 'Parameter storage_gb can\'t be "1e309": it is a number from 0 to 1000000'],
    ["storage_gb=-0.1", 'Parameter storage_gb can\'t be "-0.1": it is a number from 0 to 1000000'],
    ["log_retention_days=2", 'Parameter log_retention_days can\'t be "2": it is one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365'],
    ["memory_mb=", "Parameter memory_mb has no value"],
    ["memory_mb", '--set "memory_mb" is not name=value'],
    ["=1", '--set "=1" is not name=value'],
  ])("refuses %s in words that say what it takes", (given, message) => expect(failure([given])?.message).toBe(message));
  it.each([
    ["storage_gb=-0", 0],
    ["storage_gb=+.5", 0.5],
    ["storage_gb=1e3", 1000],
  ])("takes %s", (given, value) => expect(parseParameters("serverless-web", [given]).storage_gb).toBe(value));
  it("says what can be typed, by the flag that it came from", () => {
    expect(failure(["memory_mb="])?.hint).toBe("such as: --set memory_mb=256");
    expect(() => parseParameters("serverless-web", ["memory_mb"], {}, "--what-if")).toThrow(
      expect.objectContaining({ message: '--what-if "memory_mb" is not name=value', hint: "such as: --what-if memory_mb=512" }),
    );
  });
  it("guesses at nothing that isn't like it", () => {
    expect(failure(["colour=red"])?.hint).toMatch(/^All: memory_mb, /);
  });
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
