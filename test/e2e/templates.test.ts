/** The templates, as `chartctl preview` serves them, in a real browser: they work, are readable on a phone, and axe finds nothing. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Preview } from "../../src/adapters/functions/preview.ts";
import { startPreview } from "../../src/adapters/functions/preview.ts";
import { complaints, openBrowser } from "../support/browser.ts";

const templates = fileURLToPath(new URL("../../templates/apps", import.meta.url));
const shots = fileURLToPath(new URL("../../docs/screenshots", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const folder = mkdtempSync(join(tmpdir(), "chartctl-templates-"));
let browser: Browser;
const previews: Preview[] = [];
/** What they said, the last test's. */
const said: string[] = [];
/** A change is seen and built in a moment, on a machine that has one. */
const built = { timeout: 20_000 };

beforeAll(async () => {
  browser = await openBrowser();
});
afterEach(async () => {
  said.length = 0;
  for (const preview of previews.splice(0)) await preview.close();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A copy, so that a test may change it. */
async function preview(template: string): Promise<{ url: string; folder: string }> {
  const copy = join(folder, `${template}-${previews.length}-${Date.now()}`);
  cpSync(join(templates, template), copy, { recursive: true });
  const started = await startPreview({ folder: copy, port: 0, say: (line) => void said.push(line) });
  previews.push(started);
  return { url: started.url.replace("localhost", "127.0.0.1"), folder: copy };
}

const looks = [
  { name: "desktop-light", width: 1280, height: 900, colorScheme: "light" },
  { name: "desktop-dark", width: 1280, height: 900, colorScheme: "dark" },
  { name: "phone-light", width: 360, height: 740, colorScheme: "light" },
  { name: "phone-dark", width: 360, height: 740, colorScheme: "dark" },
] as const;

async function open(url: string, { width, height, colorScheme }: (typeof looks)[number]): Promise<{ page: Page; found: string[] }> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: "reduce", locale: "en-US", timezoneId: "UTC" });
  const page = await context.newPage();
  const found = complaints(page);
  await page.goto(url, { waitUntil: "load" });
  return { page, found };
}

/** No scrolling sideways, nothing that axe knows to be in somebody's way. */
async function isPresentable(page: Page): Promise<void> {
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await page.addScriptTag({ content: axe });
  const violations = await page.evaluate<string[]>("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))");
  expect(violations).toEqual([]);
}

/** Kept for the docs when asked: CHARTCTL_SCREENSHOTS=1. */
async function shoot(page: Page, name: string): Promise<void> {
  if (!process.env.CHARTCTL_SCREENSHOTS) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

describe("csv-dashboard", () => {
  it.each(looks)("$name: four charts and the table, from the file's own columns", async (look) => {
    const { url } = await preview("csv-dashboard");
    const { page, found } = await open(url, look);
    await page.waitForSelector("#charts svg .dot");
    expect(await page.locator("#charts figure").count()).toBe(4);
    const marks = await page.locator("#charts svg").evaluateAll((all) => all.map((svg) => svg.querySelectorAll(".bar, .dot").length));
    expect(marks).toEqual([23, 23, 23, 23]); // 24 rows, one of them without a number
    expect(await page.locator("#charts svg[role=img][aria-label]").count()).toBe(4);
    expect(await page.locator("#charts path.line").nth(0).getAttribute("d")).not.toContain("NaN");
    expect(await page.locator("#charts figure").nth(1).locator("path.line").count()).toBe(2); // a gap is no zero
    expect(await page.locator("tbody tr").count()).toBe(24);
    await isPresentable(page);
    expect(found).toEqual([]);
    await shoot(page, `csv-dashboard-${look.name}`);
    await page.context().close();
  });

  it("other columns by keyboard; the table sorts both ways, empty cells last", async () => {
    const { url } = await preview("csv-dashboard");
    const { page, found } = await open(url, looks[0]);
    await page.waitForSelector("#charts svg .dot");
    await page.focus("#value");
    await page.keyboard.type("Sun");
    await expect.poll(() => page.locator("#charts figcaption").first().textContent()).toBe("Sunshine (h) by Month, bars");
    const column = async () => (await page.locator("tbody tr td:nth-child(2)").allTextContents()).map((text) => (text === "" ? undefined : Number(text)));
    await page.focus("th:nth-child(2) button");
    await page.keyboard.press("Enter");
    const up = await column();
    expect(up.at(-1)).toBeUndefined();
    expect(up.slice(0, -1)).toEqual([...up.slice(0, -1)].sort((a, b) => (a ?? 0) - (b ?? 0)));
    expect(await page.locator("th:nth-child(2)").getAttribute("aria-sort")).toBe("ascending");
    await page.keyboard.press("Enter");
    const down = await column();
    expect(down.at(-1)).toBeUndefined();
    expect(down[0]).toBe(up.at(-2));
    expect(found).toEqual([]);
    await page.context().close();
  });

  it.each([
    ["an empty file", "", /is empty/],
    ["names without rows", "a,b\n", /no rows/],
    ["no numbers", "a,b\nx,y\n", /no column of numbers/],
    ["a row too long", "a,b\n1,2,3\n", /Row 2 of data.csv has 3 cells/],
  ])("%s: says what is wrong", async (_, csv, message) => {
    const { url, folder: copy } = await preview("csv-dashboard");
    writeFileSync(join(copy, "site/data.csv"), csv);
    await expect.poll(async () => await (await fetch(`${url}/data.csv`)).text(), built).toBe(csv);
    const { page } = await open(url, looks[0]);
    await page.waitForSelector("#problem:not([hidden])");
    expect(await page.locator("#problem").textContent()).toMatch(message);
    await page.context().close();
  });

  it("draws whatever is in the file as text, never as a page", async () => {
    const { url, folder: copy } = await preview("csv-dashboard");
    const csv = 'name,<img src=x onerror=alert(1)>\n"<script>alert(2)</script>",5\n"b",-7\n';
    writeFileSync(join(copy, "site/data.csv"), csv);
    await expect.poll(async () => await (await fetch(`${url}/data.csv`)).text(), built).toBe(csv);
    const { page, found } = await open(url, looks[0]);
    await page.waitForSelector("#charts svg .bar");
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.locator("td").first().textContent()).toBe("<script>alert(2)</script>");
    expect(found).toEqual([]);
    await page.context().close();
  });
});

