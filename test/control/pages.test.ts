/** The control API's pages on a real server, in a real browser; the server's other parts are literals. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../src/contract/access-endpoints.ts";
import type { Role } from "../../src/contract/roles.ts";
import type { Stats } from "../../src/contract/stats.ts";
import { addPages } from "../../src/control/pages/add-pages.ts";
import type { PagePorts } from "../../src/control/pages/ports.ts";
import { problemOf } from "../../src/control/problems.ts";
import { ChartctlError } from "../../src/errors.ts";
import { complaints, openBrowser } from "../support/browser.ts";
import { emptyCosts, richCosts } from "./platform-costs.ts";
import { emptyStats, hostile, richStats } from "./platform-stats.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const password = "correct horse battery";
const people: Record<string, Role> = { ola: "global_owner", ann: "owner" };
const shots = new URL("../../docs/screenshots/", import.meta.url);
const open: (() => Promise<unknown>)[] = [];
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(async () => {
  await browser?.close();
});

interface Platform {
  url: string;
  /** What the next page shows; an error is thrown. */
  shows(stats: Stats | Error): void;
  asked: { invitation: string; password: string }[];
  ended: string[];
}

async function platform(changed: Partial<PagePorts> = {}): Promise<Platform> {
  let shown: Stats | Error = richStats();
  const sessions = new Map<string, string>();
  const begin = (userId: string): Session => {
    const token = `token.of.${userId}-${sessions.size}`;
    sessions.set(token, userId);
    const expiresAt = new Date(Date.now() + 8 * 3_600_000).toISOString();
    return { token, expiresAt, user: { tenantId: "platform", userId, role: people[userId] ?? "member", via: "session" } };
  };
  const asked: Platform["asked"] = [];
  const ended: string[] = [];
  const ports: PagePorts = {
    stats: async () => {
      if (shown instanceof Error) throw shown;
      return shown;
    },
    costs: async (days) => richCosts(days),
    signIn: async ({ tenant, user, password: given }) => {
      if (user === "hasty") throw limited();
      if (tenant !== "platform" || !people[user] || given !== password) throw wrong();
      return begin(user);
    },
    acceptInvitation: async (sent) => {
      asked.push(sent);
      if (sent.invitation === "used-up")
        throw new ChartctlError({ kind: "auth", code: "invitation.unknown", message: "The invitation doesn't count any more" });
      return begin(sent.invitation === "for-ola" ? "ola" : "ann");
    },
    whoIs: async (token) => {
      const userId = sessions.get(token);
      if (!userId) throw new ChartctlError({ kind: "auth", code: "auth.invalid", message: "The token doesn't count" });
      return { tenantId: "platform", userId, role: people[userId] ?? "member" };
    },
    endSessions: async ({ userId }) => {
      ended.push(userId);
      for (const [token, owner] of sessions) if (owner === userId) sessions.delete(token);
    },
    addressOf: () => "127.0.0.1",
    secure: false,
    version: "0.1.0",
    ...changed,
  };
  const app = new Hono();
  app.onError((error, context) => context.json(problemOf(error), problemOf(error).status as 500));
  addPages(app, ports);
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
  open.push(async () => await new Promise((resolve) => server.close(resolve)));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shows: (stats) => {
      shown = stats;
    },
    asked,
    ended,
  };
}

const wrong = () =>
  new ChartctlError({
    kind: "auth",
    code: "auth.wrong",
    message: "Tenant, user or password is wrong",
    hint: "an admin can send a new invitation: chartctl users invite ID",
  });
const limited = () =>
  new ChartctlError({
    kind: "refused",
    code: "rate.limited",
    message: "Too many requests",
    hint: "wait 840 s, then try again",
    details: { retryAfterSeconds: 840 },
  });

const desktop = { width: 1280, height: 900 };
const phone = { width: 360, height: 780 };

async function visit(url: string, look: BrowserContextOptions = {}): Promise<{ page: Page; found: string[] }> {
  const context = await browser.newContext({
    viewport: desktop,
    colorScheme: "light",
    reducedMotion: "reduce",
    locale: "en-US",
    timezoneId: "Asia/Tokyo",
    ...look,
  });
  open.push(() => context.close());
  const page = await context.newPage();
  const found = complaints(page);
  await page.goto(url);
  return { page, found };
}

