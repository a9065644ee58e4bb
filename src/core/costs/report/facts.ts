/** What a report is made of: what AWS and the books said of each tenant, and of accounts. */
import type { KeptAnswer } from "../actual/cost-source.ts";
import type { ReportBooks } from "./report.ts";

/** One tenant's answers, each day by day. */
export interface TenantFacts {
  /** Null: what of shared accounts is no tenant's. */
  tenantId: string | null;
  tags: Record<string, string>;
  byService: KeptAnswer;
  byProject: KeptAnswer;
  byUser: KeptAnswer;
  books: ReportBooks;
  /** Days of which nothing is known: none, where AWS was asked. */
  unread?: string[];
  /** The books may still have what it cost. */
  removed?: boolean;
}

export type Answers = Pick<TenantFacts, "byService" | "byProject" | "byUser">;

export interface AccountFacts {
  accountId: string | null;
  tenants: string[];
  /** Null: one tenant's alone, whose bill is the account's. */
  shared: {
    /** The whole bill, by the tag that names tenants. */
    byTenant: KeptAnswer;
    /** The whole bill; null where all of it is its tenants'. */
    whole: Answers | null;
  } | null;
}