describe("live-series", () => {
  it.each(looks)("$name: empty, then with points, then with one more", async (look) => {
    const { url } = await preview("live-series");
    const { page, found } = await open(url, look);
    await page.waitForSelector("svg .none");
    await isPresentable(page);
    await page.getByRole("button", { name: "Add examples" }).click();
    await expect.poll(() => page.locator("svg .dot").count()).toBe(20);
    await page.getByRole("spinbutton", { name: "Value" }).fill("31.5");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#latest").textContent()).toBe("31.5");
    expect(await page.locator("#count").textContent()).toBe("21");
    expect(await page.getByRole("button", { name: "Add examples" }).count()).toBe(0); // no more needed
    await isPresentable(page);
    await page.locator("summary").click();
    expect(await page.locator("tbody tr").count()).toBe(20);
    await isPresentable(page);
    expect(found).toEqual([]);
    await shoot(page, `live-series-${look.name}`);
    await page.context().close();
  });

  it("shows what somebody else adds, without a reload", async () => {
    const { url } = await preview("live-series");
    const { page, found } = await open(url, looks[0]);
    await page.waitForSelector("svg .none");
    const answer = await fetch(`${url}/api/points`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"series":"demo","value":7}' });
    expect(answer.status).toBe(201);
    await expect.poll(() => page.locator("#latest").textContent(), { timeout: 8_000 }).toBe("7");
    expect(found).toEqual([]);
    await page.context().close();
  });

  it.each([
    ["{", /JSON object/],
    ["[]", /JSON object/],
    ['{"series":"Demo!","value":1}', /series has/],
    ['{"series":"demo"}', /value must be a number/],
    ['{"series":"demo","value":"1"}', /value must be a number/],
    ['{"series":"demo","value":1,"at":"soon"}', /at is a time/],
    [`{"series":"demo","value":1,"note":"${"x".repeat(10_000)}"}`, /longer than/],
  ])("refuses %.60s with 400", async (body, message) => {
    const { url } = await preview("live-series");
    const answer = await fetch(`${url}/api/points`, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: string }).error).toMatch(message);
  });

  it("gives the points of a time, its ends included, oldest first", async () => {
    const { url } = await preview("live-series");
    const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`;
    for (const minute of [3, 1, 2, 4]) {
      await fetch(`${url}/api/points`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ series: "s", value: minute, at: at(minute) }),
      });
    }
    const values = async (query: string) =>
      ((await (await fetch(`${url}/api/points?series=s${query}`)).json()) as { points: { value: number }[] }).points.map(({ value }) => value);
    expect(await values("")).toEqual([1, 2, 3, 4]);
    expect(await values(`&from=${at(2)}&to=${at(3)}`)).toEqual([2, 3]);
    expect(await values("&limit=2")).toEqual([3, 4]);
  });
});

describe("api-only", () => {
  it("greets, refuses, and says that it works", async () => {
    const { url } = await preview("api-only");
    const get = async (path: string) => {
      const answer = await fetch(url + path);
      return [answer.status, await answer.json()];
    };
    expect(await get("/api/health")).toEqual([200, { status: "ok" }]);
    expect(await get("/api/hello?name=Ada")).toEqual([200, { message: "Hello, Ada!" }]);
    expect(await get("/api/hello?name=")).toEqual([400, { error: expect.stringContaining("name has") }]);
    expect(await get("/api/none")).toEqual([404, { error: expect.stringContaining("nothing at") }]);
    expect((await get("/"))[0]).toBe(404);
  });
});

describe("preview", () => {
  it("builds again when a file changes, keeps the table, and keeps serving when the change is broken", async () => {
    const { url, folder: copy } = await preview("live-series");
    await fetch(`${url}/api/points`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"series":"demo","value":1}' });
    writeFileSync(join(copy, "site/index.html"), "<h1>changed</h1>");
    await expect.poll(async () => await (await fetch(url)).text(), built).toContain("changed");
    expect(await (await fetch(`${url}/api/points?series=demo`)).json()).toMatchObject({ points: [{ value: 1 }] });
    writeFileSync(join(copy, "api/index.ts"), "export const handler = ;");
    await expect.poll(() => said.join("\n"), built).toContain("Not built:");
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
    writeFileSync(join(copy, "api/index.ts"), "export const handler = async () => ({ statusCode: 200, body: 'new' });");
    await expect.poll(async () => await (await fetch(`${url}/api/health`)).text(), built).toBe("new");
  });
});
