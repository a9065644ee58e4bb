/** A report from what AWS billed and what the books know: decides nothing by itself, and its parts add up to the bill. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";
import { breakdown, type CurrencyCosts } from "../actual/breakdown.ts";
import type { KeptAnswer, Metric } from "../actual/cost-source.ts";
import { addDays, openFrom, periodsOf } from "../actual/period.ts";
import { dollarsFirst } from "../currencies.ts";
import { type BookedDay, bookedDays } from "./booked-days.ts";
import { checkedReport } from "./check.ts";
import type { AccountFacts, Answers, TenantFacts } from "./facts.ts";
import type { ReportMonth } from "./month.ts";
import type { AccountPart, Booking, CostReport, CurrencyReport, DayPart, ProjectPart, ReportSource, ServicePart, TenantPart, UserPart } from "./report.ts";
import { restOf, sumIn } from "./rest.ts";
import { roundedTo } from "./rounding.ts";

/** What estimates and limits are in. */
const bookCurrency = "USD";

interface Asked {
  month: ReportMonth;
  metric: Metric;
  /** Of all tenants, each with its bill: none where they weren't asked for. */
  accounts?: readonly AccountFacts[];
}

/** Errors: `costs.disagree` (external), `report.sums` (bug). */
export function assembleReport(tenants: readonly TenantFacts[], { month, metric, accounts = [] }: Asked, now: Date): CostReport {
  const days = periodsOf(month, "day");
  const rests = accounts.map((account) => restOf(account, tenants));
  const facts = [...tenants, ...togetherRest(rests)];
  const parts = facts.map((tenant) => tenantReport(tenant, days, now));
  const currencies = new Set(parts.flatMap((part) => [...part.keys()]));
  const answers = [...facts.flatMap(answersOf), ...accounts.flatMap(({ shared }) => shared?.byTenant ?? [])];
  return checkedReport({
    month: month.month,
    from: month.from,
    to: addDays(month.until, -1),
    metric,
    madeAt: now.toISOString(),
    open: openFrom(month, "day", now) !== null || answers.some(({ estimatedFrom }) => estimatedFrom !== null),
    sources: [
      ...tenants.map(({ tenantId, tags, byService, unread = [], removed = false, ...others }): ReportSource => {
        const askedAt = oldest(answersOf({ byService, ...others }));
        return { tenantId, removed, source: unread.length === days.length ? null : byService.source, askedAt, tags, unread };
      }),
      ...rests.flatMap((rest): ReportSource[] =>
        rest ? [{ tenantId: null, removed: false, source: rest.byService.source, askedAt: oldest(answersOf(rest)), tags: {}, unread: [] }] : [],
      ),
    ],
    currencies: dollarsFirst(
      [...currencies].map((currency) => {
        const of = parts.flatMap((part) => part.get(currency) ?? []);
        return { ...together(of), accounts: accountParts(accounts, rests, of) };
      }),
      ({ total }) => total,
    ),
  });
}

const answersOf = ({ byService, byProject, byUser }: Answers): KeptAnswer[] => [byService, byProject, byUser];
const oldest = (answers: readonly KeptAnswer[]): string => answers.map(({ askedAt }) => askedAt).sort()[0] ?? "";

/** Of several accounts one rest: the accounts say which of it is whose. */
function togetherRest(rests: readonly (TenantFacts | null)[]): TenantFacts[] {
  const given = rests.filter((rest) => rest !== null);
  const [first] = given;
  if (!first) return [];
  const all = (of: (rest: TenantFacts) => KeptAnswer): KeptAnswer => ({ ...of(first), amounts: given.flatMap((rest) => of(rest).amounts) });
  return [{ ...first, byService: all(({ byService }) => byService), byProject: all(({ byProject }) => byProject), byUser: all(({ byUser }) => byUser) }];
}

function accountParts(accounts: readonly AccountFacts[], rests: readonly (TenantFacts | null)[], parts: readonly CurrencyReport[]): AccountPart[] {
  const [{ currency } = { currency: "" }] = parts;
  const ofTenants = new Map(parts.flatMap(({ tenants }) => tenants).map(({ tenantId, total }) => [tenantId, total]));
  return accounts
    .map(({ accountId, tenants }, at): AccountPart => {
      const rest = sumIn(rests[at]?.byService.amounts ?? [], currency);
      return { accountId, tenants, total: rest.plus(sumOf(tenants.map((id) => ofTenants.get(id) ?? "0"))).toFixed(), rest: rest.toFixed() };
    })
    .sort((one, other) => new Big(other.total).cmp(one.total));
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
  const isEstimated = counted.length > 0;
  const estimates = {
    projects: estimatesBy(counted, ({ booking }) => booking.projectId),
    users: estimatesBy(counted, ({ booking }) => booking.userId),
    days: estimatesBy(counted, ({ day }) => day),
  };
  /** What nothing was booked for has none, which isn't one of nothing. */
  const estimateOf = (of: Map<string, string>, key: string | null): string | null => (key === null ? null : (of.get(key) ?? null));
  const ofProject = grouped(books.bookings, ({ projectId }) => projectId);
  const ofUser = grouped(books.bookings, ({ userId }) => userId);
  const dollarsOf = (cents: number): string => new Big(cents).div(100).toFixed();
  const limits = new Map(books.limits.map(({ userId, userMonthlyCents }) => [userId, dollarsOf(userMonthlyCents)]));
  const usualLimit = books.othersMonthlyCents === null ? null : dollarsOf(books.othersMonthlyCents);
  const rounding = (table: CurrencyCosts, what: string): string => {
    const rest = new Big(total).minus(table.total);
    const figures = days.length * (services.rows.length + table.rows.length) * kinds;
    if (rest.abs().gt(new Big(figures).times(roundedTo))) throw disagree(tenantId, currency, { total, other: table.total, what });
    return rest.toFixed();
  };
  const unallocated = projects.rows.find(({ key }) => key === null)?.total ?? "0";
  const estimate = isEstimated ? sumOf([...estimates.days.values()]) : null;
  return {
    currency,
    total,
    byKind: services.byKind,
    estimate,
    unallocated,
    accounts: [],
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
        limit: currency === bookCurrency && userId !== null ? (limits.get(userId) ?? usualLimit) : null,
      };
    }),
    services: services.rows.map(({ key, total: cost }): ServicePart => ({ tenantId, service: key, total: cost })),
    days: services.series.map(
      ({ period, amount }): DayPart => ({ day: period, total: amount, estimate: isEstimated ? (estimates.days.get(period) ?? "0") : null }),
    ),
  };
}

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
    accounts: [],
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
  <Part extends { tenantId: string | null; total: string }>(keyOf: (part: Part) => string | null) =>
  (one: Part, other: Part): number => {
    const [a, b] = [keyOf(one), keyOf(other)];
    if ((a === null) !== (b === null)) return a === null ? 1 : -1;
    return (
      new Big(other.total).cmp(one.total) || ((a ?? "") < (b ?? "") ? -1 : (a ?? "") > (b ?? "") ? 1 : (one.tenantId ?? "~") < (other.tenantId ?? "~") ? -1 : 1)
    );
  };

const disagree = (tenantId: string | null, currency: string, { total, other, what }: { total: string; other: string; what: string }): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.disagree",
    message: `AWS gives two sums for ${tenantId ?? "what is no tenant's"}: ${total} ${currency} by service, and ${other} ${currency} by ${what}; it changed them between the questions`,
    hint: "ask for all of it again, and of one source: chartctl costs report --refresh --source ce",
    details: { tenantId, currency, total, other },
  });
