/** `chartctl stats`: the platform at a glance. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import type { Project } from "../contract/resources.ts";
import { formatCents } from "../core/money.ts";
import { table } from "../ui/table.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const tenants = await (await cli.connect.api())(endpoints.listTenants, {});
    const now = cli.clock.now().toISOString();
    const rows = await Promise.all(tenants.map(async ({ id }) => rowOf(id, await (await cli.connect.apiOf(id))(endpoints.listProjects, {}), now)));
    cli.io.result("Stats", { tenants: rows }, () => textOf(rows, cli.io.width));
  });
}

const rowOf = (tenantId: string, projects: Project[], now: string) => ({
  tenantId,
  projects: projects.length,
  applications: projects.filter(({ application }) => application === "deployed").length,
  monthlyCents: projects.reduce((sum, { monthlyCents }) => sum + monthlyCents, 0),
  failed: projects.filter(({ infrastructure, application }) => infrastructure === "failed" || application === "failed").length,
  expired: projects.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now).length,
  /** Clean-ups that fail, with their next try. */
  cleanups: projects.flatMap(({ id, cleanup }) => (cleanup ? [{ projectId: id, ...cleanup }] : [])),
});
type Row = ReturnType<typeof rowOf>;

function textOf(rows: Row[], width: number): string {
  if (rows.length === 0) return "No tenants yet. Add one: chartctl tenants add ID";
  const drawn = table<Row>(
    rows,
    [
      { title: "Tenant", value: ({ tenantId }) => tenantId },
      { title: "Projects", value: ({ projects }) => String(projects), right: true },
      { title: "Applications", value: ({ applications }) => String(applications), right: true },
      { title: "Estimate", value: ({ monthlyCents }) => formatCents(monthlyCents), right: true },
      { title: "Failed", value: ({ failed }) => String(failed), right: true },
      { title: "Expired", value: ({ expired }) => String(expired), right: true },
    ],
    width,
  );
  const failing = rows.flatMap(({ tenantId, cleanups }) =>
    cleanups.map(
      ({ projectId, attempts, nextAt, error }) =>
        `Clean-up of ${tenantId}/${projectId} failed ${attempts} ${attempts === 1 ? "time" : "times"}, next try after ${nextAt.slice(0, 16).replace("T", " ")} UTC: ${error}`,
    ),
  );
  return [drawn, ...failing].join("\n");
}
