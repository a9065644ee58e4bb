/** A real browser without a window: Debian's chromium, through playwright-core. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** Error with the command that installs one. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHARTCTL_CHROMIUM ?? names.map(onPath).find((path) => path !== undefined);
  if (!executablePath) throw new Error("These tests need a browser. Install one: apt-get install chromium (or name it: CHARTCTL_CHROMIUM=PATH)");
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {} // not here
  }
  return undefined;
}

/** Everything that a visitor shouldn't see in the console or the network, as it happens. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") found.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => found.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => found.push(`failed: ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400) found.push(`${response.status()}: ${response.url()}`);
  });
  return found;
}
