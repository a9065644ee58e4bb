/** A tenant's bill of some days, as it was read once and is kept in the books. */
import type { AnswerPrice, CostAmount, Period } from "../actual/cost-source.ts";

/** How the books group a bill. */
export type Dimension = "project" | "service";

/** By month and project's key; what isn't use (taxes, credits, refunds, fees) is in the days alone. */
export interface BilledUsage extends Period {
  source: "ce" | "cur";
  amounts: UsageAmount[];
}
export interface UsageAmount extends CostAmount {
  key: string;
  kind: "usage";
  used: { type: string; quantity: string; service: string | null };
}

/** Unblended, by day. */
export interface Bill extends Period {
  source: "ce" | "cur";
  /** From this day on AWS may still change it; null when all is settled. */
  openFrom: string | null;
  /** The key is the project's key (tag ProjectKey): unlike its id, no other project ever has the same. */
  byProject: CostAmount[];
  byService: CostAmount[];
  /** What was used, in months that are over; undefined: it wasn't asked for. */
  usage?: BilledUsage | undefined;
  /** What reading it cost. */
  price: AnswerPrice;
}
