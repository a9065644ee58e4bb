/** A tenant's costs, read with the tenant's role in a session that reads nothing else. */
import { createHash } from "node:crypto";
import type { SourceName } from "../../../core/costs/actual/choose-source.ts";
import { chosenSource } from "../../../core/costs/actual/choose-source.ts";
import type { CostSource, KeptCosts } from "../../../core/costs/actual/cost-source.ts";
import { billing } from "../../../core/costs/billing-names.ts";
import type { ForecastSource, KeptForecasts } from "../../../core/costs/forecast/forecast-source.ts";
import type { AwsCredentials, Clock, Credentials } from "../../../core/ports.ts";
import { keptCosts } from "../../cost-cache.ts";
import { keptForecasts } from "../../forecast-cache.ts";
import type { AwsEnvironment } from "../clients.ts";
import { clientSettings } from "../clients.ts";

interface Options {
  tenantId: string;
  userId: string;
  source: SourceName;
  table: string;
  refresh: boolean;
  env: AwsEnvironment;
  issuer: Pick<Credentials, "issue">;
  cacheFolder: string;
  scope: readonly unknown[];
  clock: Clock;
  interrupted: AbortSignal;
  note(message: string): void;
}

/** Stands where a project's key would: costs are an account's. */
const noProject = { projectId: "costs", projectKey: "xxxcostsxx" };
/** A result of Athena's that old is as new as the report, which AWS writes once a day or somewhat more. */
const reuseMinutes = 60;

/** No client is made, and no role assumed, before something has to be asked. */
export function awsCosts({
  tenantId,
  userId,
  source,
  table,
  refresh,
  env,
  issuer,
  cacheFolder,
  scope,
  clock,
  interrupted,
  note,
}: Options): KeptCosts & KeptForecasts {
  let issued: Promise<AwsCredentials> | undefined;
  const credentials = (): Promise<AwsCredentials> => {
    issued ??= issuer.issue({ tenantId, userId, ...noProject, region: billing.region, sessionName: `costs-${tenantId}`, purpose: "costs" });
    return issued;
  };
  const settings = async (service: string) => clientSettings(env, service, billing.region, await credentials());
  // The SDK is loaded when something has to be asked: a kept answer is there at once.
  const ce: CostSource = {
    read: async (query, sink) => {
      const [{ costExplorerSource }, { CostExplorerClient }] = await Promise.all([import("./cost-explorer.ts"), import("@aws-sdk/client-cost-explorer")]);
      return await costExplorerSource(async () => new CostExplorerClient(await settings("COST_EXPLORER")), interrupted).read(query, sink);
    },
  };
  const cur: CostSource = {
    read: async (query, sink) => {
      const [{ usageReportSource }, { AthenaClient }] = await Promise.all([import("./usage-report.ts"), import("@aws-sdk/client-athena")]);
      const client = async () => new AthenaClient(await settings("ATHENA"));
      const athena = { client, clock, workgroup: billing.workgroup, reuseMinutes: refresh ? 0 : reuseMinutes, interrupted };
      return await usageReportSource(athena, { database: billing.database, table }).read(query, sink);
    },
  };
  const forecasts: ForecastSource = {
    forecast: async (query) => {
      const [{ costForecastSource }, { CostExplorerClient }] = await Promise.all([import("./cost-forecast.ts"), import("@aws-sdk/client-cost-explorer")]);
      return await costForecastSource(async () => new CostExplorerClient(await settings("COST_EXPLORER"))).forecast(query);
    },
  };
  const cache = {
    folder: cacheFolder,
    scope: [...scope, tenantId, source, table, env.AWS_ENDPOINT_URL, env.AWS_ROLE_ARN, env.CHARTCTL_BROKER_ROLE_ARN, fingerprint(env.AWS_ACCESS_KEY_ID)],
    refresh,
    now: clock.now,
    note,
  };
  return { ...keptCosts(chosenSource(source, { ce, cur }, note), cache), ...keptForecasts(forecasts, cache) };
}

/** Another key is another account, perhaps. */
const fingerprint = (accessKeyId: string | undefined): string =>
  createHash("sha256")
    .update(accessKeyId ?? "")
    .digest("hex");
