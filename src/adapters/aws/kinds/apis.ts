/** API Gateway v2: ids are random, so APIs are found by name, and are ours by their tags. */
import { ApiGatewayV2Client, GetApisCommand, GetIntegrationsCommand, GetRoutesCommand, GetStagesCommand } from "@aws-sdk/client-apigatewayv2";
import { namePrefix } from "../../../core/names.ts";
import type { DeclaredResource, Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent } from "../errors.ts";
import { adoptionOf, declaredUnder, isOurs, isTaggedOurs, onlyAdoption } from "../finding.ts";
import { allPages } from "../pages.ts";
import type { KindContext, ReadKind } from "./kind.ts";

export const readApis: ReadKind = async (context) => {
  const { env, identity, credentials, declared, now } = context;
  const client = new ApiGatewayV2Client(clientSettings(env, "APIGATEWAYV2", identity.region, credentials));
  const prefix = namePrefix(identity.projectKey);
  const at = now();
  const apis = await allPages("list APIs", async (NextToken) => {
    const page = await client.send(new GetApisCommand({ MaxResults: "500", NextToken }));
    return { items: page.Items, next: page.NextToken };
  });
  const found = await Promise.all(
    apis.map(async ({ ApiId = "", Name = "", Tags = {} }): Promise<Finding[]> => {
      const named = Name.startsWith(prefix);
      const ours = named ? isOurs(identity, Tags) : isTaggedOurs(identity, Tags);
      // Names of APIs aren't unique: one that another project tagged keeps nobody from making ours, and isn't adopted.
      if (!ours) return named ? [{ kind: "HTTP API", name: `${Name} (${ApiId})`, ours }] : [];
      const itself = declared("aws_apigatewayv2_api").filter(({ attributes }) => attributes.name === Name);
      return [
        { kind: "HTTP API", name: `${Name} (${ApiId})`, ours, ...adoptionOf(itself, "name", Name, ApiId) },
        ...(await readParts(client, context, ApiId, itself)),
      ];
    }),
  );
  return [{ kind: "HTTP API", asked: `apigateway:GetApis named ${prefix}* or tagged ProjectKey=${identity.projectKey}`, at, findings: found.flat() }];
};

async function readParts(client: ApiGatewayV2Client, { declared }: KindContext, ApiId: string, itself: DeclaredResource[]): Promise<Finding[]> {
  const ask = <T>(call: () => Promise<T>): Promise<T | undefined> => orAbsent(`read the API ${ApiId}`, call);
  const [stages, integrations, routes] = await Promise.all([
    ask(() => client.send(new GetStagesCommand({ ApiId }))),
    ask(() => client.send(new GetIntegrationsCommand({ ApiId }))),
    ask(() => client.send(new GetRoutesCommand({ ApiId }))),
  ]);
  const part = (kind: string, type: string, id: string, match: Record<string, unknown>): Finding => ({
    kind,
    name: `${ApiId}/${id}`,
    ours: true,
    ...onlyAdoption(
      declaredUnder(declared(type), "api_id", ApiId, itself).filter(({ attributes }) =>
        Object.entries(match).every(([name, value]) => attributes[name] === value),
      ),
      `${ApiId}/${id}`,
    ),
  });
  return [
    ...(stages?.Items ?? []).map(({ StageName = "" }) => part("HTTP API stage", "aws_apigatewayv2_stage", StageName, { name: StageName })),
    ...(integrations?.Items ?? []).map(({ IntegrationId = "", IntegrationType }) =>
      part("HTTP API integration", "aws_apigatewayv2_integration", IntegrationId, { integration_type: IntegrationType }),
    ),
    ...(routes?.Items ?? []).map(({ RouteId = "", RouteKey }) => part("HTTP API route", "aws_apigatewayv2_route", RouteId, { route_key: RouteKey })),
  ];
}
