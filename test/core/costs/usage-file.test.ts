import { describe, expect, it } from "vitest";
import { statedUsage } from "../../../src/core/costs/usage-file.ts";

const of = (document: unknown) => statedUsage(document, "u.yml");
const app = (values: unknown) => ({ version: 0.1, resource_usage: { "aws_lambda_function.app": values } });

describe("a usage file", () => {
  it("states numbers and ranges; a range's middle is expected unless it says otherwise", () => {
    const usage = of({
      version: 0.1,
      resource_type_default_usage: { aws_cloudwatch_log_group: { storage_gb: 2 } },
      resource_usage: {
        "aws_lambda_function.app": { monthly_requests: { low: 10, high: 20 }, request_duration_ms: { low: 1, expected: 2, high: 9 } },
        "aws_cloudwatch_log_group.api": { storage_gb: 3 },
      },
    });
    expect(usage["aws_lambda_function.app"]?.monthly_requests?.expected.toFixed()).toBe("15");
    expect(usage["aws_lambda_function.app"]?.request_duration_ms?.expected.toFixed()).toBe("2");
    expect(usage["aws_cloudwatch_log_group.app"]?.storage_gb?.high.toFixed()).toBe("2");
    expect(usage["aws_cloudwatch_log_group.api"]?.storage_gb?.low.toFixed()).toBe("3");
  });
  it.each<[unknown, string, string]>([
    [{ resource_usage: {} }, "usage-file.version", "version is missing"],
    [{ version: 0.1, resources: {} }, "usage-file.unknown", '"resources"'],
    [{ version: 0.1, resource_usage: { "aws_lambda_function.ap": {} } }, "usage-file.unknown", '"aws_lambda_function.ap"'],
    [app({ monthly_request: 1 }), "usage-file.unknown", '"monthly_request"'],
    [app({ monthly_requests: "many" }), "usage-file.value", "no number"],
    [app({ monthly_requests: -1 }), "usage-file.value", "less than nothing"],
    [app({ monthly_requests: 1e16 }), "usage-file.value", "more than can be"],
    [app({ monthly_requests: { low: 2, high: 1 } }), "usage-file.value", "don't rise"],
    [app({ monthly_requests: { low: 1, hihg: 2 } }), "usage-file.unknown", '"hihg"'],
    [app([1]), "usage-file.shape", "no mapping"],
    [{ version: 0.1, resource_type_default_usage: { aws_lambda: {} } }, "usage-file.unknown", '"aws_lambda"'],
  ])("%j is refused, with its place", (document, code, message) => {
    expect(() => of(document)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
  it("says what was meant", () => {
    expect(() => of(app({ monthly_request: 1 }))).toThrow(expect.objectContaining({ hint: expect.stringContaining("did you mean monthly_requests?") }));
  });
});
