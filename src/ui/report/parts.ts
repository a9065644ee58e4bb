/** Projects, users, services, tenants and days as tables of the report's page, each with its sum. */
import Big from "big.js";
import { html } from "hono/html";
import type { CurrencyReport, ProjectPart, TenantPart } from "../../core/costs/report/report.ts";
import { accountName, removedWord, restNames, roundings, tenantName } from "../../core/costs/report/tables.ts";
import { readable } from "../names.ts";
import { dayName, minus, money, pageShare, signed } from "./amounts.ts";
import { bar } from "./bars.ts";
import type { Content, Html, PageColumn } from "./markup.ts";
import { named, pageTable, section } from "./markup.ts";
import { scaleOf } from "./scale.ts";

/** More is for a spreadsheet. */
export const mostRows = 500;

interface Row {
  tenantId: string | null;
  name: string;
  /** What belongs to nobody. */
  rest: boolean;
  beside?: string;
  total: string;
  estimate: string | null;
  limit?: string | null;
}

/** What the whole report says of its parts. */
export interface Shown {
  /** Before each section's own. */
  id: string;
  severalTenants: boolean;
  unread: ReadonlySet<string>;
  removed: ReadonlySet<string>;
}

export function partSections(report: CurrencyReport, of: string, { id, severalTenants, unread, removed }: Shown): Html {
  const { tenants } = report;
  const none = (part: { tenantId: string | null; total: string }, name: string): Row => ({ ...part, name, rest: true, estimate: null });
  const projects = report.projects.map(
    (part): Row => (part.projectId === null ? none(part, restNames.project) : { ...part, name: part.projectId, rest: false, beside: projectWords(part) }),
  );
  const users = report.users.map((part): Row => (part.userId === null ? none(part, restNames.user) : { ...part, name: part.userId, rest: false }));
  const services = report.services.map((part): Row => ({ ...part, name: part.service ?? restNames.service, rest: part.service === null, estimate: null }));
  const tenantRow = (part: TenantPart): Row => ({
    ...part,
    name: tenantName(part.tenantId),
    rest: part.tenantId === null,
    ...(part.tenantId !== null && removed.has(part.tenantId) ? { beside: removedWord } : {}),
  });
  const rounded = (table: "projects" | "users"): Row[] => roundings(tenants, table).map((part) => none(part, restNames.rounding));
  const accounts = report.accounts.map(
    (part): Row => ({ ...part, tenantId: null, name: accountName(part), rest: false, beside: part.tenants.join(", "), estimate: null }),
  );
  return html`${accounts.length > 0 ? partsTable(report, { id: `${id}accounts`, title: `Accounts${of}`, of: "account", rows: accounts, estimated: false }) : null}
${severalTenants ? partsTable(report, { id: `${id}tenants`, title: `Tenants${of}`, of: "tenant", rows: tenants.map(tenantRow) }) : null}
${partsTable(report, { id: `${id}projects`, title: `Projects${of}`, of: "project", rows: [...projects, ...rounded("projects")], severalTenants })}
${partsTable(report, { id: `${id}users`, title: `Users${of}`, of: "user", rows: [...users, ...rounded("users")], severalTenants, quota: report.currency === "USD" })}
${partsTable(report, { id: `${id}services`, title: `Services${of}`, of: "service", rows: services, severalTenants, estimated: false })}
${daysSection(report, id, of, unread)}`;
}

const projectWords = ({ booking, users }: ProjectPart): string =>
  [users.join(", "), booking === "unknown" ? "in no book" : booking === "ended" ? "ended" : ""].filter(Boolean).join(" · ");

interface Parts {
  id: string;
  title: string;
  of: string;
  rows: Row[];
  severalTenants?: boolean;
  quota?: boolean;
  estimated?: boolean;
}

