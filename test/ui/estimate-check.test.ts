/** A month's bill against an estimate, as a terminal shows it: a table from 80 columns on, and each line once. */
import { describe, expect, it } from "vitest";
import { serverlessWebParameters } from "../../src/contract/blueprints.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import { checkEstimate } from "../../src/core/costs/check.ts";
import { estimateAsKnown } from "../../src/core/costs/estimate.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import { checkText } from "../../src/ui/estimate-check.ts";

const used = (key: string, type: string, quantity: string, amount: string, rest: Partial<CostAmount> = {}): CostAmount => ({
  period: "2026-10",
  key,
  kind: "usage",
  currency: "USD",
  amount,
  used: { type, quantity },
  ...rest,
});
/** Usage types as long as AWS's are. */
const bill = [
  used("AWS Lambda", "USW2-Request-ARM", "7921400000", "1584.28"),
  used("Amazon DynamoDB", "USW2-ReadRequestUnits", "320000", "0.04"),
  used("Amazon Elastic Compute Cloud - Compute", "USW2-InstanceStoreOptimizedUsage:i4i.metal", "3", "32.13"),
  used("Amazon Simple Notification Service", "DeliveryAttempts-SMTP", "10", "0.5"),
  used("AWS Marketplace: Somebody's Very Special Firewall, Pay as You Go", "USW2-DataTransfer-Regional-Bytes-Of-All-Zones-Together", "10", "-17", {
    currency: "EUR",
  }),
];
const checked = (region = "us-west-2", amounts = bill, parameters: object = {}) => {
  const estimate = estimateAsKnown(packagedPrices, "serverless-web", region, serverlessWebParameters.parse(parameters));
  return { ...checkEstimate(estimate, amounts, packagedPrices), project: "sales", month: "2026-10", notes: [] };
};
const widest = (text: string): number => Math.max(...text.split("\n").map(({ length }) => length));

describe("an estimate against a bill with long names", () => {
  it.each([80, 96, 140])("is a table of %d columns", (width) => {
    const text = checkText(checked(), width);
    const [head = ""] = text.split("\n").filter((line) => line.startsWith("Line "));
    expect(head).toMatch(/^Line +Estimated +Billed +Off by +Used$/);
    const table = text.slice(text.indexOf(head), text.indexOf("\n\n", text.indexOf(head)));
    expect(widest(table)).toBeLessThanOrEqual(width);
    expect(table).not.toContain("Estimated:");
    // The name of what is billed is there as a whole, in as many lines as it takes.
    const names = table
      .split("\n")
      .map((line) => line.slice(0, head.indexOf("Estimated") - 1).trim())
      .join("");
    expect(names).toContain("USW2-DataTransfer-Regional-Bytes-Of-All-Zones-Together");
    expect(names).toContain("USW2-InstanceStoreOptimizedUsage:i4i.metal");
  });
  it("has blocks of what there is to say where it is narrower, and no empty field", () => {
    const text = checkText(checked(), 40);
    expect(text).not.toMatch(/^(Estimated|Billed|Off by|Used): *$/m);
    expect(text).toContain("Line: Amazon Simple Notification\n  Service: DeliveryAttempts-SMTP\nBilled: $0.50\n\n");
    expect(text).toContain("USW2-DataTransfer-Regional-Bytes-Of-All-Zones-Together");
  });
  it("tells each line once, and below what no line estimates comes to", () => {
    const text = checkText(checked(), 140);
    expect(text.match(/DeliveryAttempts-SMTP/g)).toHaveLength(1);
    expect(text).toContain("Not estimated: 3 lines of the bill, $32.63 and -17.00 EUR.");
    expect(text).toContain("billed $1,616.95 and -17.00 EUR, estimated $0.97");
    expect(text).toMatch(/Total +\$0\.97 +\$1,616\.95\nTotal +-17\.00 EUR\n/);
  });
  it("says many times as times, a few as per cent, and one as one", () => {
    const text = checkText(checked(), 140);
    expect(text).toMatch(/Lambda requests .* 79,214 times\n/);
    expect(text).toMatch(/DynamoDB reads .* 320%\n/);
    expect(text).toContain("assumed 100,000 (1 read of up to 4 KB a request)");
    expect(checkText(checked("us-west-2", bill, { reads_per_request: 2 }), 140)).toContain("(2 reads of up to 4 KB a request)");
  });
  it("has no estimated total where a price is missing", () => {
    const text = checkText(checked("mx-central-1"), 96);
    expect(text).toContain("estimated no total");
    expect(text).toMatch(/HTTP API requests +no price/);
    expect(text).toMatch(/Total +no total/);
  });
});
