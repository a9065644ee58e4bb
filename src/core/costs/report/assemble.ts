/** A report from what AWS billed and what the books know: decides nothing by itself, and its parts add up to the bill. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";
import { breakdown, type CurrencyCosts } from "../actual/breakdown.ts";
import type { KeptAnswer, Metric } from "../actual/cost-source.ts";
import { addDays, periodsOf } from "../actual/period.ts";
import { dollarsFirst } from "../currencies.ts";
import { type BookedDay, bookedDays } from "./booked-days.ts";
import { checkedReport } from "./check.ts";
import type { ReportMonth } from "./month.ts";
import type { Booking, CostReport, CurrencyReport, DayPart, ProjectPart, ReportBooks, ServicePart, TenantPart, UserPart } from "./report.ts";

/** One tenant's answers, each day by day. */
export interface TenantFacts {
  tenantId: string;
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

/** What estimates and limits are in. */
const bookCurrency = "USD";

/** Errors: `costs.disagree` (external), `report.sums` (bug). */
export function assembleReport(facts: readonly TenantFacts[], { month, metric }: { month: ReportMonth; metric: Metric }, now: Date): CostReport {
  const days = periodsOf(month, "day");
  const parts = facts.map((tenant) => tenantReport(tenant, days, now));
  const currencies = new Set(parts.flatMap((part) => [...part.keys()]));
  const answers = facts.flatMap(({ byService, byProject, byUser }) => [byService, byProject, byUser]);
  return checkedReport({
    month: month.month,
    from: month.from,
    to: addDays(month.until, -1),
    metric,
    madeAt: now.toISOString(),
    open: month.running || answers.some(({ estimatedFrom }) => estimatedFrom !== null) || facts.some(({ unread = [] }) => unread.length > 0),
    sources: facts.map(({ tenantId, tags, byService, byProject, byUser, unread = [], removed = false }) => {
      const [askedAt = byService.askedAt] = [byService, byProject, byUser].map((answer) => answer.askedAt).sort();
      return { tenantId, removed, source: unread.length === days.length ? null : byService.source, askedAt, tags, unread };
    }),
    currencies: dollarsFirst(
      [...currencies].map((currency) => together(parts.flatMap((part) => part.get(currency) ?? []))),
      ({ total }) => total,
    ),
  });
}

/** By currency. */
function tenantReport(tenant: TenantFacts, days: readonly string[], now: Date): Map<string, CurrencyReport> {
  const booked = bookedDays(tenant.books.bookings, days, now);
  const tables = (answer: KeptAnswer): Map<string, CurrencyCosts> =>
    new Map(breakdown({ current: answer.amounts, previous: [] }, days, { restShown: false }).map((table) => [table.currency, table]));
  const [services, projects, users] = [tables(tenant.byService), tables(tenant.byProject), tables(tenant.byUser)];
  const billed = [...services.keys(), ...projects.keys(), ...users.keys()];
  const currencies = new Set([...billed, ...(booked.length > 0 ? [bookCurrency] : [])]);
  return new Map(
    [...currencies].map((currency) => {
      const table = (of: Map<string, CurrencyCosts>): CurrencyCosts => of.get(currency) ?? nothing(currency, days);
      return [currency, currencyReport(tenant, { services: table(services), projects: table(projects), users: table(users) }, booked, days)];
    }),
  );
}

function currencyReport(
  tenant: TenantFacts,
  { services, projects, users }: Record<"services" | "projects" | "users", CurrencyCosts>,
  booked: readonly BookedDay[],
  days: readonly string[],
): CurrencyReport {
  const { tenantId, books } = tenant;
  const { currency, total } = services;
  const counted = currency === bookCurrency ? booked : [];
  const estimates = {
    projects: estimatesBy(counted, ({ booking }) => booking.projectId),
    users: estimatesBy(counted, ({ booking }) => booking.userId),
    days: estimatesBy(counted, ({ day }) => day),
  };
  const estimateOf = (of: Map<string, string>, key: string | null): string | null => (currency === bookCurrency && key !== null ? (of.get(key) ?? "0") : null);
  const ofProject = grouped(books.bookings, ({ projectId }) => projectId);
  const ofUser = grouped(books.bookings, ({ userId }) => userId);
  const limits = new Map(books.limits.map(({ userId, userMonthlyCents }) => [userId, new Big(userMonthlyCents).div(100).toFixed()]));
  const rounding = (table: CurrencyCosts, what: string): string => {
    const rest = new Big(total).minus(table.total);
    const figures = days.length * (services.rows.length + table.rows.length) * kinds;
    if (rest.abs().gt(new Big(figures).times(roundedTo))) throw disagree(tenantId, currency, { total, other: table.total, what });
    return rest.toFixed();
  };
  const unallocated = projects.rows.find(({ key }) => key === null)?.total ?? "0";
  const estimate = currency === bookCurrency ? sumOf([...estimates.days.values()]) : null;
  return {
    currency,
    total,
    byKind: services.byKind,
    estimate,
    unallocated,
    tenants: [{ tenantId, total, estimate, unallocated, rounding: { projects: rounding(projects, "project"), users: rounding(users, "user") } }],
    projects: keysOf(projects, estimates.projects).map(([projectId, cost]): ProjectPart => {
      const bookings = projectId === null ? [] : (ofProject.get(projectId) ?? []);
      return {
        tenantId,
        projectId,
        users: [...new Set(bookings.map(({ userId }) => userId))].sort(),
        total: cost,
        estimate: estimateOf(estimates.projects, projectId),
        booking: projectId === null ? null : bookingState(bookings),
      };
    }),
    users: keysOf(users, estimates.users).map(([userId, cost]): UserPart => {
      const bookings = userId === null ? [] : (ofUser.get(userId) ?? []);
      return {
        tenantId,
        userId,
        projects: new Set(bookings.map(({ projectId }) => projectId)).size,
        total: cost,
        estimate: estimateOf(estimates.users, userId),
        limit: currency === bookCurrency && userId !== null ? (limits.get(userId) ?? null) : null,
      };
    }),
    services: services.rows.map(({ key, total: cost }): ServicePart => ({ tenantId, service: key, total: cost })),
    days: services.series.map(({ period, amount }): DayPart => ({ day: period, total: amount, estimate: estimateOf(estimates.days, period) })),
  };
}

/** Cost Explorer gives each figure with ten decimals. */
const roundedTo = "0.0000000001";
/** Figures of one day and group: usage, tax, credit, refund. */
const kinds = 4;

/** What was billed, and what was booked and cost nothing. */
function keysOf({ rows }: CurrencyCosts, booked: Map<string, string>): [string | null, string][] {
  const billed = new Map(rows.map(({ key, total }) => [key, total]));
  for (const key of booked.keys()) if (!billed.has(key)) billed.set(key, "0");
  return [...billed];
}

function estimatesBy(booked: readonly BookedDay[], keyOf: (day: BookedDay) => string): Map<string, string> {
  const sums = new Map<string, Big>();
  for (const one of booked) sums.set(keyOf(one), (sums.get(keyOf(one)) ?? new Big(0)).plus(one.dollars));
  return new Map([...sums].map(([key, sum]) => [key, sum.toFixed()]));
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const known = groups.get(keyOf(one));
    if (known) known.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

const bookingState = (bookings: readonly Booking[]): ProjectPart["booking"] =>
  bookings.length === 0 ? "unknown" : bookings.some(({ endedAt }) => endedAt === null) ? "stands" : "ended";

const sumOf = (amounts: readonly string[]): string => amounts.reduce((sum, amount) => sum.plus(amount), new Big(0)).toFixed();

const nothing = (currency: string, days: readonly string[]): CurrencyCosts => ({
  currency,
  total: "0",
  previous: "0",
  change: null,
  byKind: { usage: "0", tax: "0", credit: "0", refund: "0" },
  rows: [],
  series: days.map((period) => ({ period, amount: "0" })),
});

/** Several tenants' parts of one currency. */
function together(parts: CurrencyReport[]): CurrencyReport {
  const [first, ...others] = parts as [CurrencyReport, ...CurrencyReport[]];
  const sum = (of: (part: CurrencyReport) => string): string => sumOf(parts.map(of));
  const estimate = (of: (part: CurrencyReport) => string | null): string | null => {
    const known = parts.map(of).filter((one) => one !== null);
    return known.length === 0 ? null : sumOf(known);
  };
  return {
    currency: first.currency,
    total: sum(({ total }) => total),
    byKind: {
      usage: sum(({ byKind }) => byKind.usage),
      tax: sum(({ byKind }) => byKind.tax),
      credit: sum(({ byKind }) => byKind.credit),
      refund: sum(({ byKind }) => byKind.refund),
    },
    estimate: estimate((part) => part.estimate),
    unallocated: sum(({ unallocated }) => unallocated),
    tenants: parts.flatMap(({ tenants }) => tenants).sort(dearestFirst<TenantPart>(({ tenantId }) => tenantId)),
    projects: parts.flatMap(({ projects }) => projects).sort(dearestFirst<ProjectPart>(({ projectId }) => projectId)),
    users: parts.flatMap(({ users }) => users).sort(dearestFirst<UserPart>(({ userId }) => userId)),
    services: parts.flatMap(({ services }) => services).sort(dearestFirst<ServicePart>(({ service }) => service)),
    days:
      others.length === 0
        ? first.days
        : first.days.map(({ day }, at) => ({
            day,
            total: sum(({ days }) => days[at]?.total ?? "0"),
            estimate: estimate(({ days }) => days[at]?.estimate ?? null),
          })),
  };
}

const dearestFirst =
  <Part extends { tenantId: string; total: string }>(keyOf: (part: Part) => string | null) =>
  (one: Part, other: Part): number => {
    const [a, b] = [keyOf(one), keyOf(other)];
    if ((a === null) !== (b === null)) return a === null ? 1 : -1;
    return new Big(other.total).cmp(one.total) || ((a ?? "") < (b ?? "") ? -1 : (a ?? "") > (b ?? "") ? 1 : one.tenantId < other.tenantId ? -1 : 1);
  };

const disagree = (tenantId: string, currency: string, { total, other, what }: { total: string; other: string; what: string }): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.disagree",
    message: `AWS gives two sums for ${tenantId}: ${total} ${currency} by service, and ${other} ${currency} by ${what}; it changed them between the questions`,
    hint: "ask for all of it again, and of one source: chartctl costs report --refresh --source ce",
    details: { tenantId, currency, total, other },
  });
