/** What a month did cost, as every view of it shows it. Amounts are decimals; nothing is rounded but what says so. */
import type { LineKind, Metric } from "../actual/cost-source.ts";
import type { BookedEstimate } from "../booked-estimates.ts";

/** One project's booking, as the books have it: ended ones, too. */
export interface Booking {
  projectId: string;
  userId: string;
  /** Oldest first; the first one since it was booked. */
  estimates: BookedEstimate[];
  /** Null: it stands. */
  endedAt: string | null;
}
/** What the books know about a tenant's month. */
export interface ReportBooks {
  bookings: Booking[];
  /** Cents a month that a user may use, by what holds now. */
  limits: { userId: string; userMonthlyCents: number }[];
  /** The same of a user who is not among them; null: what is no tenant's has no limits. */
  othersMonthlyCents: number | null;
}

export interface ProjectPart {
  /** Null, here and below: what no tenant is named for, of accounts that several share. */
  tenantId: string | null;
  /** Null: costs that carry no such tag. */
  projectId: string | null;
  /** Whose it was in this month: none, when the books don't know it. */
  users: string[];
  total: string;
  /** Null, of users too: nothing was booked for it, which isn't to say that it was booked at nothing. */
  estimate: string | null;
  /** `unknown`: billed, and in no book. */
  booking: "stands" | "ended" | "unknown" | null;
}
export interface UserPart {
  tenantId: string | null;
  userId: string | null;
  projects: number;
  total: string;
  estimate: string | null;
  /** Of the quota; null where there is none, or another currency. */
  limit: string | null;
}
export interface ServicePart {
  tenantId: string | null;
  service: string | null;
  total: string;
}
export interface TenantPart {
  tenantId: string | null;
  total: string;
  estimate: string | null;
  /** Of the total: what no project is named for. */
  unallocated: string;
  /** AWS rounds each figure that it gives to ten decimals: by how much these add up to less than the bill. */
  rounding: { projects: string; users: string };
}
/** An account's bill: each counts once, however many tenants are in it. */
export interface AccountPart {
  /** Null: the operator's own. */
  accountId: string | null;
  tenants: string[];
  total: string;
  /** Of the total: what no tenant is named for. */
  rest: string;
}
export interface DayPart {
  day: string;
  total: string;
  estimate: string | null;
}
/** Currencies are never added to each other. */
export interface CurrencyReport {
  currency: string;
  total: string;
  byKind: Record<LineKind, string>;
  /** Of what was booked, for the time that it stood, in dollars; null for another currency, and where nothing was booked. */
  estimate: string | null;
  unallocated: string;
  /** Of every tenant's account; empty where not all of them were asked for. */
  accounts: AccountPart[];
  /** Dearest first, and what belongs to nobody last. */
  tenants: TenantPart[];
  projects: ProjectPart[];
  users: UserPart[];
  services: ServicePart[];
  days: DayPart[];
}

/** Where a tenant's figures come from. */
export interface ReportSource {
  /** Null: of an account that tenants share, what carries none of their tags. */
  tenantId: string | null;
  /** It was removed since; what it cost stays in the sums. */
  removed: boolean;
  /** Null: none of these days was read. */
  source: "ce" | "cur" | null;
  askedAt: string;
  /** Days that the platform's books have no bill of; whoever asks AWS has all. */
  unread: string[];
  /** Only what carries these was counted. */
  tags: Record<string, string>;
}

export interface CostReport {
  month: string;
  from: string;
  /** The last day that is counted. */
  to: string;
  metric: Metric;
  madeAt: string;
  /** AWS may still change the figures. */
  open: boolean;
  sources: ReportSource[];
  currencies: CurrencyReport[];
}
