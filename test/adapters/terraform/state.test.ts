import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newestState, stateAddresses, stateOutputs } from "../../../src/adapters/terraform/state.ts";

const stateText = (serial: number, lineage = "one", names: string[] = []): string =>
  JSON.stringify({
    version: 4,
    serial,
    lineage,
    outputs: {},
    resources: names.map((name) => ({ mode: "managed", type: "aws_s3_bucket", name, instances: [{ attributes: {} }] })),
  });

const states = fc.array(
  fc.tuple(fc.nat(50), fc.uniqueArray(fc.constantFrom("a", "b", "c"))).map(([serial, names]) => stateText(serial, "one", names)),
  { minLength: 1, maxLength: 6 },
);

describe("the newest state", () => {
  it("has the highest serial of a lineage, in whichever order they come", () => {
    fc.assert(
      fc.property(states, fc.nat(), (bodies, turn) => {
        const highest = Math.max(...bodies.map((body) => JSON.parse(body).serial));
        const at = turn % bodies.length;
        expect(newestState(bodies)?.serial).toBe(highest);
        expect(newestState([...bodies.slice(at), ...bodies.slice(0, at)])?.serial).toBe(highest);
      }),
    );
  });

  it("is never one that is cut short, and cut copies change nothing", () => {
    fc.assert(
      fc.property(states, fc.double({ min: 0, max: 0.999, noNaN: true }), (bodies, part) => {
        const cut = bodies.map((body) => body.slice(0, Math.floor(body.length * part)));
        expect(newestState(cut)).toBeUndefined();
        expect(newestState([...cut, ...bodies])).toEqual(newestState(bodies));
      }),
    );
  });

  it("is given back byte for byte, with its serial and lineage", () => {
    const body = stateText(7, "one", ["a"]);
    expect(newestState([undefined, "", body])).toEqual({ body, serial: 7, lineage: "one" });
  });

  it("is the earlier in the list, of equal serials", () => {
    const [errored, local] = [stateText(3, "one", ["a"]), stateText(3, "one", [])];
    expect(newestState([errored, local])?.body).toBe(errored);
  });

  it("isn't a new lineage that knows less, whatever its serial: Terraform starts one whenever it starts from nothing", () => {
    const stored = stateText(4, "one", ["a", "b"]);
    expect(newestState([stateText(9, "two", ["a"]), stored])?.body).toBe(stored);
    expect(newestState([stateText(1, "two", ["a", "b", "c"]), stored])?.lineage).toBe("two");
  });

  it.each(["null", "[]", '"text"', '{"version":3,"serial":1,"lineage":"x"}', '{"version":4,"serial":"1","lineage":"x"}', '{"version":4,"serial":1}'])(
    "isn't %s",
    (body) => {
      expect(newestState([body])).toBeUndefined();
    },
  );
});

describe("what a state holds", () => {
  const body = JSON.stringify({
    version: 4,
    serial: 1,
    lineage: "x",
    outputs: { url: { value: "https://example.test", type: "string" } },
    resources: [
      { mode: "managed", type: "aws_s3_bucket", name: "one", instances: [{}] },
      { mode: "managed", type: "aws_s3_bucket", name: "gone", instances: [] },
      { mode: "managed", type: "aws_s3_bucket", name: "many", instances: [{ index_key: "a" }, { index_key: 1 }] },
      { mode: "managed", type: "aws_s3_bucket", name: "replaced", instances: [{}, { deposed: "1234" }] },
      { mode: "managed", module: "module.web", type: "aws_lambda_function", name: "api", instances: [{}] },
      { mode: "data", type: "aws_region", name: "here", instances: [{}] },
    ],
  });

  it("is its managed resources, as Terraform addresses them", () => {
    expect(stateAddresses(body)).toEqual([
      "aws_s3_bucket.one",
      'aws_s3_bucket.many["a"]',
      "aws_s3_bucket.many[1]",
      "aws_s3_bucket.replaced",
      "module.web.aws_lambda_function.api",
    ]);
    expect(stateAddresses(undefined)).toEqual([]);
    expect(stateAddresses(body.slice(0, 100))).toEqual([]);
  });

  it("is its outputs' values", () => {
    expect(stateOutputs(body)).toEqual({ url: "https://example.test" });
  });
});
