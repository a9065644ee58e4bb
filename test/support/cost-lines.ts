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
  /** Columns of the report, by AWS's names: what it has besides; null where it is empty. */
  written?: Record<string, number | string | null>;
  /** What Cost Explorer says that it cost, by its name of the metric, where that isn't the amount. */
  told?: Record<string, string>;
}

/** What a line cost, as Cost Explorer tells it. */
export const costOf = ({ amount, effective = amount, told = {} }: BillLine, metric: string): string =>
  told[metric] ?? (/Amortized/.test(metric) ? effective : amount);

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

/**
 * A line of each type that commitments make, and of what discounts change: by hand, after the CUR user guide's "Understanding your
 * amortized reservation data" and "Understanding Savings Plans".
 */
export const commitmentLines = (day: string): BillLine[] =>
  (
    [
      ["Usage", "10", { line_item_net_unblended_cost: 8, line_item_blended_cost: 9 }, ["10", "8", "8", "9"]],
      [
        "DiscountedUsage",
        "0.5",
        { line_item_net_unblended_cost: 0.4, line_item_blended_cost: 0.6, reservation_effective_cost: 3, reservation_net_effective_cost: 2.5 },
        ["3", "0.4", "2.5", "0.6"],
      ],
      [
        "RIFee",
        "7",
        {
          line_item_net_unblended_cost: 6,
          line_item_blended_cost: 7.1,
          reservation_unused_amortized_upfront_fee_for_billing_period: 1.25,
          reservation_unused_recurring_fee: 0.75,
          reservation_net_unused_amortized_upfront_fee_for_billing_period: 1,
          reservation_net_unused_recurring_fee: 0.5,
        },
        ["2", "6", "1.5", "7.1"],
      ],
      // Without upfront payment, and without a discount.
      ["RIFee", "4", { reservation_unused_recurring_fee: 0.3 }, ["0.3", "4", "0.3", "4"]],
      [
        "Fee",
        "100",
        { line_item_net_unblended_cost: 90, reservation_reservation_a_r_n: "arn:aws:ec2:us-east-1:111122223333:reserved-instances/r" },
        ["0", "90", "0", "100"],
      ],
      ["Fee", "5", { line_item_net_unblended_cost: 4.5 }, ["5", "4.5", "4.5", "5"]],
      [
        "SavingsPlanCoveredUsage",
        "20",
        { line_item_net_unblended_cost: 18, savings_plan_savings_plan_effective_cost: 12, savings_plan_net_savings_plan_effective_cost: 11 },
        ["12", "18", "11", "20"],
      ],
      ["SavingsPlanNegation", "-20", { line_item_net_unblended_cost: -18 }, ["0", "-18", "0", "-20"]],
      [
        "SavingsPlanRecurringFee",
        "15",
        { line_item_net_unblended_cost: 14, savings_plan_total_commitment_to_date: 13, savings_plan_used_commitment: 12.25 },
        ["0.75", "14", "0.75", "15"],
      ],
      ["SavingsPlanUpfrontFee", "50", { line_item_net_unblended_cost: 45 }, ["0", "45", "0", "50"]],
      // AWS leaves it empty for discounts.
      ["EdpDiscount", "-1.5", { line_item_blended_cost: null }, ["-1.5", "-1.5", "-1.5", "0"]],
    ] as [string, string, Record<string, number | string | null>, [string, string, string, string]][]
  ).map(([type, amount, written, [AmortizedCost, NetUnblendedCost, NetAmortizedCost, BlendedCost]]) => ({
    hour: `${day}T05`,
    type,
    productCode: "AmazonEC2",
    usageType: "BoxUsage:t4g.nano",
    region: "us-east-1",
    tags: { TenantId: "acme", ProjectId: "sales", UserId: "ann" },
    currency: "USD",
    amount,
    written,
    told: { AmortizedCost, NetUnblendedCost, NetAmortizedCost, BlendedCost },
  }));
