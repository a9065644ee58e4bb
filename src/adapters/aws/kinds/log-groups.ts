/** CloudWatch Logs: groups under the project's prefixes, declared or made by a late call of the function. */
import { namePrefix } from "../../../core/names.ts";
import { clientSettings } from "../clients.ts";
import { translated } from "../errors.ts";
import { adoptionOf, isOurs } from "../inventory.ts";
import type { ReadKind } from "../inventory.ts";

export const readLogGroups: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const { CloudWatchLogsClient, DescribeLogGroupsCommand, ListTagsForResourceCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient(clientSettings(env, "CLOUDWATCH_LOGS", identity.region, credentials));
  return await Promise.all(
    ["lambda", "apigateway"].map(async (service) => {
      const logGroupNamePrefix = `/aws/${service}/${namePrefix(identity.projectKey)}`;
      const at = now();
      const { logGroups = [] } = await translated("list log groups", () => client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix })));
      const findings = await Promise.all(
        logGroups.map(async ({ logGroupName: name = "", arn = "" }) => {
          const resourceArn = arn.replace(/:\*$/, "");
          const { tags = {} } = await translated(`read the tags of ${name}`, () => client.send(new ListTagsForResourceCommand({ resourceArn })));
          return { kind: "log group", name, ours: isOurs(identity, tags), ...adoptionOf(declared("aws_cloudwatch_log_group"), "name", name, name) };
        }),
      );
      return { kind: "log group", asked: `logs:DescribeLogGroups ${logGroupNamePrefix}*`, at, findings };
    }),
  );
};
