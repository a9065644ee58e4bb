/** The templates' pages under a strict Content-Security-Policy, and with what people will do with them. Their looks: test/e2e/templates.test.ts. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { complaints, openBrowser } from "../support/browser.ts";
import type { Served } from "./serve.ts";
import { serveApp, templates } from "./serve.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const looks = [1280, 360].flatMap((width) => (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })));
const folder = mkdtempSync(join(tmpdir(), "chartctl-pages-"));
const open: { close(): Promise<void> }[] = [];
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(template: string, csv?: string): Promise<Served> {
  const copy = mkdtempSync(join(folder, `${template}-`));
  cpSync(join(templates, template), copy, { recursive: true });
  if (csv !== undefined) writeFileSync(join(copy, "site/data.csv"), csv);
  const served = await serveApp(copy);
  open.push(served);
  return served;
}

async function visit(url: string, look = looks[0], before?: (page: Page) => Promise<void>): Promise<{ page: Page; found: string[]; asked: string[] }> {
  const { width = 1280, colorScheme = "light" } = look ?? {};
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce", locale: "en-US", timezoneId: "UTC" });
  open.push(context);
  const page = await context.newPage();
  const found = complaints(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await before?.(page);
  await page.goto(url, { waitUntil: "load" });
  return { page, found, asked };
}

async function isPresentable(page: Page): Promise<void> {
  expect(await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBeLessThanOrEqual(0);
  await page.evaluate(axe); // a script element would be against the policy
  expect(await page.evaluate<string[]>("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))")).toEqual([]);
}

const show = async (csv: string, look = looks[0]) => {
  const { url } = await serve("csv-dashboard", csv);
  const visited = await visit(url, look);
  await visited.page.waitForSelector("#charts svg .bar");
  return visited;
};
const chosen = async (page: Page, id: string) => await page.locator(`#${id} option:checked`).textContent();

describe.each(looks)("at $width px, $colorScheme", (look) => {
  it.each(["csv-dashboard", "live-series"])("%s: asks nobody else, breaks no policy, is in nobody's way", async (template) => {
    const { url } = await serve(template);
    const { page, found, asked } = await visit(url, look);
    if (template === "live-series") await page.getByRole("button", { name: "Add examples" }).click();
    await page.waitForSelector("svg .dot");
    await isPresentable(page);
    for (const svg of await page.locator("svg[role=img]").all()) {
      expect(await svg.locator("> title").textContent()).not.toBe("");
      expect(await svg.locator("> desc").textContent()).toContain("the table below");
    }
    expect(asked.filter((address) => !address.startsWith(`${url}/`))).toEqual([]);
    expect(found).toEqual([]);
  });

  it("csv-dashboard: long names and numbers stay inside", async () => {
    const { page, found } = await show(`${"A very long name of a column ".repeat(4)},n\n${"Averyverylongword".repeat(5)},123456789.125\nb,-987654321\n`, look);
    await isPresentable(page);
    if (look.width > 400) return expect(found).toEqual([]);
    // The first column stays in sight, and leaves half of the table to the others.
    const share = "document.querySelector('tbody td').offsetWidth / document.querySelector('.scroll').clientWidth";
    expect(await page.evaluate<number>(share)).toBeLessThan(0.5);
    expect(found).toEqual([]);
  });

  it("csv-dashboard: a date is one line", async () => {
    const { page } = await show(`day,n,m\n2026-01-31,1,${"9".repeat(40)}\n2026-02-01,2,1\n`, look);
    const heights = await page.evaluate<number[]>("[...document.querySelectorAll('tbody tr, thead tr')].map((row) => row.offsetHeight)");
    expect(Math.max(...heights)).toBeLessThan(48);
  });
});

describe("csv-dashboard", () => {
  it("says that its own data is an example, and not that somebody else's is", async () => {
    const { url } = await serve("csv-dashboard");
    const { page } = await visit(url);
    await page.waitForSelector("#charts svg .bar");
    expect(await page.locator("#about").textContent()).toContain("example data");
    const { page: other } = await show("a,b\nx,1\n");
    expect(await other.locator("#about").textContent()).toBe("1 row of data.csv");
  });

  it("names rows by years and charts the rest", async () => {
    const { page } = await show("year,sales,cost\n2023,5,1\n2024,6,2\n");
    expect([await chosen(page, "label"), await chosen(page, "value"), await chosen(page, "other")]).toEqual(["year", "sales", "cost"]);
    expect(await page.locator("tbody td").first().textContent()).toBe("2023");
  });

  it("compares nothing with itself", async () => {
    const { page } = await show("name,n\na,1\nb,2\n");
    expect(await page.locator("figure").count()).toBe(3);
    expect(await page.locator("#other").isVisible()).toBe(false);
  });

  it.each([
    ['a,b\n"x,1\ny,2\n', "Row 2 of data.csv opens a quote that never ends."],
    ["a;b\nx;1\n", "data.csv is separated by semicolons or tabs: save it with commas."],
  ])("%j: says what is wrong", async (csv, message) => {
    const { url } = await serve("csv-dashboard", csv);
    const { page, found } = await visit(url);
    await page.waitForSelector("#problem:not([hidden])");
    expect(await page.locator("#problem").textContent()).toBe(message);
    await isPresentable(page);
    expect(found).toEqual([]);
  });

  it("draws thousands of rows, and a lone value between gaps", async () => {
    const rows = Array.from({ length: 5_000 }, (_, at) => `r${at},${at % 7 === 0 || Math.abs(at - 100) === 1 || at === 4_998 ? "" : at}`);
    const started = Date.now();
    const { page, found } = await show(`name,n\n${rows.join("\n")}\n`);
    expect(Date.now() - started).toBeLessThan(15_000);
    expect(await page.locator("tbody tr").count()).toBe(5_000);
    expect(await page.locator("figure").nth(1).locator(".dot title").allTextContents()).toEqual(["r100: 100", "r4999: 4,999"]);
    expect(found).toEqual([]);
  });

  it("is used by keyboard alone: choose, sort, scroll", async () => {
    const { url } = await serve("csv-dashboard");
    const { page } = await visit(url);
    await page.waitForSelector("#charts svg .bar");
    const stops: string[] = [];
    for (let at = 0; at < 6; at++) {
      await page.keyboard.press("Tab");
      stops.push(await page.evaluate<string>("document.activeElement.id || document.activeElement.tagName + document.activeElement.className"));
      expect(await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    }
    expect(stops).toEqual(["label", "value", "other", "DIVscroll", "BUTTON", "BUTTON"]);
    await page.keyboard.press("Space");
    expect(await page.locator("th[aria-sort=ascending]").textContent()).toContain("Rainfall");
  });
});

describe("live-series", () => {
  const start = async (path = "/", before?: (page: Page) => Promise<void>) => {
    const { url } = await serve("live-series");
    const visited = await visit(url + path, looks[0], before);
    await visited.page.waitForSelector("svg .none");
    return { url, ...visited };
  };

  it("keeps the keyboard's place, sends a few at a time, and says what it did", async () => {
    let [now, most] = [0, 0];
    const { page } = await start("/", async (opened) => {
      await opened.route("**/api/points", async (route) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        await route.continue();
      });
      opened.on("requestfinished", (request) => {
        if (request.method() === "POST") now -= 1;
      });
    });
    await page.getByRole("button", { name: "Add examples" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#examples").isVisible()).toBe(false);
    expect(await page.locator("svg .dot").count()).toBe(20);
    expect(most).toBeLessThanOrEqual(4);
    expect(await page.locator("#added").textContent()).toBe("Added twenty examples.");
    expect(await page.evaluate("document.activeElement.name")).toBe("value");
    await page.keyboard.type("0.0012");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#latest").textContent()).toBe("0.0012");
    expect(await page.locator("#added").textContent()).toBe("Added 0.0012.");
  });

  it("goes on saying what was not kept, until something is", async () => {
    let refuse = true;
    const { page } = await start("/", async (opened) => {
      await opened.route("**/api/points", async (route) => {
        if (refuse) await route.fulfill({ status: 400, json: { error: "not today" } });
        else await route.continue();
      });
    });
    const add = async () => {
      await page.getByRole("spinbutton", { name: "Value" }).fill("5");
      await page.keyboard.press("Enter");
    };
    await add();
    await expect.poll(() => page.locator("#problem").textContent()).toBe("That was not kept: not today");
    await page.waitForResponse((answer) => answer.url().includes("limit="), { timeout: 8_000 });
    await page.waitForTimeout(200);
    expect(await page.locator("#problem").isVisible()).toBe(true);
    expect(await page.getByRole("spinbutton", { name: "Value" }).inputValue()).toBe("5");
    refuse = false;
    await add();
    await expect.poll(() => page.locator("#problem").isVisible()).toBe(false);
    expect(await page.locator("#latest").textContent()).toBe("5");
  });

  it("says when it can't read, and that it can again", async () => {
    let down = false;
    const { page } = await start("/", async (opened) => {
      await opened.route("**/api/points?*", async (route) => {
        if (down) await route.fulfill({ status: 500, json: { message: "Internal Server Error" } });
        else await route.continue();
      });
    });
    down = true;
    await expect.poll(() => page.locator("#problem").textContent(), { timeout: 8_000 }).toBe("The points can't be read: The server answered 500.");
    down = false;
    await expect.poll(() => page.locator("#problem").isVisible(), { timeout: 8_000 }).toBe(false);
  });

  it("asks nothing while nobody looks, at once when somebody does, and leaves alone what didn't change", async () => {
    const { page, asked } = await start();
    const look = (state: string) =>
      page.evaluate(`Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));`);
    const reads = () => asked.filter((address) => address.includes("limit=")).length;
    await look("hidden");
    const before = reads();
    await page.waitForTimeout(4_000);
    expect(reads()).toBe(before);
    await page.evaluate(`window.writes = 0;
      new MutationObserver((all) => { window.writes += all.length; }).observe(document.body, { subtree: true, childList: true, characterData: true });`);
    await look("visible");
    await expect.poll(reads, { timeout: 1_000 }).toBe(before + 1);
    await expect.poll(reads, { timeout: 5_000 }).toBe(before + 2);
    expect(await page.evaluate("window.writes")).toBe(0);
  });

  it("shows the series that its address names", async () => {
    const { page, url, found } = await start("/?series=kitchen");
    await fetch(`${url}/api/points`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"series":"kitchen","value":7}' });
    await expect.poll(() => page.locator("#latest").textContent(), { timeout: 8_000 }).toBe("7");
    expect(await page.locator("#state").textContent()).toContain("“kitchen”");
    expect(found).toEqual([]);
  });
});
