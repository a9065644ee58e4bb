/** Prometheus metrics of one process. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CostFigures } from "../store/cost-figures.ts";

export interface Metrics {
  request(facts: { method: string; route: string; status: number; seconds: number }): void;
  limited(): void;
  /** The exposition format, with figures that `collect` asks for now. */
  text(): Promise<string>;
  contentType: string;
}

/** `collect` gives the platform's own figures at each scrape. */
export function createMetrics(
  version: string,
  collect: () => Promise<{ poolUsed: number; poolWaiting: number; jobs: Record<string, number>; costs: CostFigures }>,
): Metrics {
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
  const setCosts = costGauges(registers);
  return {
    request: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    limited: () => limited.inc(),
    text: async () => {
      const now = await collect();
      pool.set({ state: "used" }, now.poolUsed);
      pool.set({ state: "waiting" }, now.poolWaiting);
      for (const [status, count] of Object.entries(now.jobs)) jobs.set({ status }, count);
      setCosts(now.costs);
      return await registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function costGauges(registers: Registry[]): (costs: CostFigures) => void {
  const alerts = new Gauge({
    name: "chartctl_alerts_undelivered",
    help: "Alerts about costs that were not delivered: waiting for their first try, failing (tried again), given up",
    labelNames: ["state"],
    registers,
  });
  const oldest = new Gauge({ name: "chartctl_alerts_oldest_undelivered_seconds", help: "Age of the oldest of them; 0 without one", registers });
  const held = new Gauge({ name: "chartctl_cleanups_held", help: "Clean-ups for costs that wait for their alert to be delivered", registers });
  const bills = new Gauge({ name: "chartctl_bills_failing", help: "Tenants whose bill could not be read at the last try", registers });
  const over = new Gauge({ name: "chartctl_over_cost", help: "Projects and users over a cost limit this month", labelNames: ["of"], registers });
  return ({ alerts: { waiting, failing, givenUp }, oldestAlertSeconds, heldCleanUps, failingBills, over: { projects, users } }) => {
    alerts.set({ state: "waiting" }, waiting - failing);
    alerts.set({ state: "failing" }, failing);
    alerts.set({ state: "given_up" }, givenUp);
    oldest.set(oldestAlertSeconds);
    held.set(heldCleanUps);
    bills.set(failingBills);
    over.set({ of: "project" }, projects);
    over.set({ of: "user" }, users);
  };
}
