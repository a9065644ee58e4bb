import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineSplitter, terraformEvent } from "../../../src/adapters/terraform/events.ts";

const event = (line: unknown) => terraformEvent(JSON.stringify(line));
const resource = { addr: "aws_s3_bucket.site", resource_type: "aws_s3_bucket" };

describe("Terraform's lines", () => {
  it("become the plan's changes; what changes nothing isn't one", () => {
    const change = (action: string, more = {}) => event({ type: "planned_change", change: { resource, action, ...more } });
    const base = { address: "aws_s3_bucket.site", type: "aws_s3_bucket" };
    for (const action of ["create", "update", "replace", "delete"]) expect(change(action)).toEqual({ change: { ...base, action } });
    for (const action of ["noop", "read", "forget"]) expect(change(action)).toBeUndefined();
    expect(change("noop", { importing: { id: "site" } })).toEqual({ change: { ...base, action: "import" } });
    expect(change("import", { importing: { id: "site" } })).toEqual({ change: { ...base, action: "import" } });
    expect(change("update", { importing: { id: "site" } })).toEqual({ change: { ...base, action: "update" } });
  });

  it("become progress, with seconds", () => {
    const hook = { resource, action: "create", elapsed_seconds: 3 };
    const progress = { type: "resource", address: "aws_s3_bucket.site", action: "create" };
    expect(event({ type: "apply_start", hook: { resource, action: "create" } })).toEqual({ progress: { ...progress, phase: "start" } });
    expect(event({ type: "apply_progress", hook })).toEqual({ progress: { ...progress, phase: "progress", seconds: 3 } });
    expect(event({ type: "apply_complete", hook })).toEqual({ progress: { ...progress, phase: "done", seconds: 3 } });
    expect(event({ type: "apply_errored", hook })).toEqual({ progress: { ...progress, phase: "failed", seconds: 3 } });
  });

  it("become diagnostics and outputs", () => {
    expect(event({ type: "diagnostic", diagnostic: { severity: "error", summary: "no", detail: "why", address: "a.b" } })).toEqual({
      diagnostic: { severity: "error", summary: "no", detail: "why", address: "a.b" },
    });
    expect(event({ type: "outputs", outputs: { url: { value: "x", sensitive: false } } })).toEqual({ outputs: { url: "x" } });
  });

  it("may be anything at all", () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (thing, text) => {
        terraformEvent(JSON.stringify(thing) ?? "");
        terraformEvent(text);
      }),
    );
    for (const text of ["null", "1", '"x"', "[]", '{"type":"planned_change"}', '{"type":"apply_start"}']) expect(terraformEvent(text)).toBeUndefined();
  });
});

describe("the line splitter", () => {
  it("gives the same lines, however the stream is cut", () => {
    const line = fc.string().filter((text) => text !== "" && !text.includes("\n"));
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const text = lines.map((each) => `${each}\n`).join("");
        const seen: string[] = [];
        const split = lineSplitter((each) => seen.push(each));
        for (let at = 0; at < text.length; at += size) split(text.slice(at, at + size));
        expect(seen).toEqual(lines);
      }),
    );
  });

  it("waits for the end of a line", () => {
    const seen: string[] = [];
    const split = lineSplitter((each) => seen.push(each));
    split('{"type":');
    expect(seen).toEqual([]);
    split('"log"}\n{');
    expect(seen).toEqual(['{"type":"log"}']);
  });
});
