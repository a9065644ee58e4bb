/** Days that no bill was read of: nothing is known of what they cost, which is not that they cost nothing. */
import { addDays } from "../actual/period.ts";
import type { CostReport } from "./report.ts";

/** Days of which no tenant's bill was read. */
export function unreadDays({ sources }: Pick<CostReport, "sources">): Set<string> {
  const [first, ...others] = sources.map(({ unread }) => new Set(unread));
  return new Set([...(first ?? [])].filter((day) => others.every((unread) => unread.has(day))));
}

/** Tenants' parts of accounts that they share are here, and what is no tenant's of them is not: only its accounts' whole bills tell that. */
export const restUnread = ({ sources, currencies }: Pick<CostReport, "sources" | "currencies">): boolean =>
  sources.length > 1 && sources.some(({ tags }) => tags.TenantId !== undefined) && currencies.every(({ accounts }) => accounts.length === 0);

/** Days of a tenant's that follow each other, the last one included. */
export interface UnreadDays extends DaySpan {
  tenantId: string;
}
interface DaySpan {
  from: string;
  to: string;
}

export function daySpans(days: readonly string[]): DaySpan[] {
  const spans: DaySpan[] = [];
  for (const day of days.toSorted()) {
    const last = spans.at(-1);
    if (last && addDays(last.to, 1) === day) last.to = day;
    else spans.push({ from: day, to: day });
  }
  return spans;
}

/** `2026-10-03, 2026-10-05 to 2026-10-09`. */
export const daysText = (days: readonly string[]): string => spansText(daySpans(days));
export const spansText = (spans: readonly DaySpan[]): string => spans.map(({ from, to }) => (from === to ? from : `${from} to ${to}`)).join(", ");