async function signIn(page: Page, user = "ola", secret = password): Promise<void> {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signed in, on the stats page. */
async function operator(look: BrowserContextOptions = {}, stats?: Stats) {
  const served = await platform();
  if (stats) served.shows(stats);
  const visited = await visit(served.url, look);
  await signIn(visited.page);
  await visited.page.waitForSelector("#as-of");
  return { ...served, ...visited };
}

async function isPresentable(page: Page): Promise<void> {
  expect(await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBeLessThanOrEqual(0);
  await page.evaluate(axe); // a script element would be against the policy
  expect(await page.evaluate<string[]>("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))")).toEqual([]);
}

/** What stands there, as one line. */
const words = async (place: Locator): Promise<string> => (await place.textContent())?.replace(/\s+/g, " ").trim() ?? "";

/** The cells of a table, or of a row, with a space between them. */
const cells = async (place: Locator): Promise<string> => (await place.locator("th, td").allTextContents()).join(" ").replace(/\s+/g, " ").trim();

const shoot = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: new URL(`${name}.png`, shots).pathname, fullPage: true });
};

describe("signing in and out", () => {
  it("asks who it is, goes where they wanted, keeps the session where no script sees it, and ends it", async () => {
    const { url, ended } = await platform();
    const { page, found } = await visit(`${url}/`);
    expect(page.url()).toBe(`${url}/sign-in?next=%2Fadmin%2Fstats`);
    expect(await page.getByLabel("Tenant").inputValue()).toBe("platform");
    expect(await page.evaluate("document.activeElement.id")).toBe("user");
    await isPresentable(page);
    await shoot(page, "sign-in-desktop-light");
    await signIn(page);
    await page.waitForURL(`${url}/admin/stats`);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: "chartctl", httpOnly: true, sameSite: "Strict", path: "/", secure: false });
    expect((cookie?.expires ?? 0) - Date.now() / 1_000).toBeCloseTo(8 * 3_600, -2);
    expect(await page.evaluate("document.cookie")).toBe("");

    await page.getByRole("button", { name: "Sign out" }).click();
    expect(await page.getByRole("status").textContent()).toContain("You are signed out");
    expect(ended).toEqual(["ola"]);
    expect(await page.context().cookies()).toEqual([]);
    await page.goto(`${url}/admin/stats`);
    expect(page.url()).toContain("/sign-in");
    expect(found).toEqual([]);
  });

  it("says why not, with the status, and leaves only the password to type again", async () => {
    const { url } = await platform();
    const { page } = await visit(`${url}/sign-in`);
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await signIn(page, "ola", "wrong password");
    expect((await answered).status()).toBe(401);
    expect(await words(page.getByRole("alert"))).toBe("Tenant, user or password is wrong. An admin can send a new invitation: chartctl users invite ID");
    expect([await page.getByLabel("User").inputValue(), await page.getByLabel("Password").inputValue()]).toEqual(["ola", ""]);
    expect(await page.evaluate("document.activeElement.id")).toBe("password");
    await isPresentable(page);
    expect(await page.context().cookies()).toEqual([]);
  });

  it("tells a caller who tries too often how long to wait", async () => {
    const { url } = await platform();
    const response = await post(`${url}/sign-in`, { tenant: "platform", user: "hasty", password });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "840"]);
    expect(await response.text()).toContain("Wait 840 s, then try again");
  });

  it("checks what was sent before it asks the server's parts", async () => {
    const { url } = await platform();
    const missing = await post(`${url}/sign-in`, { tenant: "platform", user: "ola" });
    expect([missing.status, await missing.text()]).toEqual([422, expect.stringContaining("The password is missing.")]);
    const odd = await post(`${url}/sign-in`, { tenant: "platform", user: hostile, password });
    expect(odd.status).toBe(422);
    expect(await odd.text()).not.toContain("<script>alert");
    const huge = await post(`${url}/sign-in`, { tenant: "platform", user: "ola", password: "x".repeat(20_000) });
    expect([huge.status, ((await huge.json()) as { code: string }).code]).toEqual([413, "request.too-large"]);
  });

  it("behind HTTPS the cookie is bound to this host", async () => {
    const { url } = await platform({ secure: true });
    const response = await post(`${url}/sign-in`, { tenant: "platform", user: "ola", password }, { origin: url.replace("http:", "https:") });
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-chartctl=token\.of\.ola-0; Path=\/; Expires=[^;]+ GMT; HttpOnly; Secure; SameSite=Strict$/);
    expect((await post(`${url}/sign-in`, { tenant: "platform", user: "ola", password }, { origin: url })).status).toBe(403);
  });

  it.each([
    ["https://evil.example/"],
    ["//evil.example"],
    ["/\\evil.example"],
    ["/\t/evil.example"],
    ["javascript:alert(1)"],
    ["admin/stats"],
    [`/${"x".repeat(600)}`],
  ])("goes on to its own pages alone, not to %j", async (next) => {
    const { url } = await platform();
    const form = await (await fetch(`${url}/sign-in?next=${encodeURIComponent(next)}`)).text();
    expect(form).toContain('name="next" value="/admin/stats"');
    const response = await post(`${url}/sign-in`, { tenant: "platform", user: "ola", password, next });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/admin/stats"]);
  });

  it("goes on to any page of its own", async () => {
    const { url } = await platform();
    const response = await post(`${url}/sign-in`, { tenant: "platform", user: "ola", password, next: "/admin/stats?x=1#users" });
    expect(response.headers.get("location")).toBe("/admin/stats?x=1#users");
  });

  it.each<[string, Record<string, string>]>([
    ["from another site", { origin: "https://evil.example" }],
    ["without an origin", {}],
    ["from a sandboxed frame", { origin: "null" }],
    ["from another port", { origin: "http://127.0.0.1:1" }],
    ["that the browser calls another site's", { "sec-fetch-site": "cross-site", origin: "ours" }],
    ["that the browser calls a neighbour's", { "sec-fetch-site": "same-site", origin: "ours" }],
  ])("refuses a form %s", async (_, sent) => {
    const { url, ended, asked } = await platform();
    for (const path of ["/sign-in", "/sign-out", "/invitation"]) {
      const headers = { ...sent, ...(sent.origin === "ours" ? { origin: url } : {}) };
      const response = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: "invitation=for-ola",
      });
      expect([path, response.status, await response.json()]).toMatchObject([path, 403, { code: "csrf.origin", kind: "auth" }]);
      expect(response.headers.get("set-cookie")).toBeNull();
    }
    expect([ended, asked]).toEqual([[], []]);
  });

  it("shows a lesser role where its own work is", async () => {
    const { url } = await platform();
    const { page } = await visit(url);
    const answered = page.waitForResponse((response) => response.url().endsWith("/admin/stats"));
    await signIn(page, "ann");
    expect((await answered).status()).toBe(403);
    expect(await page.getByRole("heading").textContent()).toBe("This page is for the platform’s owners");
    expect(await page.locator("pre").textContent()).toContain(`chartctl login --api-url ${url} \\`);
    await isPresentable(page);
    expect(await page.content()).not.toContain("blue-harbour");
  });

  it("lets somebody in who follows a link on another site while signed in", async () => {
    const { page, url, found } = await operator();
    const elsewhere = await platform();
    // Another site: the same machine under another name.
    const other = elsewhere.url.replace("127.0.0.1", "localhost").replace(/\d+$/, "9");
    await page.route(`${other}/`, (route) => route.fulfill({ contentType: "text/html", body: `<a href="${url}/admin/stats">figures</a>` }));
    await page.goto(`${other}/`);
    await page.getByRole("link").click();
    await page.waitForSelector("#as-of");
    expect(found.filter((complaint) => !complaint.includes("favicon"))).toEqual([]);
  });
});

