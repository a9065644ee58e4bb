/** What a report's file is called where nobody names it. Null: of every tenant. */
export const reportFileName = (tenantId: string | null, month: string, format: string): string =>
  `chartctl-costs-${tenantId ?? "all-tenants"}-${month}.${format}`;
