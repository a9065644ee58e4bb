/**
 * The tagging API adds candidates that no other reader looks for: functions beside the declared ones. It lists deleted
 * things for hours, so each candidate is asked for directly before it counts.
 */
import type { Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent, translated } from "../errors.ts";
import type { ReadKind } from "../inventory.ts";

export const readTagged: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const [{ ResourceGroupsTaggingAPIClient, GetResourcesCommand }, { LambdaClient, GetFunctionCommand }] = await Promise.all([import("@aws-sdk/client-resource-groups-tagging-api"), import("@aws-sdk/client-lambda")]);
  const tagging = new ResourceGroupsTaggingAPIClient(clientSettings(env, "RESOURCE_GROUPS_TAGGING_API", identity.region, credentials));
  const lambda = new LambdaClient(clientSettings(env, "LAMBDA", identity.region, credentials));
  const at = now();
  const arns: string[] = [];
  for (let PaginationToken: string | undefined, first = true; first || PaginationToken; first = false) {
    const page = await translated("list tagged resources", () =>
      tagging.send(new GetResourcesCommand({ TagFilters: [{ Key: "ProjectKey", Values: [identity.projectKey] }, { Key: "TenantId", Values: [identity.tenantId] }], ResourceTypeFilters: ["lambda:function"], PaginationToken })),
    );
    arns.push(...(page.ResourceTagMappingList ?? []).flatMap(({ ResourceARN }) => ResourceARN ?? []));
    PaginationToken = page.PaginationToken;
  }
  const known = new Set(declared("aws_lambda_function").map(({ attributes }) => attributes.function_name));
  const others = arns.filter((arn) => !known.has(arn.split(":")[6]));
  const findings = await Promise.all(
    others.map(async (FunctionName): Promise<Finding[]> => {
      const there = await orAbsent(`read the function ${FunctionName}`, () => lambda.send(new GetFunctionCommand({ FunctionName })));
      return there ? [{ kind: "Lambda function", name: FunctionName, ours: true }] : [];
    }),
  );
  return [{ kind: "tagged resource", asked: `tag:GetResources ProjectKey=${identity.projectKey}, each asked for directly`, at, findings: findings.flat() }];
};