const post = async (url: string, fields: Record<string, string>, headers: Record<string, string> = { origin: new URL(url).origin }): Promise<Response> =>
  await fetch(url, { method: "POST", redirect: "manual", headers, body: new URLSearchParams(fields) });

describe("an invitation", () => {
  const secret = "s3cret-of-the-invitation";

  it("is taken from the address and out of the history, unseen by the server until it is sent", async () => {
    const served = await platform();
    const { page, found } = await visit("about:blank");
    const seen: string[] = [];
    page.on("request", (request) => seen.push(request.url(), JSON.stringify(request.headers())));
    await page.goto(`${served.url}/invitation#${secret}`);
    await expect.poll(() => page.url()).toBe(`${served.url}/invitation`);
    expect(await page.getByLabel("Invitation").isVisible()).toBe(false);
    expect(seen.join()).not.toContain(secret);
    await isPresentable(page);
    await page.getByLabel("New password").fill("a good long password");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.waitForURL(`${served.url}/invitation/done`);
    expect(served.asked).toEqual([{ invitation: secret, password: "a good long password" }]);
    expect(await page.getByRole("heading").textContent()).toBe("Your password is set");
    await isPresentable(page);
    expect(found).toEqual([]);
  });

  it("leads an owner of the platform to the figures", async () => {
    const served = await platform();
    const { page } = await visit(`${served.url}/invitation#for-ola`);
    await page.getByLabel("New password").fill("a good long password");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${served.url}/admin/stats`);
  });

  it("is pasted where there is no JavaScript, whole or its secret", async () => {
    const served = await platform();
    const { page } = await visit(`${served.url}/invitation#${secret}`, { javaScriptEnabled: false });
    await page.getByLabel("Invitation").fill(`${served.url}/invitation#${secret}`);
    await page.getByLabel("New password").fill("a good long password");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.waitForURL(`${served.url}/invitation/done`);
    expect(served.asked).toEqual([{ invitation: secret, password: "a good long password" }]);
  });

  it("says what is wrong: a short password keeps the invitation, a used invitation is asked for again", async () => {
    const { url } = await platform();
    const short = await post(`${url}/invitation`, { invitation: secret, password: "short" });
    expect(short.status).toBe(422);
    const again = await short.text();
    expect(again).toContain("The password is shorter than 12 characters.");
    expect(again).toContain(`value="${secret}"`);
    const used = await post(`${url}/invitation`, { invitation: "used-up", password: "a good long password" });
    expect(used.status).toBe(401);
    expect(await used.text()).toContain('name="invitation" value=""');
  });
});

