/** API Gateway v2: ids are random, so APIs are found by name, and are ours by their tags. */
import type { Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent, translated } from "../errors.ts";
import { adoptionOf, isOurs, onlyAdoption } from "../inventory.ts";
import type { KindContext, ReadKind } from "../inventory.ts";

type Sdk = typeof import("@aws-sdk/client-apigatewayv2");
type Client = InstanceType<Sdk["ApiGatewayV2Client"]>;

export const readApis: ReadKind = async (context) => {
  const sdk = await import("@aws-sdk/client-apigatewayv2");
  const { env, identity, credentials, declared, now } = context;
  const client = new sdk.ApiGatewayV2Client(clientSettings(env, "APIGATEWAYV2", identity.region, credentials));
  const wanted = declared("aws_apigatewayv2_api").map(({ attributes }) => String(attributes.name));
  const at = now();
  const findings: Finding[] = [];
  for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
    const page = await translated("list APIs", () => client.send(new sdk.GetApisCommand({ MaxResults: "500", NextToken })));
    for (const { ApiId = "", Name = "", Tags = {} } of page.Items ?? []) {
      const ours = Tags.ProjectKey === identity.projectKey && isOurs(identity, Tags);
      if (!ours && !wanted.includes(Name)) continue;
      findings.push({ kind: "HTTP API", name: `${Name} (${ApiId})`, ours, ...(ours ? adoptionOf(declared("aws_apigatewayv2_api"), "name", Name, ApiId) : {}) });
      if (ours) findings.push(...(await readParts(sdk, client, context, ApiId)));
    }
    NextToken = page.NextToken;
  }
  return [{ kind: "HTTP API", asked: `apigateway:GetApis named ${wanted.join(", ")} or tagged ProjectKey=${identity.projectKey}`, at, findings }];
};

async function readParts(sdk: Sdk, client: Client, { declared }: KindContext, ApiId: string): Promise<Finding[]> {
  const ask = <T>(call: () => Promise<T>): Promise<T | undefined> => orAbsent(`read the API ${ApiId}`, call);
  const [stages, integrations, routes] = await Promise.all([
    ask(() => client.send(new sdk.GetStagesCommand({ ApiId }))),
    ask(() => client.send(new sdk.GetIntegrationsCommand({ ApiId }))),
    ask(() => client.send(new sdk.GetRoutesCommand({ ApiId }))),
  ]);
  const part = (kind: string, type: string, id: string, match: Record<string, unknown>): Finding => ({
    kind,
    name: `${ApiId}/${id}`,
    ours: true,
    ...onlyAdoption(declared(type).filter(({ attributes }) => Object.entries(match).every(([name, value]) => attributes[name] === value)), `${ApiId}/${id}`),
  });
  return [
    ...(stages?.Items ?? []).map(({ StageName = "" }) => part("HTTP API stage", "aws_apigatewayv2_stage", StageName, { name: StageName })),
    ...(integrations?.Items ?? []).map(({ IntegrationId = "", IntegrationType }) => part("HTTP API integration", "aws_apigatewayv2_integration", IntegrationId, { integration_type: IntegrationType })),
    ...(routes?.Items ?? []).map(({ RouteId = "", RouteKey }) => part("HTTP API route", "aws_apigatewayv2_route", RouteId, { route_key: RouteKey })),
  ];
}
