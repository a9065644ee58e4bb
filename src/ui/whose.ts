/** Whose costs are told. */
export interface Whose {
  tenantId: string;
  /** Null: the tenant as a whole. */
  projectId: string | null;
  /** Null: everybody's. */
  userId: string | null;
  /** What is said of a project that has no costs, and is in no book. */
  unknown?: string | undefined;
}

export const whoseText = ({ tenantId, userId, projectId }: Whose): string =>
  `tenant ${tenantId}${userId === null ? "" : `, user ${userId}`}${projectId === null ? "" : `, project ${projectId}`}`;
