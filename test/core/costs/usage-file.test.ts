import { describe, expect, it } from "vitest";
import { statedUsage } from "../../../src/core/costs/usage-file.ts";

const of = (document: unknown) => statedUsage(document, "u.yml");
const ignoredOf = (document: unknown) => of(document).ignored.map(({ place, meant }) => [place, meant]);
const app = (values: unknown) => ({ version: 0.1, resource_usage: { "aws_lambda_function.app": values } });

describe("a usage file", () => {
  it("states numbers and ranges; a range's middle is expected unless it says otherwise", () => {
    const { usage, ignored } = of({
      version: 0.1,
      resource_type_default_usage: { aws_cloudwatch_log_group: { storage_gb: 2 } },
      resource_usage: {
        "aws_lambda_function.app": { monthly_requests: { low: 10, high: 20 }, request_duration_ms: { low: 1, expected: 2, high: 9 } },
        "aws_cloudwatch_log_group.api": { storage_gb: 3 },
      },
    });
    expect(ignored).toEqual([]);
    expect(usage["aws_lambda_function.app"]?.monthly_requests?.expected.toFixed()).toBe("15");
    expect(usage["aws_lambda_function.app"]?.request_duration_ms?.expected.toFixed()).toBe("2");
    expect(usage["aws_cloudwatch_log_group.app"]?.storage_gb?.high.toFixed()).toBe("2");
    expect(usage["aws_cloudwatch_log_group.api"]?.storage_gb?.low.toFixed()).toBe("3");
  });
  it.each<[unknown, string, string]>([
    [{ resource_usage: {} }, "usage-file.version", "u.yml: its version is missing"],
    [{ version: 0.2 }, "usage-file.version", "u.yml: its version is 0.2"],
    [app({ monthly_requests: null }), "usage-file.value", "monthly_requests has no value"],
    [app({ monthly_requests: "many" }), "usage-file.value", 'monthly_requests is the text "many": a number has no quotes'],
    [app({ monthly_requests: "1,000" }), "usage-file.value", 'is the text "1,000": a number has no quotes, units or thousands separators'],
    [app({ monthly_requests: "١٢" }), "usage-file.value", 'is the text "١٢"'],
    [app({ monthly_requests: true }), "usage-file.value", "is true, which is no number"],
    [app({ monthly_requests: new Date("2026-10-01") }), "usage-file.value", "is a date (2026-10-01), no number"],
    [app({ monthly_requests: Number.NaN }), "usage-file.value", "is .nan, which is no number"],
    [app({ monthly_requests: Number.POSITIVE_INFINITY }), "usage-file.value", "is infinite (.inf,"],
    [app({ monthly_requests: Number.NEGATIVE_INFINITY }), "usage-file.value", "is -.inf, which is less than nothing"],
    [app({ monthly_requests: -1 }), "usage-file.value", "is -1, which is less than nothing"],
    [app({ monthly_requests: 1e16 }), "usage-file.value", "more than can be in a month"],
    [app({ monthly_requests: { low: 2, high: 1 } }), "usage-file.value", "don't rise"],
    [app({ monthly_requests: { low: 50 } }), "usage-file.value", "is a range without high"],
    [app({ monthly_requests: {} }), "usage-file.value", "is a range without low and high"],
    [app({ monthly_requests: { low: null, high: 1 } }), "usage-file.value", "has a low that has no value"],
    [app({ monthly_requests: { low: 1, hihg: 2 } }), "usage-file.value", '"hihg" (did you mean high?)'],
    [app([1]), "usage-file.shape", "no mapping"],
    [app(new Date("2026-10-01")), "usage-file.shape", "no mapping"],
  ])("%j is refused, with its place", (document, code, message) => {
    expect(() => of(document)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
  it("takes zero for zero, with whatever sign", () => {
    expect(of(app({ monthly_requests: -0 })).usage["aws_lambda_function.app"]?.monthly_requests?.high.toFixed()).toBe("0");
  });
  it.each(["v0.1", "0.1", "0.1.0"])("takes version %s, as Infracost does", (version) => expect(of({ version })).toEqual({ usage: {}, ignored: [] }));
  it("is shared with resources of others: what the blueprint doesn't have is named and counts for nothing", () => {
    const document = {
      version: "v0.1",
      projects: [],
      resource_type_default_usage: { aws_instance: { operating_system: "linux" }, aws_cloudwatch_log_group: { monthly_data_scanned_gb: 5, storage_gb: 2 } },
      resource_usage: {
        "aws_sqs_queue.my_queue": { monthly_requests: "whatever it says" },
        "aws_s3_bucket.my_bucket": { standard: { storage_gb: 10000 } },
        "aws_lambda_function.app": { monthly_requests: 7 },
        "aws_s3_bucket.site": { standard: { storage_gb: 3, monthly_select_data_scanned_gb: 1 }, standard_infrequent_access: { storage_gb: 1 } },
      },
    };
    expect(ignoredOf(document)).toEqual([
      ["projects", null],
      ["aws_instance", null],
      ["aws_cloudwatch_log_group.monthly_data_scanned_gb", null],
      ["aws_sqs_queue.my_queue", null],
      ["aws_s3_bucket.my_bucket", null],
      ["aws_s3_bucket.site.standard.monthly_select_data_scanned_gb", null],
      ["aws_s3_bucket.site.standard_infrequent_access", null],
    ]);
    const { usage } = of(document);
    expect(usage["aws_lambda_function.app"]?.monthly_requests?.expected.toFixed()).toBe("7");
    expect(usage["aws_s3_bucket.site"]?.["standard.storage_gb"]?.expected.toFixed()).toBe("3");
  });
  it.each<[unknown, string, string]>([
    [{ version: 0.1, resource_usages: {} }, "resource_usages", "resource_usage"],
    [{ version: 0.1, resource_usage: { "aws_lambda_function.ap": {} } }, "aws_lambda_function.ap", "aws_lambda_function.app"],
    [{ version: 0.1, resource_type_default_usage: { aws_lambda_funtion: {} } }, "aws_lambda_funtion", "aws_lambda_function"],
    [app({ monthly_request: 1 }), "aws_lambda_function.app.monthly_request", "monthly_requests"],
  ])("says of %j what was meant", (document, place, meant) => expect(ignoredOf(document)).toEqual([[place, meant]]));
});
