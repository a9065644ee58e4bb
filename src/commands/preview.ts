/** `chartctl preview`: the application on this machine, before it is deployed. */
import type { Command } from "commander";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";

const defaultPort = 3_000;

export function register(command: Command, cli: Cli): void {
  command
    .argument("[folder]", "the application's folder", ".")
    .option("--port <number>", "the port on this machine; 0 finds a free one", portOf, defaultPort)
    .option("--open", "open it in a browser")
    .action(async (folder: string, { port, open }: { port: number; open?: boolean }) => {
      const { startPreview, openBrowser } = await cli.connect.preview();
      const preview = await startPreview({ folder, port, say: cli.io.note });
      cli.io.result("Preview", { url: preview.url }, () => `${preview.url}\nIts table is in memory. It builds again when a file changes; Ctrl-C ends it.`);
      if (open) openBrowser(preview.url);
      await new Promise<void>((resolve) => cli.interrupt.gentle.addEventListener("abort", () => resolve(), { once: true }));
      await preview.close();
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new ChartctlError({ kind: "usage", code: "preview.port", message: `${JSON.stringify(text)} is no port`, hint: "a number from 0 to 65535" });
}
