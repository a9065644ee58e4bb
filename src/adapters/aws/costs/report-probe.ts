/** A Cost and Usage Report, looked at with a session that reads costs. */
import { setTimeout as sleep } from "node:timers/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import { billing } from "../../../core/costs/billing-names.ts";
import type { AwsCredentials } from "../../../core/ports.ts";
import type { ReportProbe } from "../../../core/tenants/verify-billing.ts";
import type { AwsEnvironment } from "../clients.ts";
import { clientSettings } from "../clients.ts";
import type { AthenaOptions } from "./athena.ts";
import { askQuery, describeTable } from "./athena.ts";
import { newestSql } from "./cur-sql.ts";
import { curLayout, tagColumn } from "./cur-table.ts";

/** A hosted API answers within the half minute that routers give it. */
const longestWaitMilliseconds = 20_000;

export function reportProbe(env: AwsEnvironment, credentials: AwsCredentials, interrupted: AbortSignal): ReportProbe {
  const { database, workgroup, region } = billing;
  const athena: AthenaOptions = {
    client: async () => new AthenaClient(clientSettings(env, "ATHENA", region, credentials)),
    clock: { now: () => new Date(), sleep: async (milliseconds, signal) => await sleep(milliseconds, undefined, { signal }).catch(() => {}) },
    workgroup,
    reuseMinutes: 0,
    interrupted,
    longestWaitMilliseconds,
  };
  return {
    table: async (table) => {
      const { columns, partitions } = await describeTable(athena, { database, table });
      const names = columns.map(({ name }) => name);
      const map = columns.some(({ name, type }) => name === "resource_tags" && type.toLowerCase().startsWith("map"));
      return {
        columns: names,
        partitions: partitions.map(({ name }) => name),
        tags: map ? "map" : names.includes(tagColumn("ProjectId")) ? "columns" : "none",
      };
    },
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
