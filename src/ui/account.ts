/** Who somebody is to a control API. */
import type { Me } from "../contract/access-endpoints.ts";

export const identityText = ({ userId, tenantId, role }: Pick<Me, "userId" | "tenantId" | "role">): string => `${userId} of tenant ${tenantId} (${role})`;
