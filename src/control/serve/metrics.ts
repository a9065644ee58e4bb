/** Prometheus metrics of one process. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  request(facts: { method: string; route: string; status: number; seconds: number }): void;
  limited(): void;
  /** The exposition format, with figures that `collect` asks for now. */
  text(): Promise<string>;
  contentType: string;
}

/** `collect` gives the platform's own figures at each scrape. */
export function createMetrics(version: string, collect: () => Promise<{ poolUsed: number; poolWaiting: number; jobs: Record<string, number> }>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: "chartctl_info", help: "The version that runs", labelNames: ["version"], registers }).set({ version }, 1);
  const requests = new Histogram({
    name: "chartctl_http_request_duration_seconds",
    help: "Requests by method, route and status",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const limited = new Counter({ name: "chartctl_rate_limited_total", help: "Requests that a rate limit refused", registers });
  const pool = new Gauge({
    name: "chartctl_database_connections",
    help: "Connections in use, and requests that wait for one",
    labelNames: ["state"],
    registers,
  });
  const jobs = new Gauge({ name: "chartctl_jobs", help: "Jobs by status", labelNames: ["status"], registers });
  return {
    request: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    limited: () => limited.inc(),
    text: async () => {
      const now = await collect();
      pool.set({ state: "used" }, now.poolUsed);
      pool.set({ state: "waiting" }, now.poolWaiting);
      for (const [status, count] of Object.entries(now.jobs)) jobs.set({ status }, count);
      return await registry.metrics();
    },
    contentType: registry.contentType,
  };
}
