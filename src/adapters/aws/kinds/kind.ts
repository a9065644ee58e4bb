/** What each kind's reader takes and gives. */
import type { AwsCredentials, DeclaredResource, Inventory, StackIdentity } from "../../../core/ports.ts";
import type { AwsEnvironment } from "../clients.ts";

/** What a reader of one kind is given. */
export interface KindContext {
  env: AwsEnvironment;
  identity: StackIdentity;
  credentials: AwsCredentials;
  /** The blueprint's resources of a Terraform type. */
  declared(type: string): DeclaredResource[];
  now(): string;
}

/** One kind, or a few that are read through each other; each makes its own calls and its own `InventoryRead`s. */
export type ReadKind = (context: KindContext) => Promise<Awaited<ReturnType<Inventory["read"]>>>;
