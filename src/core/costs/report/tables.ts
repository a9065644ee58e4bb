/** A report as tables of typed cells: what is text is never taken for a number or a formula, whatever program opens it. */
import Big from "big.js";
import type { AccountPart, CostReport, CurrencyReport, ReportSource } from "./report.ts";
import { daysText, restUnread, unreadDays } from "./unread.ts";

/** Amounts are decimals, exact; a ratio is a part of one. */
export type Cell = string | null | { amount: string; currency: string } | { day: string } | { ratio: string } | { count: number };

export interface TableColumn {
  title: string;
  kind: "text" | "amount" | "day" | "ratio" | "count" | "exact";
  /** In characters of the digits' width. */
  width: number;
}
export interface ReportTable {
  name: string;
  columns: TableColumn[];
  rows: Iterable<Cell[]> | AsyncIterable<Cell[]>;
}

export const restNames = {
  tenant: "(no tenant)",
  project: "(no project)",
  user: "(no user)",
  service: "(no service named)",
  rounding: "(AWS's rounding)",
  unsplit: "(not by project)",
};

const text = (title: string, width: number): TableColumn => ({ title, kind: "text", width });
const amount = (title: string): TableColumn => ({ title, kind: "amount", width: 14 });
const share: TableColumn = { title: "Share", kind: "ratio", width: 9 };
const currencyColumn = text("Currency", 10);
const tenantColumn = text("Tenant", 18);
/** A spreadsheet's numbers have 15 digits; this text has all that AWS gave. */
const exact: TableColumn = { title: "Actual, exact", kind: "exact", width: 20 };

/** What it is about, from where, and how exact: the first sheet. */
function aboutTable(report: CostReport): ReportTable {
  const { month, from, to, metric, madeAt, open, sources, currencies } = report;
  const facts: [string, Cell][] = [
    ["Report", `What AWS billed in ${month}`],
    ["First day (UTC)", { day: from }],
    ["Last day (UTC)", { day: to }],
    ["Figures", open ? "open: AWS may still change them" : "of a month that is over"],
    ["Cost", metric],
    ...sources.map((source): [string, Cell] => [source.tenantId === null ? tenantName(null) : `Tenant ${source.tenantId}`, sourceText(source)]),
    ...(restUnread(report) ? [[tenantName(null), restUnreadNote] satisfies [string, Cell]] : []),
    ...currencies.flatMap(({ currency, total, estimate, unallocated, byKind }): [string, Cell][] => [
      [`Total, ${currency}`, { amount: total, currency }],
      [`Total, ${currency}, exact`, total],
      ...(["tax", "credit", "refund"] as const)
        .filter((kind) => !new Big(byKind[kind]).eq(0))
        .map((kind): [string, Cell] => [`${kind}, ${currency}`, { amount: byKind[kind], currency }]),
      [`No project, ${currency}`, { amount: unallocated, currency }],
      ...(estimate === null ? [] : [[`Estimate, ${currency}`, { amount: estimate, currency }] satisfies [string, Cell]]),
    ]),
    ...(currencies.length > 1 ? [["Currencies", "are never added to each other"] satisfies [string, Cell]] : []),
    ["Exactness", "Amounts are a spreadsheet's numbers (15 digits), shown with their currency's decimals: less than half a cent as 0.00."],
    ["", "“Actual, exact” is the same as text, with every decimal that AWS gave."],
    ["Estimate", estimateNote],
    ["Quota", quotaNote],
    ["Made", minuteOf(madeAt)],
  ];
  return { name: "About", columns: [text("About", 24), text("", 84)], rows: facts };
}

export const estimateNote = "of what the books had, by the time that each project stood (730 hours a month)";
export const quotaNote = "the user's limit a month that holds now";
export const restUnreadNote = "in accounts that tenants share, what carries none of their tags: not read, and not counted";
/** No tenant's id is in brackets. */
export const tenantName = (tenantId: string | null): string => tenantId ?? restNames.tenant;
export const accountName = ({ accountId }: AccountPart): string => accountId ?? "(the operator's own)";
const minuteOf = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;
export function sourceText({ tenantId, removed, source, askedAt, tags, unread }: ReportSource): string {
  const only = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const since = removed ? ["removed since: nobody reads its bill any more"] : [];
  if (source === null) return ["no bill of these days was read: what they cost is not known", ...since].join("; ");
  return [
    `${source === "ce" ? "Cost Explorer" : "Cost and Usage Report"}, asked ${minuteOf(askedAt)}`,
    ...(tenantId === null ? ["in an account that tenants share, what carries none of their tags"] : []),
    ...(only.length > 0 ? [`only what is tagged ${only.join(", ")}`] : []),
    ...(unread.length > 0 ? [`not read, and not counted: ${daysText(unread)}`] : []),
    ...since,
  ].join("; ");
}

