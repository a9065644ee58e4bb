/** What AWS has of a tenant's projects, by tags and by the roles' path: candidates only, because the tagging API lists deleted things for hours. */
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { environmentSchema, idSchema, projectKeySchema, regionSchema } from "../../contract/names.ts";
import { iamPath } from "../../core/names.ts";
import type { Credentials, FindUnbooked, Unbooked } from "../../core/ports.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { tagMap } from "./finding.ts";
import { allPages } from "./pages.ts";

type Region = Unbooked["region"];

/** Stands where a project's key would: a list names no project. */
const noProject = { projectId: "cleanup", projectKey: "xcleanupxx" };

export const awsUnbooked =
  (env: AwsEnvironment, credentials: Pick<Credentials, "issue">, now: () => Date): FindUnbooked =>
  async ({ tenantId, userId }) => {
    const as = (region: Region) => credentials.issue({ tenantId, userId, ...noProject, region, sessionName: `cleanup-${tenantId}`, purpose: "read" });
    const tagged = await Promise.all(regionSchema.options.map(async (region) => await taggedIn(env, region, await as(region), tenantId)));
    const byKey = new Map<string, Unbooked>();
    for (const found of tagged.flat()) byKey.set(found.key, { ...found, names: [...(byKey.get(found.key)?.names ?? []), ...found.names] });
    for (const { key, project, name } of await rolesOf(env, await as("us-east-1"), tenantId)) {
      const known = byKey.get(key);
      if (known) known.names.push(name);
      else byKey.set(key, { key, project, userId, region: "us-east-1", environment: "development", createdAt: now().toISOString(), names: [name] });
    }
    return [...byKey.values()];
  };

async function taggedIn(env: AwsEnvironment, region: Region, credentials: Awaited<ReturnType<Credentials["issue"]>>, tenantId: string): Promise<Unbooked[]> {
  const tagging = new ResourceGroupsTaggingAPIClient(clientSettings(env, "RESOURCE_GROUPS_TAGGING_API", region, credentials));
  const TagFilters = [
    { Key: "ManagedBy", Values: ["chart-app-platform"] },
    { Key: "TenantId", Values: [tenantId] },
  ];
  const listed = await allPages("list what is tagged", async (PaginationToken) => {
    const page = await tagging.send(new GetResourcesCommand({ TagFilters, ResourcesPerPage: 100, PaginationToken }));
    return { items: page.ResourceTagMappingList, next: page.PaginationToken };
  });
  return listed.flatMap(({ ResourceARN = "", Tags }) => {
    const tags = tagMap(Tags);
    const key = projectKeySchema.safeParse(tags.ProjectKey);
    const project = idSchema.safeParse(tags.ProjectId);
    const userId = idSchema.safeParse(tags.UserId);
    if (!key.success || !project.success || !userId.success || tags.TenantId !== tenantId) return [];
    const environment = environmentSchema.safeParse(tags.Environment).data ?? "development";
    const createdAt = Number.isNaN(Date.parse(tags.CreatedAt ?? "")) ? new Date(0).toISOString() : new Date(tags.CreatedAt ?? 0).toISOString();
    return [{ key: key.data, project: project.data, userId: userId.data, region, environment, createdAt, names: [ResourceARN] }];
  });
}

/** The tagging API leaves out roles; their path and name say whose they are. */
async function rolesOf(
  env: AwsEnvironment,
  credentials: Awaited<ReturnType<Credentials["issue"]>>,
  tenantId: string,
): Promise<{ key: string; project: string; name: string }[]> {
  const iam = new IAMClient(clientSettings(env, "IAM", "us-east-1", credentials));
  const roles = await allPages("list roles", async (Marker) => {
    const page = await iam.send(new ListRolesCommand({ PathPrefix: iamPath(tenantId), Marker }));
    return { items: page.Roles, next: page.IsTruncated ? page.Marker : undefined };
  });
  return roles.flatMap(({ RoleName = "", Path }) => {
    const [, key, project] = /^chart-([a-z0-9]{10})-(.+)-app$/.exec(RoleName) ?? [];
    return Path === iamPath(tenantId) && key && project && idSchema.safeParse(project).success ? [{ key, project, name: `role ${RoleName}` }] : [];
  });
}
