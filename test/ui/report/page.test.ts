/** The report's page in a real browser, from a file as people open it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CostReport } from "../../../src/core/costs/report/report.ts";
import { reportPage } from "../../../src/ui/report/html.ts";
import { complaints, openBrowser } from "../../support/browser.ts";
import { longReport, monthBookings, monthLines, monthReport, reportOf, tenantFacts } from "../../support/month-report.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = new URL("../../../docs/screenshots/", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "chartctl-report-"));
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(report: CostReport, look: BrowserContextOptions = {}) {
  const file = join(folder, "report.html");
  writeFileSync(file, await reportPage(report, "0.1.0"));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: true, ...look });
  const page = await context.newPage();
  const found = complaints(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, found, asked, url: pathToFileURL(file).href };
}

/** Everybody can read it, and it never scrolls sideways. */
async function isPresentable(page: Page): Promise<void> {
  await page.evaluate(axe); // a script element would be against the policy
  expect(await page.evaluate<string[]>("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))")).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
}

const phone = { width: 360, height: 780 };
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;'\${x}`;

describe("the report's page", () => {
  it.each([
    { name: "desktop-light", look: { colorScheme: "light" } },
    { name: "desktop-dark", look: { colorScheme: "dark" } },
    { name: "phone-light", look: { viewport: phone, colorScheme: "light" } },
    { name: "phone-dark", look: { viewport: phone, colorScheme: "dark" } },
  ] satisfies { name: string; look: BrowserContextOptions }[])("$name: everybody can read it, and it asks nobody for anything", async ({ name, look }) => {
    const { page, found, asked, url } = await opened(monthReport(), look);
    await isPresentable(page);
    expect([asked, found]).toEqual([[url], []]);
    if (name === "desktop-light" || name === "phone-dark")
      await page.screenshot({ path: new URL(`costs-report-${name}.png`, shots).pathname, fullPage: name === "desktop-light" });
  });

  it("has every figure in tables, whose sums are the bill", async () => {
    const { page } = await opened(monthReport(), { javaScriptEnabled: false });
    const total = await page.locator(".tiles b").first().textContent();
    expect(total).toMatch(/^\$[\d,]+\.\d\d$/);
    for (const id of ["projects", "users", "services", "every-day"]) {
      expect(await page.locator(`#${id} tfoot .number`).first().textContent(), id).toBe(total);
      expect(await page.locator(`#${id} tbody tr`).count()).toBe({ projects: 9, users: 6, services: 6, "every-day": 31 }[id]);
    }
    expect(await page.locator("#days-chart rect.cost, #days-chart rect.less").count()).toBe(31);
    expect(await page.locator("#days-chart").getAttribute("aria-label")).toContain("in 31 days, the most on");
    const geo = page.locator("#projects tbody tr", { hasText: "geo-heatmap" });
    expect(await geo.locator("th").textContent()).toBe("geo-heatmap in no book");
    expect(await geo.locator("td").allTextContents()).toEqual(["$35.40", "", "9.5%", "", ""]); // nothing was booked: no estimate, and no difference
    expect(await geo.locator("rect.mark").count()).toBe(0);
    const dmitri = page.locator("#users tbody tr", { hasText: "dmitri" });
    expect(await dmitri.locator("td").allTextContents()).toEqual(["$35.40", "", "9.5%", "", "", "70.8% of $50.00"]); // the limit of whoever booked nothing
    expect(await page.locator("#projects tbody tr").last().locator("th").textContent()).toBe("(no project)");
  });

  it.each([
    ["a desktop", {}],
    ["a phone", { viewport: phone }],
  ] satisfies [string, BrowserContextOptions][])("breaks a name that is long: on %s what it cost stays in sight", async (_, look) => {
    const long = "x".repeat(900);
    const lines = monthLines().map((line, at) => (at % 5 === 0 ? { ...line, project: long, user: long, service: long } : line));
    const { page } = await opened(reportOf(tenantFacts("acme", lines, monthBookings()), tenantFacts("globex", [], [])), look);
    for (const id of ["projects", "users", "services"]) {
      const row = page.locator(`#${id} tbody tr`, { hasText: long }).first();
      const [box, amount] = [await page.locator(`#${id} .scroll`).boundingBox(), await row.locator(".number").first().boundingBox()];
      expect((amount?.x ?? Number.NaN) + (amount?.width ?? 0), id).toBeLessThanOrEqual((box?.x ?? 0) + (box?.width ?? 0));
    }
    await isPresentable(page);
  });

  it.each([
    ["a desktop", {}],
    ["a phone", { viewport: phone }],
  ] satisfies [string, BrowserContextOptions][])("never breaks an amount or a short name, and has one minus sign: on %s", async (_, look) => {
    const lines = monthLines().map((line) => (line.kind === "credit" ? { ...line, amount: "-260.48", project: "o'har/a", user: "o'har/a" } : line));
    const { page } = await opened(reportOf(tenantFacts("acme", lines, monthBookings())), look);
    for (const media of ["screen", "print"] as const) {
      await page.emulateMedia({ media });
      for (const selector of [".amount", ".tiles b", ".short", ".rest", ".number"])
        for (const one of await page.locator(selector).all()) {
          const lines = await one.evaluate((element) => {
            const range = element.ownerDocument.createRange();
            range.selectNodeContents(element);
            return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
          });
          expect(lines, `${selector} ${await one.textContent()}`).toBeLessThanOrEqual(1);
        }
    }
    expect(await page.locator(".tiles").textContent()).toContain("credit −$260.48");
    expect(await page.locator("#projects tbody tr", { hasText: "o'har/a" }).locator("td").allTextContents()).toContain("−217.0%");
    expect(await page.locator("main").textContent()).not.toMatch(/-[$\d.,]+%|-\$|[−+]0%/);
    // What a green bar is, is said where there is one.
    expect(await page.locator(".legend").textContent()).toContain("less than nothing");
    expect(await page.locator("#projects-caption").textContent()).toContain("A green bar is less than nothing");
    expect(await page.locator("#every-day-caption").textContent()).not.toContain("green");
  });

  it("fills the place of three tiles, and keeps each table's words beside its scroll box, whose edge says that there is more: on a phone", async () => {
    const { page } = await opened(reportOf(tenantFacts("acme", monthLines(), [])), { viewport: { width: 375, height: 800 } });
    expect(await page.locator(".tiles > div").count()).toBe(3);
    const [all, last] = [await page.locator(".tiles").boundingBox(), await page.locator(".tiles > div").last().boundingBox()];
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeGreaterThan((all?.x ?? 0) + (all?.width ?? 0) - 2);
    for (const id of ["projects", "users", "services", "every-day"]) {
      const [card, words] = [await page.locator(`#${id}`).boundingBox(), await page.locator(`#${id}-caption`).boundingBox()];
      expect((words?.x ?? 0) + (words?.width ?? 0), id).toBeLessThanOrEqual((card?.x ?? 0) + (card?.width ?? 0));
      expect(await page.locator(`#${id} .scroll #${id}-caption`).count()).toBe(0);
    }
    const box = page.locator("#projects .scroll");
    expect(await box.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true);
    const [still, after] = [await box.screenshot(), await box.evaluate((element) => element.scrollTo(element.scrollWidth, 0)).then(() => box.screenshot())];
    expect(still.equals(after)).toBe(false);
    expect(await page.evaluate("getComputedStyle(document.querySelector('#projects .scroll')).backgroundAttachment")).toBe("local, local, scroll, scroll");
  });

  it("says of a quota of nothing that it is passed, and has no column of quotas where there are none", async () => {
    const facts = tenantFacts("acme", monthLines(), monthBookings());
    const { page } = await opened(reportOf({ ...facts, books: { ...facts.books, limits: [{ userId: "bob", userMonthlyCents: 0 }] } }));
    expect(await page.locator("#users tbody tr", { hasText: "bob" }).locator(".over").textContent()).toBe("over $0.00");
    const none = await opened(reportOf({ ...facts, books: { bookings: [], limits: [], othersMonthlyCents: null } }));
    expect(await none.page.locator("#users thead th").allTextContents()).not.toContain("Of quota");
  });

  it("takes nothing that somebody named for markup, nor runs or loads it", async () => {
    const lines = monthLines().map((line) => ({ ...line, project: hostile, user: hostile, service: hostile, currency: line.kind === "tax" ? hostile : "USD" }));
    const { page, found, asked } = await opened(reportOf(tenantFacts("acme", lines, [])));
    expect(await page.locator("#projects tbody th").first().textContent()).toContain(hostile);
    expect(await page.locator("script, img").count()).toBe(0);
    expect(asked).toHaveLength(1);
    expect(found).toEqual([]);
  });

  it("may run no script, and send no form, by its own policy", async () => {
    const text = (await reportPage(monthReport(), "0.1.0")).replaceAll("&#39;", "'");
    expect(text).toMatch(
      /http-equiv="content-security-policy" content="default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'"/,
    );
    expect(text).not.toMatch(/undefined|NaN|<script|<link|<img|<iframe| style=| on\w+=|https?:\/\//);
  });

  it("shows tenants apart, currencies apart, credits below zero, and what is open", async () => {
    const euros = monthLines().map((line) => ({ ...line, currency: "EUR", amount: `-${line.amount}`.replace("--", "") }));
    const report = reportOf(tenantFacts("acme", monthLines(), monthBookings()), tenantFacts("globex", euros, []));
    const { page, found } = await opened({ ...report, open: true }, { viewport: phone });
    await isPresentable(page);
    expect(await page.locator(".currency > h2").allTextContents()).toEqual(["USD", "EUR"]);
    expect(await page.locator("#tenants tbody th").allTextContents()).toEqual(["acme"]);
    expect(await page.locator("#EUR-tenants tbody th").allTextContents()).toEqual(["globex"]);
    expect(await page.locator(".open").textContent()).toContain("The month is open");
    expect(await page.locator("#EUR-days-chart rect.less").count()).toBe(30); // one day's credit, turned round, is more than its costs
    expect(found).toEqual([]);
  });

  it("of thousands of projects shows the dearest, and the others as one row that adds up", async () => {
    const many = monthLines().flatMap((line, at) => [line, { ...line, project: `p${at % 3_000}`, amount: "0.01" }]);
    const { page } = await opened(reportOf(tenantFacts("acme", many, [])));
    expect(await page.locator("#projects tbody tr").count()).toBe(500);
    expect(await page.locator("#projects tbody th").last().textContent()).toMatch(/^\d+ others$/);
    expect(await page.locator("footer").textContent()).toContain("More than 500 rows are in the report’s XLSX and CSV files");
  });

  it("of nothing says so", async () => {
    const { page } = await opened(reportOf(tenantFacts("acme", [], [])));
    await isPresentable(page);
    expect(await page.locator("main").textContent()).toContain("AWS billed nothing in this time");
  });

  it("prints on A4 in black on white, whatever the screen's colours", async () => {
    const { page } = await opened(monthReport(), { colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).color + getComputedStyle(document.body).backgroundColor")).toBe(
      "rgb(0, 0, 0)rgb(255, 255, 255)",
    );
    const pdf = await page.pdf({ preferCSSPageSize: true, ...(process.env.CHARTCTL_REPORT_PDF ? { path: process.env.CHARTCTL_REPORT_PDF } : {}) });
    const text = pdf.toString("latin1");
    expect(text).toMatch(/\/MediaBox \[0 0 (595|594\.\d+|595\.\d+) (84[12](\.\d+)?)\]/);
    expect(text.match(/\/Type \/Page\b/g)?.length).toBeLessThanOrEqual(3);
  });

  it("prints a long table from where the one before ends, and a short one on no page of its own", async () => {
    const { page } = await opened(longReport(60));
    const folderOf = process.env.CHARTCTL_REPORT_PDF;
    const pdf = await page.pdf({ preferCSSPageSize: true, ...(folderOf ? { path: `${folderOf}.long.pdf` } : {}) });
    expect(pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length).toBeLessThanOrEqual(4);
  });

  it("of a very long name shows the beginning, and all of it where it is asked for; its table is no column of letters", async () => {
    const long = "x".repeat(256);
    const lines = monthLines().map((line) =>
      line.project === "live-metrics" ? { ...line, project: long, user: long, service: `${line.service} ${long}` } : line,
    );
    const { page, found } = await opened(reportOf(tenantFacts("acme", lines, [])), { viewport: phone });
    await isPresentable(page);
    const name = page.locator("#projects tbody th").first();
    expect(await name.locator("summary").textContent()).toBe(`${"x".repeat(57)}…`);
    expect(await name.locator("summary").getAttribute("title")).toBe(long);
    expect((await name.boundingBox())?.height).toBeLessThan(150);
    await name.locator("summary").click();
    expect(await name.locator("details > bdi").isVisible()).toBe(true);
    expect(await name.locator("details > bdi").textContent()).toBe(long);
    await page.emulateMedia({ media: "print" }); // which unfolds nothing
    expect([await name.locator("summary").isVisible(), await name.locator(".printed").isVisible()]).toEqual([false, true]);
    expect(await name.locator(".printed").textContent()).toBe(long);
    await page.emulateMedia({ media: "screen" });
    await isPresentable(page);
    expect(found).toEqual([]);
  });

  it("shows a name's control and direction characters as such, and each name turns round nothing but itself", async () => {
    const odd = "a\u001b[31mred\u202egnp.exe \u200bמחיר 👩\u200d💻";
    const lines = monthLines().map((line) => ({ ...line, project: odd, user: odd, service: odd }));
    const text = await reportPage(reportOf(tenantFacts("acme", lines, [])), "0.1.0");
    expect([...text].filter((character) => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(character) && character !== "\n")).toEqual([]);
    const { page } = await opened(reportOf(tenantFacts("acme", lines, [])));
    for (const id of ["projects", "users", "services"])
      expect(await page.locator(`#${id} tbody th bdi`).first().textContent()).toBe("a�[31mred�gnp.exe \u200bמחיר 👩\u200d💻");
  });
});
