/** The bills of all tenants, one after the other: one that can't be read keeps nobody from theirs. */
import { isChartctlError, messageOf } from "../../../errors.ts";
import { sharesAccount } from "../actual/cost-scope.ts";
import type { KeptCosts } from "../actual/cost-source.ts";
import type { Bill } from "./bill.ts";
import type { BillingBooks } from "./read-bill.ts";
import { readBill } from "./read-bill.ts";

interface Ports {
  booksOf(tenantId: string): Promise<BillingBooks>;
  sourceOf(tenantId: string): Promise<KeptCosts>;
  /** `tags`: only what carries these was asked for. */
  onRead(tenantId: string, bill: Bill, tags: Record<string, string>): void;
  onFailed(tenantId: string, error: unknown): void;
  /** The bill is there without what was used. Undefined: that isn't asked for, because nobody would read it in these books. */
  onUsageFailed?: ((tenantId: string, error: unknown) => void) | undefined;
  now(): Date;
  stopped: AbortSignal;
}
interface Tenant {
  id: string;
  roleArn: string | null;
  accountId: string | null;
}

/** `wanted`: of all tenants, those whose bill is to be read. */
export async function readBills(tenants: Tenant[], wanted: (tenant: Tenant) => boolean, onlyDue: boolean, ports: Ports): Promise<void> {
  for (const tenant of tenants.filter(wanted)) {
    if (ports.stopped.aborted) return;
    let source: KeptCosts | undefined;
    try {
      const { onUsageFailed, stopped } = ports;
      const usageFailed = onUsageFailed && ((error: unknown): void => onUsageFailed(tenant.id, error));
      source = await ports.sourceOf(tenant.id);
      const reading = { books: await ports.booksOf(tenant.id), source, stopped, usageFailed };
      const tags = tagsOf(tenant.id, tenants);
      const bill = await readBill(reading, { tags, onlyDue }, ports.now());
      if (bill) ports.onRead(tenant.id, bill, tags);
    } catch (error) {
      ports.onFailed(tenant.id, error);
    } finally {
      await source?.close?.();
    }
  }
}

/** A tenant that isn't alone in its account has the part that carries its tag. */
const tagsOf = (tenantId: string, tenants: Tenant[]): Record<string, string> => (sharesAccount(tenantId, tenants) ? { TenantId: tenantId } : {});

/** For a log and a list of what went wrong. */
export const failureOf = (error: unknown): { code: string; message: string; hint?: string } =>
  isChartctlError(error)
    ? { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
    : { code: "bug", message: messageOf(error) };
