/** Lines of a bill, as AWS writes them: the one source of what both stand-ins answer. */
import Big from "big.js";

export interface BillLine {
  /** `2026-11-01T05`, in UTC. */
  hour: string;
  /** CUR's LineItemType. */
  type: string;
  productCode: string;
  usageType: string;
  region: string;
  tags: Record<string, string>;
  currency: string;
  /** Ten decimals at most. */
  amount: string;
  /** Usage amount, in the unit of the price. */
  quantity?: string;
  /** What an amortized view has in its place. */
  effective?: string;
}

const products = [
  ["AmazonS3", "TimedStorage-ByteHrs"],
  ["AWSLambda", "Lambda-GB-Second-ARM"],
  ["AmazonDynamoDB", "WriteRequestUnits"],
  ["AmazonEC2", "BoxUsage:t4g.nano"],
  ["AmazonEC2", "NatGateway-Hours"],
  ["AWSCostExplorer", "API-Request"],
] as const;
const tagged: Record<string, string>[] = [
  { TenantId: "acme", ProjectId: "sales", UserId: "ann" },
  { TenantId: "acme", ProjectId: "hr", UserId: "bob", "Cost Center": "=1+2" },
  { TenantId: "other", ProjectId: "sales", UserId: "ann" },
  { TenantId: "acme", UserId: "o'hara" },
  {},
];

/** The same lines for the same seed: usage, taxes, credits and refunds of some days, some in another currency. */
export function billLines(days: readonly string[], perDay: number, seed = 1): BillLine[] {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
  return days.flatMap((day) =>
    Array.from({ length: perDay }, (): BillLine => {
      const [productCode, usageType] = pick(products);
      const type = pick(["Usage", "Usage", "Usage", "Usage", "Tax", "Credit", "Refund", "SavingsPlanCoveredUsage", "EdpDiscount"]);
      const size = new Big(next(1_000_000_000)).div(10 ** 10).plus(next(40));
      const negative = type === "Credit" || type === "Refund" || type === "EdpDiscount";
      return {
        hour: `${day}T${String(next(24)).padStart(2, "0")}`,
        type,
        productCode,
        usageType,
        region: type === "Tax" ? "" : pick(["us-east-1", "us-west-2", ""]),
        tags: pick(tagged),
        currency: next(10) === 0 ? "EUR" : "USD",
        amount: (negative ? size.times(-1) : size).toFixed(),
        quantity: size.times(1_000).round(4).toFixed(),
        ...(type === "SavingsPlanCoveredUsage" ? { effective: size.div(2).round(10).toFixed() } : {}),
      };
    }),
  );
}