function partsTable(
  report: CurrencyReport,
  { id, title, of, rows: all, severalTenants = false, quota = false, estimated = report.estimate !== null }: Parts,
): Html {
  const { currency, total, estimate } = report;
  const rows = all.length > mostRows ? [...all.slice(0, mostRows - 1), othersOf(all.slice(mostRows - 1))] : all;
  const scale = scaleOf(rows.flatMap((row) => [Number(row.total), Number(estimated ? (row.estimate ?? 0) : 0)]));
  const compared: PageColumn<Row>[] = [
    {
      title: "Estimate",
      kind: "number",
      cell: (row) => (row.estimate === null ? "" : money(row.estimate, currency)),
      foot: estimate === null ? "" : money(estimate, currency),
    },
    {
      title: "Difference",
      kind: "number",
      minor: true,
      cell: (row) => (row.estimate === null ? "" : signed(minus(row.total, row.estimate), currency)),
      foot: estimate === null ? "" : signed(minus(total, estimate), currency),
    },
  ];
  const ofQuota: PageColumn<Row>[] = [{ title: "Of quota", kind: "number", cell: (row) => quotaWords(row, currency), foot: "" }];
  const columns: PageColumn<Row>[] = [
    { title: capitalized(of), head: true, cell: (row) => nameOf(row), foot: "All" },
    ...(severalTenants ? [{ title: "Tenant", cell: ({ tenantId }: Row) => tenantName(tenantId), foot: "" }] : []),
    { title: "Actual", kind: "number", cell: (row) => money(row.total, currency), foot: money(total, currency) },
    { title: "Drawn", kind: "bar", cell: (row) => bar(row.total, estimated ? row.estimate : null, scale), foot: "" },
    { title: "Share", kind: "number", minor: estimated, cell: (row) => pageShare(row.total, total), foot: "" },
    ...(estimated ? compared : []),
    ...(quota && rows.some(({ limit }) => limit !== undefined && limit !== null) ? ofQuota : []),
  ];
  const less = rows.some((row) => new Big(row.total).lt(0));
  const words = [
    `What each ${of} cost.`,
    ...(estimated ? ["The bar is the actual cost, the mark on it the estimate."] : []),
    ...(less ? ["A green bar is less than nothing, because of credits or refunds."] : []),
  ].join(" ");
  return section(id, title, pageTable<Row>({ id, caption: words, columns, rows }));
}

const nameOf = ({ name, rest, beside }: Row): Content => [
  rest ? html`<span class="rest">${name}</span>` : named(name),
  beside ? html` <span>${readable(beside)}</span>` : null,
];

function quotaWords({ total, limit }: Row, currency: string): Content {
  if (limit === undefined || limit === null) return "";
  const of = money(limit, currency);
  if (!new Big(total).gt(limit)) return new Big(limit).eq(0) ? `of ${of}` : `${pageShare(total, limit)} of ${of}`;
  return html`<span class="over">${new Big(limit).eq(0) ? `over ${of}` : `${pageShare(total, limit)} of ${of}, over`}</span>`;
}

/** The long rest in one row: the rows shown still add up to the total. */
function othersOf(rows: Row[]): Row {
  const sum = (amounts: (string | null)[]): string => amounts.reduce((so: Big, amount) => so.plus(amount ?? 0), new Big(0)).toFixed();
  return {
    tenantId: "",
    name: `${rows.length} others`,
    rest: true,
    total: sum(rows.map(({ total }) => total)),
    estimate: rows.every(({ estimate }) => estimate === null) ? null : sum(rows.map(({ estimate }) => estimate)),
  };
}

function daysSection({ currency, days, total, estimate }: CurrencyReport, id: string, of: string, unread: ReadonlySet<string>): Html {
  type Day = (typeof days)[number];
  const compared: PageColumn<Day>[] = [
    { title: "Estimate", kind: "number", cell: (day) => money(day.estimate ?? "0", currency), foot: money(estimate ?? "0", currency) },
    {
      title: "Difference",
      kind: "number",
      cell: (day) => (unread.has(day.day) ? "" : signed(minus(day.total, day.estimate ?? "0"), currency)),
      foot: signed(minus(total, estimate ?? "0"), currency),
    },
  ];
  const columns: PageColumn<Day>[] = [
    { title: "Day", head: true, cell: ({ day }) => html`<time datetime="${day}">${dayName(day)}</time>`, foot: "All" },
    { title: "Actual", kind: "number", cell: (day) => (unread.has(day.day) ? "not read" : money(day.total, currency)), foot: money(total, currency) },
    ...(estimate === null ? [] : compared),
  ];
  return section(`${id}every-day`, `Every day${of}`, pageTable<Day>({ id: `${id}every-day`, caption: "What each day (UTC) cost.", columns, rows: days }));
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
