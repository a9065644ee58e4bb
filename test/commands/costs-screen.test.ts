/** What `costs` looks like: a real terminal's bytes, drawn by a terminal emulator in a real browser; no line is wider than the screen. */
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { newHome } from "../support/cli.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import { monthLines } from "../support/month-report.ts";
import { atTerminal } from "../support/terminal.ts";

const { resolve } = createRequire(import.meta.url);
const shots = new URL("../../docs/screenshots/", import.meta.url);
const october = ["--from", "2026-10-01", "--to", "2026-10-31"];
const screens = {
  "costs-terminal": ["-t", "acme", "costs", ...october, "--by", "project"],
  "costs-trends-terminal": ["-t", "acme", "costs", "trends", ...october],
  "costs-estimate-terminal": ["costs", "estimate"],
};

let services: CostServices;
let home: ReturnType<typeof newHome>;
let browser: Browser;
beforeAll(async () => {
  const lines = monthLines().map(({ day, project, user, service, kind, currency, amount }) => ({
    hour: `${day}T05`,
    type: { usage: "Usage", tax: "Tax", credit: "Credit", refund: "Refund" }[kind],
    productCode: service,
    usageType: "Requests",
    region: "us-east-1",
    tags: { TenantId: "acme", ...(project === null ? {} : { ProjectId: project }), ...(user === null ? {} : { UserId: user }) },
    currency,
    amount,
  }));
  services = await startCostServices(lines, undefined);
  home = newHome({ AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", CHARTCTL_USER: "ann", TERM: "xterm-256color" });
  await home.run("tenants", "add", "acme");
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await services?.close();
  home?.remove();
});

/** How many lines the bytes fill, and how many of them go on in the next one because they are too wide. */
async function drawn(bytes: string, columns: number, picture?: string): Promise<{ lines: number; wrapped: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1_200, height: 1_600 } });
  await page.setContent(`<body style="margin:0;background:#16181d"><div id="screen" style="display:inline-block;padding:12px"></div>`);
  await page.addStyleTag({ path: resolve("@xterm/xterm/css/xterm.css") });
  await page.addStyleTag({ content: ".xterm .scrollbar { display: none }" });
  await page.addScriptTag({ path: resolve("@xterm/xterm") });
  const counted = await page.evaluate<{ lines: number; wrapped: string[] }>(
    `(async ({ bytes, columns }) => {
      const open = async (rows) => {
        const terminal = new Terminal({ cols: columns, rows, fontFamily: "DejaVu Sans Mono, monospace", fontSize: 14, cursorInactiveStyle: "none",
          theme: { background: "#16181d", foreground: "#e6e6e6" } });
        terminal.open(document.querySelector("#screen"));
        await new Promise((written) => terminal.write(bytes, written));
        return terminal;
      };
      const tall = await open(200);
      const { active } = tall.buffer;
      const texts = Array.from({ length: 200 }, (_, at) => active.getLine(at));
      const lines = texts.findLastIndex((line) => line.translateToString(true) !== "") + 1;
      const wrapped = texts.flatMap((line, at) => (line.isWrapped ? [texts[at - 1].translateToString(true)] : []));
      tall.dispose();
      await open(lines);
      await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
      return { lines, wrapped };
    })(${JSON.stringify({ bytes, columns })})`,
  );
  if (picture) await page.locator("#screen").screenshot({ path: new URL(`${picture}.png`, shots).pathname });
  await page.close();
  return counted;
}

const widths = [96, 60, 44];
test.each(Object.entries(screens).flatMap(([name, args]) => widths.map((columns) => ({ name, args, columns }))))(
  "$name fits $columns columns",
  async ({ name, args, columns }) => {
    const { code, screen } = await atTerminal(home, args, [], String(columns));
    expect(code).toBe(0);
    const typed = `\u001B[1m$ chartctl ${args.join(" ")}\u001B[0m\r\n`;
    const picture = columns === 96 && process.env.CHARTCTL_RECORD ? name : undefined;
    const { lines, wrapped } = await drawn(picture ? `${typed}${screen}` : screen, columns, picture);
    expect(lines).toBeGreaterThan(5);
    expect(wrapped).toEqual([]);
  },
);
