/** The process that answers: HTTP on Node, until it is told to stop; then it finishes what it has begun. */
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { ChartctlError } from "../../errors.ts";
import { createControlApi } from "../app.ts";
import { addPages } from "../pages/add-pages.ts";
import { costFigures } from "../store/cost-figures.ts";
import type { HostConfig } from "./config.ts";
import { addEventStream } from "./events.ts";
import type { HostedPlatform } from "./hosted.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { forwardedAddress, useMiddleware } from "./middleware.ts";
import { pagePorts } from "./pages.ts";

/** Below the 30 s that hosts such as Heroku wait before they kill. */
const drainMilliseconds = 20_000;
/** What is on its way on a connection that looks idle is still answered (503, and the connection ends) instead of cut off. */
const refuseMilliseconds = 300;

export interface Running {
  /** As it listens, such as `http://127.0.0.1:5001`. */
  url: string;
  /** No new work, the begun is finished, at most `drainMilliseconds`. */
  stop(): Promise<void>;
}

/** The connection's own address, kept beside the request by `serveHosted`. */
const connections = new WeakMap<Request, string>();

/** Behind `trustedProxies`, the address that they saw. */
export const addressIn =
  (trustedProxies: number) =>
  (request: Request): string =>
    forwardedAddress(request.headers.get("x-forwarded-for") ?? undefined, trustedProxies, connections.get(request) ?? "unknown");

/** Error `serve.port` (failed) when the port is taken or not allowed. */
export async function serveHosted(platform: HostedPlatform, options: { config: HostConfig; log: Log; version: string }): Promise<Running> {
  const { config, log, version } = options;
  const { addressOf } = platform.api.hosted;
  const secure = config.publicUrl.startsWith("https:");
  let stopping = false;
  const streams = new AbortController();
  const metrics = createMetrics(version, async () => {
    const { used, waiting } = platform.pool();
    const rows = await platform.db
      .selectFrom("jobs")
      .select((select) => ["status", select.fn.countAll<number>().as("count")])
      .groupBy("status")
      .execute();
    const costs = await costFigures(platform.db, await platform.api.alertReceiver(), platform.api.now());
    return { poolUsed: used, poolWaiting: waiting, costs, jobs: Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)])) };
  });
  const app = createControlApi(platform.api, (routes) => {
    useMiddleware(routes, {
      log,
      metrics,
      secure,
      corsOrigins: config.corsOrigins,
      metricsToken: config.metricsToken,
      addressOf,
      admit: (address) => platform.api.hosted.limits.address(address),
      stopping: () => stopping,
    });
    addEventStream(routes, platform.api, streams.signal);
    addPages(routes, pagePorts(platform.api, { secure, version, addressOf }));
  });
  const server = createAdaptorServer({
    fetch: (request, env) => {
      const { remoteAddress } = (env as { incoming: { socket: { remoteAddress?: string } } }).incoming.socket;
      if (remoteAddress) connections.set(request, remoteAddress);
      return app.fetch(request, env);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, config)));
    server.listen(config.port, config.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;
  return {
    url,
    stop: async () => {
      stopping = true;
      streams.abort();
      await sleep(refuseMilliseconds);
      await nextTurn(); // what has arrived by now is read first
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      const late = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), drainMilliseconds);
      await closed;
      clearTimeout(late);
    },
  };
}

const portError = (error: NodeJS.ErrnoException, { host, port }: HostConfig): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "serve.port",
    message: error.code === "EADDRINUSE" ? `Port ${port} on ${host} is taken` : `This machine doesn't let chartctl listen on ${host}:${port} (${error.code})`,
    hint: "choose another one: chartctl serve --port 5002, or --port 0 for any",
    cause: error,
  });
