/** The books of tenants, and who tries their roles, as the use cases of this folder need them. */
import type { Verification } from "../../contract/platform-endpoints.ts";
import type { Tenant } from "../../contract/resources.ts";

export interface TenantBooks {
  /** Undefined: there is none of that id. */
  find(id: string): Promise<Tenant | undefined>;
  add(id: string): Promise<Tenant>;
  externalIds(id: string): Promise<{ externalId: string; nextExternalId: string | null }>;
  connect(tenant: Tenant, connection: { roleArn: string; accountId?: string }): Promise<Tenant>;
  connectBilling(tenant: Tenant, table: string | null): Promise<Tenant>;
  beginRotation(id: string): Promise<Tenant>;
  finishRotation(tenant: Tenant): Promise<Tenant>;
}

/** Whoever assumes the roles also tries them: this process, or a hosted API with the server's own credentials. */
export interface TenantRoles {
  verify(tenantId: string, given: { roleArn?: string; accountId?: string }): Promise<Verification>;
  /** Whom tenants' roles must trust. */
  principal(): Promise<string>;
}
