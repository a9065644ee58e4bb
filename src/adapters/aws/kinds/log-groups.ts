/** CloudWatch Logs: groups under the project's prefixes, declared or made by a late call of the function. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand, ListTagsForResourceCommand } from "@aws-sdk/client-cloudwatch-logs";
import { namePrefix } from "../../../core/names.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent } from "../errors.ts";
import { adoptionOf, isOurs } from "../finding.ts";
import { allPages } from "../pages.ts";
import type { ReadKind } from "./kind.ts";

export const readLogGroups: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const client = new CloudWatchLogsClient(clientSettings(env, "CLOUDWATCH_LOGS", identity.region, credentials));
  return await Promise.all(
    ["lambda", "apigateway"].map(async (service) => {
      const logGroupNamePrefix = `/aws/${service}/${namePrefix(identity.projectKey)}`;
      const at = now();
      const logGroups = await allPages("list log groups", async (nextToken) => {
        const page = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
        return { items: page.logGroups, next: page.nextToken };
      });
      const findings = await Promise.all(
        logGroups.map(async ({ logGroupName: name = "", arn = "" }) => {
          const resourceArn = arn.replace(/:\*$/, "");
          const answer = await orAbsent(`read the tags of ${name}`, () => client.send(new ListTagsForResourceCommand({ resourceArn })));
          return {
            kind: "log group",
            name,
            ours: isOurs(identity, answer?.tags ?? {}),
            ...adoptionOf(declared("aws_cloudwatch_log_group"), "name", name, name),
          };
        }),
      );
      return { kind: "log group", asked: `logs:DescribeLogGroups ${logGroupNamePrefix}*`, at, findings };
    }),
  );
};
