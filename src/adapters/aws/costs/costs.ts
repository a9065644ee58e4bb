/** A tenant's costs, read with the tenant's role in a session that reads nothing else. */
import { createHash } from "node:crypto";
import type { SourceName } from "../../../core/costs/actual/choose-source.ts";
import { chosenSource } from "../../../core/costs/actual/choose-source.ts";
import type { CostSource, KeptCosts, MonthedSource } from "../../../core/costs/actual/cost-source.ts";
import { billing, noProject } from "../../../core/costs/billing-names.ts";
import type { ForecastSource, KeptForecasts } from "../../../core/costs/forecast/forecast-source.ts";
import type { DetailSource } from "../../../core/costs/report/detail.ts";
import type { AwsCredentials, Clock, Credentials } from "../../../core/ports.ts";
import { isChartctlError } from "../../../errors.ts";
import { keptCosts } from "../../cost-cache.ts";
import { collectSooner } from "../../heap.ts";
import type { AwsEnvironment } from "../clients.ts";
import { clientSettings, endpointOf } from "../clients.ts";
import { oneClient } from "./one-client.ts";

interface Options {
  tenantId: string;
  userId: string;
  source: SourceName;
  table: string;
  /** Somebody typed the table's name. */
  named?: boolean;
  refresh: boolean;
  env: AwsEnvironment;
  issuer: Pick<Credentials, "issue">;
  cacheFolder: string;
  scope: readonly unknown[];
  clock: Clock;
  interrupted: AbortSignal;
  note(message: string): void;
}

/** A result of Athena's that old is as new as the report, which AWS writes once a day or somewhat more. */
const reuseMinutes = 60;

/** No client is made, and no role assumed, before something has to be asked. */
export function awsCosts(options: Options): KeptCosts & KeptForecasts {
  const { source, table, named, refresh, cacheFolder, clock, interrupted, note } = options;
  const clients = clientsOf(options);
  const report = { database: billing.database, table };
  // The SDK is loaded when something has to be asked: a kept answer is there at once.
  const ce: CostSource = {
    read: async (query, sink) => {
      const { costExplorerSource } = await import("./cost-explorer.ts");
      collectSooner();
      return await costExplorerSource(clients.costExplorer, { interrupted, now: clock.now }).read(query, sink);
    },
  };
  const cur: MonthedSource = {
    read: async (query, sink) => {
      const { usageReportSource } = await import("./usage-report.ts");
      collectSooner();
      return await usageReportSource(clients.athena, report).read(query, sink);
    },
    months: async (asked) => await (await import("./usage-report.ts")).usageReportSource(clients.athena, report).months(asked),
  };
  const forecasts: ForecastSource = {
    forecast: async (query) => await (await import("./cost-forecast.ts")).costForecastSource(clients.costExplorer, interrupted).forecast(query),
  };
  const cache = { folder: cacheFolder, scope: scopeOf(options), refresh, now: clock.now, note };
  return {
    ...keptCosts(chosenSource({ source, named }, { ce, cur }, note), cache),
    close: clients.close,
    forecast: async (query) => await (await import("../../forecast-cache.ts")).keptForecasts(forecasts, cache).forecast(query),
  };
}

/** A bill line by line, from the source that answered for its sums. */
export async function awsCostDetail(options: Omit<Options, "source"> & { source: "ce" | "cur" }): Promise<DetailSource> {
  const { source, table, refresh, cacheFolder, clock, interrupted, note } = options;
  const { keptDetail } = await import("../../detail-cache.ts");
  const clients = clientsOf(options);
  const asked: DetailSource = {
    lines: async function* (query, paid) {
      const { explorerDetail, usageReportDetail } = await import("./detail.ts");
      collectSooner();
      const of = source === "ce" ? explorerDetail(clients.costExplorer, interrupted) : usageReportDetail(clients.athena, { database: billing.database, table });
      yield* of.lines(query, paid);
    },
  };
  return keptDetail(asked, { folder: cacheFolder, scope: scopeOf(options), refresh, now: clock.now, note });
}

function clientsOf({
  tenantId,
  userId,
  refresh,
  env,
  issuer,
  clock,
  interrupted,
}: Pick<Options, "tenantId" | "userId" | "refresh" | "env" | "issuer" | "clock" | "interrupted">) {
  let issued: Promise<AwsCredentials> | undefined;
  const credentials = async (): Promise<AwsCredentials> => {
    const [{ interruption, unlessStopped }, { ofQuestion }] = await Promise.all([import("../../../core/stoppable.ts"), import("../errors.ts")]);
    const stopped = () => interruption("Stopped before anything was asked");
    return await unlessStopped(interrupted, stopped, () => {
      issued ??= issuer.issue({ tenantId, userId, ...noProject, region: billing.region, sessionName: `costs-${tenantId}`, purpose: "costs" });
      return issued;
    }).catch((error: unknown) => {
      throw isChartctlError(error) ? ofQuestion(error) : error;
    });
  };
  const settings = async (service: string) => clientSettings(env, service, billing.region, await credentials());
  const costExplorer = oneClient(async () => new (await import("@aws-sdk/client-cost-explorer")).CostExplorerClient(await settings("COST_EXPLORER")));
  const athena = oneClient(async () => new (await import("@aws-sdk/client-athena")).AthenaClient(await settings("ATHENA")));
  return {
    costExplorer: costExplorer.client,
    athena: {
      client: athena.client,
      tenantId,
      clock,
      workgroup: billing.workgroup,
      reuseMinutes: refresh ? 0 : reuseMinutes,
      interrupted,
    },
    close: async () => void (await Promise.all([costExplorer.close(), athena.close()])),
  };
}

const scopeOf = ({ scope, tenantId, source, table, env }: Pick<Options, "scope" | "tenantId" | "source" | "table" | "env">): unknown[] => [
  ...scope,
  tenantId,
  source,
  table,
  // Who answers is the address that is asked: an emulator's bill isn't AWS's.
  ...["COST_EXPLORER", "ATHENA", "STS"].map((service) => endpointOf(env, service)),
  env.AWS_ROLE_ARN,
  env.CHARTCTL_BROKER_ROLE_ARN,
  fingerprint(env.AWS_ACCESS_KEY_ID),
];

/** Another key is another account, perhaps. */
const fingerprint = (accessKeyId: string | undefined): string =>
  createHash("sha256")
    .update(accessKeyId ?? "")
    .digest("hex");
