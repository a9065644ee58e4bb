/** A month's report as one page: it needs no script, and asks nobody for anything. */
import Big from "big.js";
import { html, raw } from "hono/html";
import type { CostReport, CurrencyReport, ReportSource } from "../../core/costs/report/report.ts";
import { estimateNote, quotaNote, removedTenants, restUnreadNote, sourceText, tenantName } from "../../core/costs/report/tables.ts";
import { daysText, restUnread, unreadDays } from "../../core/costs/report/unread.ts";
import { percentText } from "../percent.ts";
import { dayName, minus, money, monthName, pageShare, signed } from "./amounts.ts";
import { daysChart } from "./days-chart.ts";
import type { Content, Html } from "./markup.ts";
import { section } from "./markup.ts";
import { mostRows, partSections, type Shown } from "./parts.ts";
import style from "./report.css?bundled";

export async function reportPage(report: CostReport, version: string): Promise<string> {
  const { sources, currencies } = report;
  const tenants = sources.flatMap(({ tenantId }) => tenantId ?? []);
  const severalTenants = sources.length > 1;
  const unread = unreadDays(report);
  const removed = removedTenants(report);
  const title = `Costs of ${tenants.length === 1 ? tenants[0] : `${tenants.length} tenants`}, ${monthName(report.month)}`;
  // The one style that this page may have; it runs, loads and sends nothing.
  const policy = `default-src 'none'; style-src 'sha256-${await sha256(style)}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="quiet">${dayName(report.from)} to ${dayName(report.to)} (UTC), ${report.metric} cost, made ${report.madeAt.slice(0, 16).replace("T", " ")} UTC</p>
${report.open ? html`<p class="open"><strong>The month is open:</strong> AWS may still change these figures.</p>` : null}
${sources.filter(({ unread }) => unread.length > 0).map(unreadNote)}
${restUnread(report) ? html`<p class="open"><strong>Not the whole bill:</strong> ${restUnreadNote}.</p>` : null}
</header>
<main>
${
  currencies.length === 0
    ? html`<section><p>AWS billed nothing in this time, and nothing was booked.</p></section>`
    : currencies.map((currency, at) =>
        currencyPart(currency, { id: at === 0 ? "" : `${currency.currency}-`, several: currencies.length > 1, severalTenants, unread, removed }),
      )
}
</main>
<footer>
${sources.map((source) => html`<p>${tenantName(source.tenantId)}: ${sourceText(source)}.</p>`)}
<p>All parts add up to the bill; amounts here are rounded to the cent, each by itself. Estimate: ${estimateNote}. Quota: ${quotaNote}.${
    currencies.length > 1 ? " Currencies are never added to each other." : null
  }${currencies.some(longer) ? ` More than ${mostRows} rows are in the report’s XLSX and CSV files.` : null}</p>
<p>chartctl ${version}</p>
</footer>
</body>
</html>
`;
  return String(await page);
}

const unreadNote = ({ tenantId, unread }: ReportSource): Html =>
  html`<p class="open"><strong>Not all of ${tenantName(tenantId)}’s bill was read:</strong> nothing is counted of ${daysText(unread)}.</p>`;

const longer = ({ projects, users }: CurrencyReport): boolean => projects.length > mostRows || users.length > mostRows;

function currencyPart(report: CurrencyReport, { several, ...shown }: { several: boolean } & Shown): Html {
  const { currency } = report;
  const { id, unread } = shown;
  const of = several ? `, ${currency}` : "";
  const parts: Content = [
    tiles(report, unread),
    section(`${id}days`, `Day by day${of}`, daysChart(report, `${id}days-chart`, unread)),
    partSections(report, of, shown),
  ];
  return html`<div class="currency">${several ? html`<h2>${currency}</h2>` : null}${parts}</div>`;
}

function tiles({ currency, total, estimate, unallocated, byKind, days, projects, users }: CurrencyReport, unread: ReadonlySet<string>): Html {
  const tile = (title: string, figure: string, words: Content): Html => html`<div><dt>${title}</dt><dd><b>${figure}</b><span>${words}</span></dd></div>`;
  const besides = (["tax", "credit", "refund"] as const)
    .filter((kind) => !new Big(byKind[kind]).eq(0))
    .map((kind, at): Content => [at === 0 ? "with " : ", ", `${kind} `, amount(money(byKind[kind], currency))]);
  const difference = estimate === null ? "" : minus(total, estimate);
  const ofEstimate = estimate === null || !new Big(estimate).gt(0) ? "" : [" (", amount(signedShare(new Big(difference).div(estimate))), ")"];
  return html`<dl class="tiles">
${tile("Actual", money(total, currency), besides.length > 0 ? besides : "as AWS billed it")}
${estimate === null ? null : tile("Estimate", money(estimate, currency), ["actual: ", amount(signed(difference, currency)), ofEstimate])}
${tile("No project", money(unallocated, currency), [amount(pageShare(unallocated, total) || "0.0%"), " of the bill carries no project’s tag"])}
${tile("A day", money(new Big(total).div(days.length - unread.size || 1).toFixed(), currency), `${counted(projects.filter(({ projectId }) => projectId !== null).length, "project")}, ${counted(users.filter(({ userId }) => userId !== null).length, "user")}`)}
</dl>`;
}

/** On one line: its sign is a part of it. */
const amount = (text: string): Html => html`<span class="amount">${text}</span>`;

const signedShare = (ratio: Big): string => percentText(ratio, 0, "+").replace("-", "−");

const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
