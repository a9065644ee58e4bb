/** A Cost and Usage Report, looked at with a session that reads costs. */
import { setTimeout as sleep } from "node:timers/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import type { Grouping, Metric } from "../../../core/costs/actual/cost-source.ts";
import { metrics } from "../../../core/costs/actual/cost-source.ts";
import { billing } from "../../../core/costs/billing-names.ts";
import type { AwsCredentials } from "../../../core/ports.ts";
import type { ReportProbe } from "../../../core/tenants/verify-billing.ts";
import type { AwsEnvironment } from "../clients.ts";
import { clientSettings } from "../clients.ts";
import type { AthenaOptions } from "./athena.ts";
import { askQuery, describeTable } from "./athena.ts";
import { columnsFor, newestSql } from "./cur-sql.ts";
import { curLayout } from "./cur-table.ts";
import { oneClient } from "./one-client.ts";

/** A hosted API answers within the half minute that routers give it. */
const longestWaitMilliseconds = 20_000;

/** What `costs` may ask a report for, beyond the unblended cost of services. */
const questions: { name: string; grouping: Grouping; metric: Metric }[] = [
  { name: "--by usage-type", grouping: { by: "usage-type" }, metric: "unblended" },
  { name: "--by region", grouping: { by: "region" }, metric: "unblended" },
  { name: "estimate --check", grouping: { by: "usage" }, metric: "unblended" },
  ...metrics.filter((metric) => metric !== "unblended").map((metric) => ({ name: `--metric ${metric}`, grouping: { by: "service" } as const, metric })),
];

export function reportProbe(env: AwsEnvironment, tenantId: string, credentials: AwsCredentials, interrupted: AbortSignal): ReportProbe {
  const { database, workgroup, region } = billing;
  const { client, close } = oneClient(async () => new AthenaClient(clientSettings(env, "ATHENA", region, credentials)));
  const athena: AthenaOptions = {
    client,
    tenantId,
    clock: { now: () => new Date(), sleep: async (milliseconds, signal) => await sleep(milliseconds, undefined, { signal }).catch(() => {}) },
    workgroup,
    reuseMinutes: 0,
    interrupted,
    longestWaitMilliseconds,
  };
  return {
    table: async (table) => {
      const described = await describeTable(athena, { database, table });
      const layout = curLayout(described);
      const plain = columnsFor(layout, { grouping: { by: "service" }, metric: "unblended" });
      const asked = questions.map(({ name, ...question }) => ({ name, missing: columnsFor(layout, question).missing }));
      return {
        ...plain,
        partitions: described.partitions.map(({ name }) => name),
        tags: layout.tags,
        lacking: asked.filter(({ missing }) => missing.length > 0),
      };
    },
    close,
    newest: async (table, months) => {
      const layout = curLayout(await describeTable(athena, { database, table }));
      const { pages, dollars } = await askQuery(athena, { database, table }, newestSql(layout, months));
      let found: (string | null)[] | undefined;
      for await (const [row] of pages) found ??= row;
      const [newest = null, lines, tagged] = found ?? [];
      return { newest: newest === null ? null : `${newest.slice(0, 19).replace(" ", "T")}Z`, lines: Number(lines ?? 0), tagged: Number(tagged ?? 0), dollars };
    },
  };
}
