/** Whose costs are told. */
export interface Whose {
  tenantId: string;
  /** Null: the tenant as a whole. */
  projectId: string | null;
  /** What is said of a project that has no costs, and is in no book. */
  unknown?: string | undefined;
}

export const whoseText = ({ tenantId, projectId }: Whose): string => `tenant ${tenantId}${projectId === null ? "" : `, project ${projectId}`}`;