/** Each part of the report is a table, with all currencies in it. */
function reportTables(report: CostReport): ReportTable[] {
  const unread = unreadDays(report);
  const removed = removedTenants(report);
  const rows = <T>(of: (currency: CurrencyReport) => T[], cells: (part: T, currency: CurrencyReport) => Cell[]): Cell[][] =>
    report.currencies.flatMap((currency) => of(currency).map((part) => cells(part, currency)));
  const accounts: ReportTable = {
    name: "Accounts",
    columns: [text("Account", 22), text("Tenants", 38), currencyColumn, amount("Actual"), exact, amount("No tenant")],
    rows: rows(
      ({ accounts }) => accounts,
      (part, { currency }) => [
        accountName(part),
        part.tenants.join(", "),
        currency,
        { amount: part.total, currency },
        part.total,
        { amount: part.rest, currency },
      ],
    ),
  };
  return [
    ...(report.currencies.some(({ accounts }) => accounts.length > 0) ? [accounts] : []),
    {
      name: "Tenants",
      columns: [tenantColumn, currencyColumn, amount("Actual"), exact, amount("Estimate"), amount("Difference"), amount("Unallocated"), text("State", 10)],
      rows: rows(
        ({ tenants }) => tenants,
        ({ tenantId, total, estimate, unallocated }, { currency }) => [
          tenantName(tenantId),
          currency,
          ...compared(total, estimate, currency),
          { amount: unallocated, currency },
          tenantId !== null && removed.has(tenantId) ? removedWord : "",
        ],
      ),
    },
    {
      name: "Projects",
      columns: [
        tenantColumn,
        text("Project", 26),
        text("Users", 22),
        text("Booking", 10),
        currencyColumn,
        amount("Actual"),
        exact,
        amount("Estimate"),
        amount("Difference"),
        share,
      ],
      rows: rows(
        ({ projects, tenants }) => [...projects, ...roundings(tenants, "projects")],
        (part, { currency, total: all }) => {
          const { tenantId, total, estimate } = part;
          const [name, users, booking] =
            "rounding" in part ? [restNames.rounding, "", null] : [part.projectId ?? restNames.project, part.users.join(", "), part.booking];
          return [
            tenantName(tenantId),
            name,
            users,
            booking === "unknown" ? "in no book" : booking,
            currency,
            ...compared(total, estimate, currency),
            shareOf(total, all),
          ];
        },
      ),
    },
    {
      name: "Users",
      columns: [
        tenantColumn,
        text("User", 26),
        { title: "Projects", kind: "count", width: 10 },
        currencyColumn,
        amount("Actual"),
        exact,
        amount("Estimate"),
        amount("Difference"),
        amount("Quota"),
        { title: "Of quota", kind: "ratio", width: 10 },
        share,
      ],
      rows: rows(
        ({ users, tenants }) => [...users, ...roundings(tenants, "users")],
        (part, { currency, total: all }) => {
          const { tenantId, total, estimate } = part;
          const [name, projects, limit] =
            "rounding" in part
              ? [restNames.rounding, null, null]
              : [part.userId ?? restNames.user, part.userId === null ? null : { count: part.projects }, part.limit];
          const quota = limit === null ? [null, null] : [{ amount: limit, currency }, shareOf(total, limit)];
          return [tenantName(tenantId), name, projects, currency, ...compared(total, estimate, currency), ...quota, shareOf(total, all)];
        },
      ),
    },
    {
      name: "Services",
      columns: [tenantColumn, text("Service", 38), currencyColumn, amount("Actual"), exact, share],
      rows: rows(
        ({ services }) => services,
        ({ tenantId, service, total }, { currency, total: all }) => [
          tenantName(tenantId),
          service ?? restNames.service,
          currency,
          { amount: total, currency },
          total,
          shareOf(total, all),
        ],
      ),
    },
    {
      name: "Days",
      columns: [{ title: "Day (UTC)", kind: "day", width: 12 }, currencyColumn, amount("Actual"), exact, amount("Estimate"), amount("Difference")],
      rows: rows(
        ({ days }) => days,
        ({ day, total, estimate }, { currency }) =>
          unread.has(day)
            ? [{ day }, currency, null, "not read", estimate === null ? null : { amount: estimate, currency }, null]
            : [{ day }, currency, ...compared(total, estimate, currency)],
      ),
    },
  ];
}

