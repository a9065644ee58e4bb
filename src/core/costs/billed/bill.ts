/** A tenant's bill of some days, as it was read once and is kept in the books. */
import type { AnswerPrice, CostAmount, Period } from "../actual/cost-source.ts";

/** How the books group a bill. */
export type Dimension = "project" | "service";

/** Unblended, by day. */
export interface Bill extends Period {
  source: "ce" | "cur";
  /** From this day on AWS may still change it; null when all is settled. */
  openFrom: string | null;
  /** The key is the project's key (tag ProjectKey): unlike its id, no other project ever has the same. */
  byProject: CostAmount[];
  byService: CostAmount[];
  /** What reading it cost. */
  price: AnswerPrice;
}