describe("the stats page", () => {
  it.each([
    { name: "desktop-light", viewport: desktop, colorScheme: "light" as const },
    { name: "desktop-dark", viewport: desktop, colorScheme: "dark" as const },
    { name: "phone-light", viewport: phone, colorScheme: "light" as const },
    { name: "phone-dark", viewport: phone, colorScheme: "dark" as const },
  ])("$name: everybody can read it, nothing is out of bounds", async ({ name, viewport, colorScheme }) => {
    const { page, found } = await operator({ viewport, colorScheme });
    await page.waitForSelector("#trend-chart canvas");
    await isPresentable(page);
    if (name !== "phone-light") await shoot(page, `admin-stats-${name}`);
    expect(found).toEqual([]);
  });

  it("shows hostile names as text", async () => {
    const { page, found } = await operator();
    expect(await page.locator("#failed").textContent()).toContain(hostile);
    expect(await page.locator("#cleanups").textContent()).toContain(hostile);
    expect(await page.locator("#callers").textContent()).toContain(hostile);
    expect(await page.locator("main script, main img").count()).toBe(0);
    expect(found).toEqual([]);
  });

  it("has every figure in tables without JavaScript, and reloads itself", async () => {
    const { page, found } = await operator({ javaScriptEnabled: false, viewport: phone });
    const rows = async (id: string) => await page.locator(`#${id} tbody tr`).count();
    expect(await Promise.all(["projects", "tenants", "failed", "running", "cleanups", "workers", "callers", "trend"].map(rows))).toEqual([
      60, 6, 4, 3, 3, 3, 3, 30,
    ]);
    expect(await page.locator("#users tbody tr").count()).toBe(richStats().users.length);
    expect(await page.locator("#trend-chart").isVisible()).toBe(false);
    expect(await page.locator("noscript meta[http-equiv=refresh]").getAttribute("content")).toBe("60");
    expect(await words(page.locator("#failed"))).toContain("AWS refuses iam:CreateRole");
    expect(await words(page.locator("#workers tr.bad"))).toContain("dead");
    expect(await words(page.locator("#users tbody tr").first())).toMatch(/^acme\/ann ?5 of 5/);
    expect(found).toEqual([]);
  });

  it("says what to do where there is nothing yet", async () => {
    const { page, found } = await operator({}, emptyStats());
    expect(await page.locator("section:not(#overview):not(#jobs)").count()).toBe(9);
    expect(await page.locator(".empty").count()).toBe(9);
    const all = await words(page.locator("main"));
    for (const command of ["chartctl tenants add ID", "chartctl worker", "provision", "chartctl cleanup --dry-run"]) expect(all).toContain(command);
    await isPresentable(page);
    expect(found).toEqual([]);
  });

  it("tells the day under the pointer", async () => {
    const { page } = await operator();
    const chart = page.locator("#trend-chart .u-over");
    const box = await chart.boundingBox();
    await chart.hover({ position: { x: (box?.width ?? 0) - 8, y: 40 } });
    await expect.poll(() => page.locator("#trend-readout").textContent()).toMatch(/^14 Mar: \$\d+\.\d\d$/);
    await page.mouse.move(0, 0);
    await expect
      .poll(() => page.locator("#trend-readout").textContent())
      .toMatch(/ in 30 days, \$\d+\.\d\d a day: 27 as billed, the others estimated in part or whole$/);
  });

  it("keeps answers of pages to itself, and its parts for a year", async () => {
    const { page, url } = await operator();
    const response = await page.request.get(`${url}/admin/stats`);
    expect(response.headers()).toMatchObject({ "cache-control": "no-store", "referrer-policy": "same-origin", "x-content-type-options": "nosniff" });
    expect(response.headers()["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    const text = await response.text();
    expect(text).not.toMatch(/ style="|<script(?! type="module" src=)|<style/);
    const parts = [...text.matchAll(/\/assets\/[\w.-]+/g)].map(([path]) => path);
    expect(new Set(parts).size).toBe(3);
    for (const part of parts) expect((await page.request.get(url + part)).headers()["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  it("says in words that the figures can't be read now", async () => {
    const served = await platform();
    const { page } = await visit(served.url);
    served.shows(new ChartctlError({ kind: "external", code: "store.unavailable", message: "The database doesn't answer", hint: "try again in a minute" }));
    await signIn(page);
    expect(await words(page.getByRole("alert"))).toBe("The database doesn't answer. Try again in a minute");
  });
});

/** Pixels of the chart's first two columns. */
const paintedAtTheEdge = `(() => {
  const canvas = document.querySelector("#trend-chart canvas");
  return canvas.getContext("2d").getImageData(0, 0, 2, canvas.height).data.filter((value, at) => at % 4 === 3 && value > 0).length;
})()`;

describe("the costs page", () => {
  /** Signed in, on the costs page. */
  async function opened(look: BrowserContextOptions = {}, changed: Partial<PagePorts> = {}, path = "/admin/costs") {
    const served = await platform(changed);
    const visited = await visit(served.url + path, look);
    await signIn(visited.page);
    await visited.page.waitForSelector("#as-of");
    return { ...served, ...visited };
  }

  it.each<[string, BrowserContextOptions, string?]>([
    ["on a desktop, light", { viewport: desktop }, "admin-costs-desktop-light"],
    ["on a desktop, dark", { viewport: desktop, colorScheme: "dark" }],
    ["on a phone, light", { viewport: phone }],
    ["on a phone, dark", { viewport: phone, colorScheme: "dark" }, "admin-costs-phone-dark"],
  ])("%s: every part is there, fits, and is accessible", async (_, look, name) => {
    const { page, found } = await opened(look);
    await page.waitForSelector("#trend-chart canvas");
    for (const title of ["Cost per day", "Tenants", "Users", "Services", "Projects", "Bills"])
      expect(await page.getByRole("heading", { name: title, exact: true }).count(), title).toBe(1);
    await isPresentable(page);
    expect(found).toEqual([]);
    if (name) await shoot(page, name);
  });

  it("says what was billed, what of it is nobody's, and which bill can't be read; hostile words are only text", async () => {
    const { page } = await opened({}, { costs: async (days) => richCosts(days, hostile) });
    expect(await words(page.locator("h1"))).toBe("Costs in March 2026");
    expect(await words(page.locator(".attention"))).toBe("1 bill can’t be read");
    expect(await cells(page.locator("#projects"))).toContain("easel/refunded ann ended -$12.40 $0.00 -$12.40");
    expect(await cells(page.locator("#tenants"))).toContain("fjord not read $0.00 0");
    expect(await cells(page.locator("#tenants"))).toContain("and 18.40 CNY");
    expect(await cells(page.locator("#tenants"))).toContain("initech (removed) $12.50 $0.00 12");
    expect(await words(page.locator("#bills"))).not.toContain("initech");
    expect(await words(page.locator("#overview"))).toContain("so far, of 5 of 6 tenants, and 1 removed");
    expect(await cells(page.locator("#users"))).toContain("acme (nobody’s) $3.10");
    expect(await cells(page.locator("#bills tbody tr").first())).toContain(`corvid can’t be read 04:10 13:40 Cost Explorer 1 Mar ${hostile}`);
    expect(await words(page.locator("#overview"))).toMatch(/Without a project\$\d+\.\d\d of it, shown below/);
  });

  it.each([
    ["small", 0.003],
    ["usual", 1],
    ["large", 1_000],
    ["huge", 400_000],
    ["negative", -1_000],
  ])("cuts no amount beside the chart: %s ones", async (_, times) => {
    const costs = async (count: number) => {
      const rich = richCosts(count);
      return {
        ...rich,
        days: rich.days.map((day) => ({ ...day, cents: Math.round(day.cents * times), estimatedCents: Math.round(day.estimatedCents * times) })),
      };
    };
    for (const [viewport, ground] of [
      [desktop, "light"],
      [desktop, "dark"],
      [phone, "light"],
    ] as const) {
      const { page } = await opened({ viewport, colorScheme: ground }, { costs });
      await page.waitForSelector("#trend-chart canvas");
      // What is cut is painted up to the edge.
      expect(await page.evaluate<number>(paintedAtTheEdge), `${viewport.width} ${ground}`).toBe(0);
    }
  });

  it("says of how many it lists the dearest", async () => {
    const { projects, users } = richCosts(30);
    const counts = { projects: 1_270, users: users.length, services: 7 };
    const { page } = await opened({}, { costs: async (days) => ({ ...richCosts(days), counts }) });
    expect(await words(page.locator("#projects caption"))).toMatch(`The ${projects.length} dearest of 1,270 rows, with what carries no project’s tag;`);
    expect(await words(page.locator("#users caption"))).toMatch(`${users.length} rows, dearest first, by the projects’ owners;`);
    expect(await words(page.locator("#services caption"))).toMatch("The 6 dearest of 7 services, of all tenants;");
  });

  it.each([
    ["a desktop", desktop],
    ["a phone", phone],
  ])("breaks a name that is long: on %s what it cost stays in sight", async (_, viewport) => {
    const long = `Marketplace${"x".repeat(889)}`;
    const costs = async (count: number) => {
      const rich = richCosts(count);
      return { ...rich, services: rich.services.map((row, at) => (at === 0 ? { ...row, service: long } : row)) };
    };
    const { page } = await opened({ viewport }, { costs });
    const table = page.locator("#services .scroll");
    const row = page.locator("#services tbody tr").first();
    const inSight = async (): Promise<void> => {
      const [box, amount] = [await table.boundingBox(), await row.locator(".use-of > span").boundingBox()];
      const end = (of: typeof box, from: "x" | "y", size: "width" | "height"): number => (of?.[from] ?? Number.NaN) + (of?.[size] ?? Number.NaN);
      expect(end(amount, "x", "width")).toBeLessThanOrEqual(end(box, "x", "width"));
      expect(end(amount, "y", "height")).toBeLessThanOrEqual(end(box, "y", "height"));
    };
    await inSight();
    await isPresentable(page);
    expect((await row.boundingBox())?.height).toBeLessThan(160);
    expect(await row.locator("p", { hasText: long }).isVisible()).toBe(false);
    await row.locator("summary").click();
    expect(await row.locator("p", { hasText: long }).isVisible()).toBe(true);
    await inSight();
  });

  it("has tables without JavaScript, and 90 days by a link", async () => {
    const { page } = await opened({ javaScriptEnabled: false });
    expect(await page.locator("#trend-chart").isVisible()).toBe(false);
    await page.locator("#trend-table-summary").click();
    expect(await page.locator("#trend-days tbody tr:visible").count()).toBe(30);
    await page.getByRole("link", { name: "90 days" }).click();
    expect(new URL(page.url()).search).toBe("?days=90");
    expect(await page.locator("#trend-days tbody tr").count()).toBe(90);
    expect(await page.locator("[aria-current=true]").textContent()).toBe("90 days");
    await page.goto(page.url().replace("90", "1e9"));
    expect(await page.locator("#trend-days tbody tr").count()).toBe(30);
  });

  it("tells bill and estimate of the day under the pointer", async () => {
    const { page } = await opened();
    const chart = page.locator("#trend-chart .u-over");
    const box = await chart.boundingBox();
    await chart.hover({ position: { x: (box?.width ?? 0) - 8, y: 40 } });
    await expect.poll(() => page.locator("#trend-readout").textContent()).toMatch(/^14 Mar: \$\d+\.\d\d, estimated \$\d+\.\d\d$/);
  });

  it("is one link from the platform's page and back, and for the platform's owners alone", async () => {
    const { page, url } = await opened();
    await page.getByRole("navigation").getByRole("link", { name: "Platform" }).click();
    await page.waitForURL(`${url}/admin/stats`);
    expect(await cells(page.locator("#bills"))).toContain("corvid 3");
    await page.getByRole("navigation").getByRole("link", { name: "Costs" }).click();
    await page.waitForURL(`${url}/admin/costs`);
    const other = await visit(`${url}/admin/costs`);
    await signIn(other.page, "ann");
    expect(await other.page.getByRole("heading").textContent()).toBe("This page is for the platform’s owners");
    expect(other.page.url()).toBe(`${url}/admin/costs`);
  });

  it("of a platform that is new says what comes next", async () => {
    const { page, found } = await opened({}, { costs: async () => emptyCosts });
    expect(await page.locator("table").count()).toBe(0);
    for (const command of ["chartctl tenants connect ID", "chartctl stats"]) expect(await words(page.locator("main"))).toContain(command);
    await isPresentable(page);
    expect(found).toEqual([]);
  });
});

describe("the stats page refreshes itself", () => {
  const later = (change: (stats: Stats) => void): Stats => {
    const stats = richStats();
    stats.at = "2026-03-14T12:03:30.000Z";
    change(stats);
    return stats;
  };
  /** The clock is the test's. */
  async function opened(look: BrowserContextOptions = {}) {
    const all = await operator(look);
    await all.page.clock.install();
    await all.page.reload();
    await all.page.waitForSelector("#trend-chart canvas");
    const asked: string[] = [];
    all.page.on("request", (request) => asked.push(`${request.resourceType()} ${new URL(request.url()).pathname}`));
    return { ...all, asked };
  }
  const asOf = (page: Page) => page.locator("#as-of").textContent();
  const state = (page: Page) => page.locator("#freshness").textContent();

  it("with new figures, without a reload, and leaves its reader where they were", async () => {
    const { page, shows, asked, found } = await opened({ viewport: phone });
    await page.locator("#why-op2-summary").click();
    await page.locator("#trend-table-summary").click();
    await page.locator("#projects-table").focus();
    const place = `(() => { const box = document.querySelector("#projects-table");
      return [scrollY, box.scrollLeft, box.scrollTop, document.activeElement.id, [...document.querySelectorAll("details[open]")].map(({ id }) => id).join()]; })()`;
    await page.evaluate(`document.querySelector("#projects-table").scrollTo(60, 200); scrollTo(0, 2500); window.mine = true;`);
    const before = await page.evaluate<unknown[]>(place);
    expect(before).toEqual([2_500, 60, 200, "projects-table", "trend-table,why-op2"]);
    shows(later(({ jobs }) => (jobs.queued = 4_711)));
    await page.clock.runFor(10_000);
    await expect.poll(() => asOf(page)).toBe("12:03:30 UTC");
    expect(await page.locator("#jobs dd").first().textContent()).toBe("4711");
    expect(await page.evaluate(place)).toEqual(before);
    expect(await page.evaluate("window.mine")).toBe(true);
    expect(await page.locator("#trend-chart canvas").count()).toBe(1);
    expect(asked).toEqual(["fetch /admin/stats"]);
    expect(await state(page)).toBe("");
    await page.clock.runFor(10_000);
    await expect.poll(() => asked.length).toBe(2);
    expect(found).toEqual([]);
  });

  it("and says when it can't, until it can again", async () => {
    const { page, shows } = await opened();
    shows(new ChartctlError({ kind: "external", code: "store.unavailable", message: "The database doesn't answer" }));
    await page.clock.runFor(10_000);
    await expect.poll(() => state(page)).toBe("As of 12:03:20 UTC, can’t be refreshed: the server answered 503. Next try in 10 s.");
    await isPresentable(page);
    await page.context().setOffline(true);
    await page.clock.runFor(10_000);
    await expect.poll(() => state(page)).toContain("the server doesn’t answer");
    await page.context().setOffline(false);
    shows(later(() => {}));
    await page.clock.runFor(10_000);
    await expect.poll(() => state(page)).toBe("");
    expect(await asOf(page)).toBe("12:03:30 UTC");
  });

  it("and says when the session has ended", async () => {
    const { page } = await opened();
    await page.context().clearCookies();
    await page.clock.runFor(10_000);
    await expect
      .poll(() => state(page))
      .toBe("As of 12:03:20 UTC, can’t be refreshed: your session has ended, reload the page to sign in again. Next try in 10 s.");
    expect(await page.locator("#projects tbody tr").count()).toBe(60);
  });

  it("and loads itself anew when the server has become another version", async () => {
    const { page } = await opened();
    await page.evaluate("window.mine = true");
    await page.route(
      "**/admin/stats",
      async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replace(/style-\w+/, "style-of-the-next-version") });
      },
      { times: 1 },
    );
    await page.clock.runFor(10_000);
    await expect.poll(() => page.evaluate("window.mine")).toBeUndefined();
    await page.waitForSelector("#trend-chart canvas");
  });

  it("not while nobody looks, and at once when somebody does", async () => {
    const { page, asked, shows } = await opened();
    shows(later(() => {}));
    const look = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"));`,
      );
    await look(true);
    await page.clock.runFor(60_000);
    expect(asked).toEqual([]);
    await look(false);
    await expect.poll(() => asOf(page)).toBe("12:03:30 UTC");
    expect(asked).toEqual(["fetch /admin/stats"]);
    await page.clock.runFor(10_000);
    await expect.poll(() => asked.length).toBe(2);
  });

  it("not under a selection, and says so", async () => {
    const { page, asked } = await opened();
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector("#failed td.reason"))`);
    await page.clock.runFor(10_000);
    expect(await state(page)).toBe("As of 12:03:20 UTC: waits while text is selected.");
    expect(asked).toEqual([]);
    await page.evaluate("getSelection().removeAllRanges()");
    await page.clock.runFor(10_000);
    await expect.poll(() => state(page)).toBe("");
    expect(asked).toEqual(["fetch /admin/stats"]);
  });
});