/** What a tenant is that isn't there any more. */
export const removedWord = "removed";
export const removedTenants = ({ sources }: Pick<CostReport, "sources">): ReadonlySet<string> =>
  new Set(sources.flatMap(({ removed, tenantId }) => (removed && tenantId !== null ? [tenantId] : [])));

/** What AWS's figures lack to the bill, because each is rounded by itself. */
export const roundings = (tenants: CurrencyReport["tenants"], table: "projects" | "users") =>
  tenants
    .filter(({ rounding }) => !new Big(rounding[table]).eq(0))
    .map(({ tenantId, rounding }) => ({ tenantId, total: rounding[table], estimate: null, rounding: true as const }));

/** Actual, exact, estimate, difference. */
const compared = (total: string, estimate: string | null, currency: string): Cell[] => [
  { amount: total, currency },
  total,
  estimate === null ? null : { amount: estimate, currency },
  estimate === null ? null : { amount: new Big(total).minus(estimate).toFixed(), currency },
];

const shareOf = (part: string, whole: string): Cell => (new Big(whole).gt(0) ? { ratio: new Big(part).div(whole).toFixed(6) } : null);

/** The whole report as one table, for programs: a line a part. */
export function reportLines(report: CostReport): ReportTable {
  const { month, from, to, sources, currencies } = report;
  const unread = unreadDays(report);
  const line = (
    part: string,
    tenant: string | null,
    name: string,
    rest: { users?: string; total: string | null; estimate?: string | null; limit?: string | null },
    currency: string,
  ): Cell[] => [
    month,
    part,
    tenantName(tenant),
    name,
    rest.users ?? "",
    currency,
    ...[rest.total, rest.estimate ?? null, rest.limit ?? null].map((amount) => (amount === null ? null : { amount, currency })),
  ];
  return {
    name: "Lines",
    columns: [
      text("Month", 10),
      text("Part", 12),
      tenantColumn,
      text("Name", 30),
      text("Users", 20),
      currencyColumn,
      amount("Actual"),
      amount("Estimate"),
      amount("Quota"),
    ],
    rows: [
      ...[...removedTenants({ sources })].map((tenantId) => line(removedWord, tenantId, tenantId, { total: null }, "")),
      ...sources.flatMap(({ tenantId, unread: ofTenant }) => ofTenant.map((day) => line("unread", tenantId, day, { total: null }, ""))),
      ...(restUnread(report) ? [line("unread", null, `${from} to ${to}`, { total: null }, "")] : []),
      ...currencies.flatMap(({ currency, total, estimate, byKind, accounts, tenants, projects, users, services, days }) => [
        line("total", "", "", { total, estimate }, currency),
        ...Object.entries(byKind).map(([kind, of]) => line("kind", "", kind, { total: of }, currency)),
        ...accounts.map((part) => line("account", "", accountName(part), { users: part.tenants.join(" "), total: part.total }, currency)),
        ...tenants.map((part) => line("tenant", part.tenantId, tenantName(part.tenantId), part, currency)),
        ...projects.map((part) => line("project", part.tenantId, part.projectId ?? "", { ...part, users: part.users.join(" ") }, currency)),
        ...roundings(tenants, "projects").map((part) => line("project", part.tenantId, restNames.rounding, part, currency)),
        ...users.map(({ tenantId, userId, total: of, estimate: at, limit }) =>
          line("user", tenantId, userId ?? "", { total: of, estimate: at, limit }, currency),
        ),
        ...roundings(tenants, "users").map((part) => line("user", part.tenantId, restNames.rounding, part, currency)),
        ...services.map(({ tenantId, service, total: of }) => line("service", tenantId, service ?? "", { total: of }, currency)),
        ...days.map(({ day, total: of, estimate: at }) => line("day", "", day, { total: unread.has(day) ? null : of, estimate: at }, currency)),
      ]),
    ],
  };
}

/** All of it as one workbook, with more tables behind. */
export const reportWorkbook = (report: CostReport, more: readonly ReportTable[] = []) => ({
  title: `Costs of ${report.sources.flatMap(({ tenantId }) => tenantId ?? []).join(", ")}, ${report.month}`,
  madeAt: new Date(report.madeAt),
  tables: [aboutTable(report), ...reportTables(report), ...more],
});
