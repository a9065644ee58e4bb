/** What a project's function wrote. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { ReadLogs } from "../../core/app-ports.ts";
import { resourceName } from "../../core/names.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { allPages } from "./pages.ts";

export const awsLogs =
  (env: AwsEnvironment): ReadLogs =>
  async (identity, credentials, from) => {
    const logs = new CloudWatchLogsClient(clientSettings(env, "CLOUDWATCH_LOGS", identity.region, await credentials.get()));
    const logGroupName = `/aws/lambda/${resourceName(identity, "app")}`;
    const events = await allPages(`read the log group ${logGroupName}`, async (nextToken) => {
      const page = await logs.send(new FilterLogEventsCommand({ logGroupName, startTime: from.getTime(), nextToken }));
      return { items: page.events, next: page.nextToken };
    });
    return events
      .sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))
      .map(({ timestamp = 0, message = "" }) => ({ at: new Date(timestamp).toISOString(), text: message.trimEnd() }));
  };
