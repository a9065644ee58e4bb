/**
 * The tagging API adds candidates that no other reader looks for: functions beside the declared ones. It lists deleted
 * things for hours, so each candidate is asked for directly before it counts.
 */
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import type { Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent } from "../errors.ts";
import { isTaggedOurs } from "../finding.ts";
import { allPages } from "../pages.ts";
import type { ReadKind } from "./kind.ts";

export const readTagged: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const tagging = new ResourceGroupsTaggingAPIClient(clientSettings(env, "RESOURCE_GROUPS_TAGGING_API", identity.region, credentials));
  const lambda = new LambdaClient(clientSettings(env, "LAMBDA", identity.region, credentials));
  const at = now();
  const TagFilters = [
    { Key: "ProjectKey", Values: [identity.projectKey] },
    { Key: "TenantId", Values: [identity.tenantId] },
  ];
  const listed = await allPages("list tagged resources", async (PaginationToken) => {
    const page = await tagging.send(new GetResourcesCommand({ TagFilters, ResourceTypeFilters: ["lambda:function"], PaginationToken }));
    return { items: page.ResourceTagMappingList, next: page.PaginationToken };
  });
  const arns = listed.flatMap(({ ResourceARN }) => ResourceARN ?? []);
  const known = new Set(declared("aws_lambda_function").map(({ attributes }) => attributes.function_name));
  const others = arns.filter((arn) => !known.has(arn.split(":")[6]));
  const findings = await Promise.all(
    others.map(async (FunctionName): Promise<Finding[]> => {
      const there = await orAbsent(`read the function ${FunctionName}`, () => lambda.send(new GetFunctionCommand({ FunctionName })));
      return there ? [{ kind: "Lambda function", name: FunctionName, ours: isTaggedOurs(identity, there.Tags ?? {}) }] : [];
    }),
  );
  return [{ kind: "tagged resource", asked: `tag:GetResources ProjectKey=${identity.projectKey}, each asked for directly`, at, findings: findings.flat() }];
};
