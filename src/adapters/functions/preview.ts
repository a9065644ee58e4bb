/** An application on this machine, before it is deployed: the same runtime, its table in memory, built again when a file changes. */
import { mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import localApp from "../../app-runtime/local-app.ts?bundled";
import localIndex from "../../app-runtime/local-index.ts?bundled";
import { ChartctlError, messageOf } from "../../errors.ts";
import { appParts } from "../app/build.ts";
import { appModule } from "../app/bundle.ts";
import { eventOf, sendAnswer, sendFailure } from "./http-event.ts";
import type { RunningFunction } from "./worker.ts";
import { startFunction } from "./worker.ts";

export interface Preview {
  url: string;
  close(): Promise<void>;
}

export interface PreviewOptions {
  folder: string;
  /** 0 chooses a free one. */
  port: number;
  /** What a person is told: a request, a line of the function's, a build. */
  say(line: string): void;
}

/** An editor writes a file in several steps. */
const settleMilliseconds = 150;
const timeoutSeconds = 30;

/** Listens on loopback only. Errors: those of the build, `preview.port` (usage). */
export async function startPreview({ folder: given, port, say }: PreviewOptions): Promise<Preview> {
  const folder = resolve(given);
  const built = mkdtempSync(join(tmpdir(), "chartctl-preview-"));
  let running: { code: string | undefined; one: RunningFunction } | undefined;

  /** The function starts again only when its code changed: what its table holds stays as long as it can. */
  const build = async (): Promise<void> => {
    const { app, api, manifest } = await appParts(folder, { compress: false });
    writeFileSync(join(built, "manifest.json"), JSON.stringify(manifest));
    if (running && running.code === api) return;
    // Node keeps modules by their path: each code has a folder of its own.
    const version = mkdtempSync(join(built, "code-"));
    mkdirSync(version, { recursive: true });
    for (const [name, content] of Object.entries({ "index.mjs": localIndex, [appModule]: localApp, ...(api === undefined ? {} : { "api.mjs": api }) }))
      writeFileSync(join(version, name), content);
    const before = running;
    const site = app.site === undefined ? "" : join(folder, app.site);
    const env = { ...(process.env as Record<string, string>), CHARTCTL_SITE_FOLDER: site, CHARTCTL_MANIFEST: join(built, "manifest.json") };
    running = { code: api, one: startFunction({ folder: version, env, timeoutSeconds, log: say }) };
    await before?.one.stop();
  };
  try {
    await build();
  } catch (error) {
    rmSync(built, { recursive: true, force: true });
    throw error;
  }

  const server = createServer(async (incoming, outgoing) => {
    outgoing.on("error", () => {});
    try {
      const event = await eventOf(incoming);
      if (!event || !running) return sendFailure(outgoing, 413, "Request Too Long");
      const { payload, failed } = await running.one.run(event);
      if (failed) sendFailure(outgoing, 500, "Internal Server Error");
      else sendAnswer(outgoing, incoming.method, payload);
      say(`${incoming.method} ${incoming.url} ${outgoing.statusCode}`);
    } catch (error) {
      if (outgoing.headersSent) outgoing.destroy();
      else sendFailure(outgoing, 502, messageOf(error));
    }
  });
  const watcher = watchFolder(folder, async () => {
    try {
      await build();
      say("Built again.");
    } catch (error) {
      say(`Not built: ${messageOf(error)}`);
    }
  });
  const close = async (): Promise<void> => {
    watcher.close();
    await running?.one.stop();
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
    rmSync(built, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((listening, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", listening);
    });
  } catch (error) {
    await close();
    throw new ChartctlError({
      kind: "usage",
      code: "preview.port",
      message: `Port ${port} can't be used: ${messageOf(error)}`,
      hint: "choose another: chartctl preview --port 0 finds a free one",
      cause: error,
    });
  }
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, close };
}

/** Where a system can't watch folders, a preview simply doesn't build again. */
function watchFolder(folder: string, changed: () => Promise<void>): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  try {
    const watcher = watch(folder, { recursive: true }, (_, name) => {
      if (name?.toString().split("/").includes("node_modules")) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        working = working.then(changed);
      }, settleMilliseconds);
    });
    watcher.on("error", () => watcher.close());
    return {
      close: () => {
        clearTimeout(timer);
        watcher.close();
      },
    };
  } catch {
    return { close: () => {} };
  }
}
