/** Names and tags of everything that a project has in AWS (DESIGN section 3). */
import type { StackIdentity } from "./ports.ts";

/**
 * `chart-{key}-{project}-{purpose}`. At most 6 + 10 + 1 + 24 + 1 + 7 = 49 characters, within the limits of S3 (63),
 * Lambda and IAM roles (64) and DynamoDB (255). The key is random and never reused, so no two projects' names can meet.
 */
export const resourceName = (identity: Pick<StackIdentity, "projectKey" | "projectId">, purpose: "site" | "app" | "data" | "api"): string =>
  `${namePrefix(identity.projectKey)}${identity.projectId}-${purpose}`;

/** What every name of the project starts with. */
export const namePrefix = (projectKey: string): string => `chart-${projectKey}-`;

/** The IAM path of roles that a blueprint creates. */
export const iamPath = (tenantId: string): string => `/chartctl/${tenantId}/`;

/** On every resource. `CreatedAt` is fixed at the first provision; the expiry is no tag, because it changes. */
export const projectTags = (identity: Omit<StackIdentity, "accountId">): Record<string, string> => ({
  Project: `chart-app-${identity.userId}-${identity.projectId}`,
  TenantId: identity.tenantId,
  UserId: identity.userId,
  ProjectId: identity.projectId,
  ProjectKey: identity.projectKey,
  Environment: identity.environment,
  ManagedBy: "chart-app-platform",
  CreatedAt: identity.createdAt,
});
