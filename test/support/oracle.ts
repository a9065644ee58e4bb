/**
 * What AWS really has, read service by service with the AWS SDK alone: none of chartctl's own code is asked.
 * Everything whose name starts with `chart-` counts, whoever made it.
 */
import { ApiGatewayV2Client, GetApisCommand, GetIntegrationsCommand, GetRoutesCommand, GetStagesCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { IAMClient, ListRolePoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListAliasesCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";

const ours = (name: string | undefined): name is string => name?.includes("chart-") === true && !name.includes("chartctl-boundary");

/** Sorted names such as `bucket chart-…-site`; an API's id is left out, because it is random. */
export async function liveResources(endpoint: string, region = "us-east-1"): Promise<string[]> {
  const config = { endpoint, region, credentials: { accessKeyId: "oracle", secretAccessKey: "oracle" } };
  const found = await Promise.all([buckets(config), functions(config), tables(config), logGroups(config), roles(config), apis(config)]);
  return found.flat().sort();
}

type Config = { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

async function buckets(config: Config): Promise<string[]> {
  const { Buckets = [] } = await new S3Client({ ...config, forcePathStyle: true }).send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name)
    .filter(ours)
    .map((name) => `bucket ${name}`);
}

async function functions(config: Config): Promise<string[]> {
  const client = new LambdaClient(config);
  const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
  const names = Functions.map(({ FunctionName }) => FunctionName).filter(ours);
  const aliases = await Promise.all(
    names.map(async (name) => (await client.send(new ListAliasesCommand({ FunctionName: name }))).Aliases?.map((alias) => `alias ${name}/${alias.Name}`) ?? []),
  );
  return [...names.map((name) => `function ${name}`), ...aliases.flat()];
}

async function tables(config: Config): Promise<string[]> {
  const { TableNames = [] } = await new DynamoDBClient(config).send(new ListTablesCommand({}));
  return TableNames.filter(ours).map((name) => `table ${name}`);
}

async function logGroups(config: Config): Promise<string[]> {
  const { logGroups: groups = [] } = await new CloudWatchLogsClient(config).send(new DescribeLogGroupsCommand({}));
  return groups
    .map(({ logGroupName }) => logGroupName)
    .filter(ours)
    .map((name) => `log group ${name}`);
}

async function roles(config: Config): Promise<string[]> {
  const client = new IAMClient(config);
  const { Roles = [] } = await client.send(new ListRolesCommand({}));
  const names = Roles.map(({ RoleName }) => RoleName).filter(ours);
  const policies = await Promise.all(
    names.map(
      async (name) => (await client.send(new ListRolePoliciesCommand({ RoleName: name }))).PolicyNames?.map((policy) => `role policy ${name}/${policy}`) ?? [],
    ),
  );
  return [...names.map((name) => `role ${name}`), ...policies.flat()];
}

async function apis(config: Config): Promise<string[]> {
  const client = new ApiGatewayV2Client(config);
  const { Items = [] } = await client.send(new GetApisCommand({}));
  const found = await Promise.all(
    Items.filter(({ Name }) => ours(Name)).map(async ({ ApiId, Name }) => {
      const [stages, routes, integrations] = await Promise.all([
        client.send(new GetStagesCommand({ ApiId })),
        client.send(new GetRoutesCommand({ ApiId })),
        client.send(new GetIntegrationsCommand({ ApiId })),
      ]);
      return [
        `api ${Name}`,
        ...(stages.Items ?? []).map(({ StageName }) => `stage ${Name}/${StageName}`),
        ...(routes.Items ?? []).map(({ RouteKey }) => `route ${Name}/${RouteKey}`),
        ...(integrations.Items ?? []).map(({ IntegrationType }) => `integration ${Name}/${IntegrationType}`),
      ];
    }),
  );
  return found.flat();
}
