/**
 * Connects a tenant's Cost and Usage Report: the books say that there is one, and the template makes it. AWS writes the first
 * files within a day, so nothing is waited for here: `tenants verify` says whether they arrive.
 */
import type { Tenant } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import type { Interrupt, Progress } from "../ports.ts";
import type { SetupReport, Step } from "../setup/steps.ts";
import { runSteps } from "../setup/steps.ts";
import { typedCommand } from "../typed-command.ts";
import type { Templates } from "./connect.ts";
import { writeTemplates } from "./connect.ts";
import type { StackInstructions } from "./instructions.ts";
import { billingInstructions } from "./instructions.ts";
import type { TenantBooks, TenantRoles } from "./tenant-ports.ts";

interface BillingPorts {
  books: TenantBooks;
  roles: TenantRoles;
  templates: Templates;
  progress: Progress;
  interrupt: Interrupt;
}

export interface BillingInput {
  tenantId: string;
  /** The report's. */
  table: string;
  out?: string | undefined;
  templateUrl?: string | undefined;
  principalArn?: string | undefined;
  dryRun: boolean;
}

export interface BillingConnected {
  report: SetupReport;
  tenant: Tenant;
  stack: StackInstructions;
}

/** Errors: `tenant.not-found`, `tenant.no-role` (refused), `aws.*`, the API's. */
export async function connectBilling({ books, roles, templates, progress, interrupt }: BillingPorts, input: BillingInput): Promise<BillingConnected> {
  const { tenantId, table, out } = input;
  let tenant = await books.find(tenantId);
  if (!tenant) throw connectFirst(tenantId, "not-found", "tenant.not-found", `Tenant ${tenantId} does not exist`);
  if (!tenant.roleArn) throw connectFirst(tenantId, "refused", "tenant.no-role", `Tenant ${tenantId} has no role that could read a report`);
  const before = tenant;
  const steps: Step[] = [
    ...(out === undefined ? [] : [writeTemplates(templates, out)]),
    {
      name: `report ${table}`,
      run: async ({ make }) => {
        if (before.billing?.table === table) return "found";
        tenant = await make({ operation: `PUT /tenants/${tenantId}/billing`, body: { table } }, (sent) => books.connectBilling(before, sent.table), before);
        return "changed";
      },
    },
  ];
  const goOn = typedCommand(["chartctl", "tenants", "connect", tenantId, "--billing"], {
    table,
    out,
    templateUrl: input.templateUrl,
    principal: input.principalArn,
  });
  const report = await runSteps(steps, { dryRun: input.dryRun, progress, interrupt, goOn });
  const { externalId, nextExternalId } = await books.externalIds(tenantId);
  const stack = billingInstructions({
    tenantId,
    externalIds: nextExternalId === null ? [externalId] : [nextExternalId, externalId],
    principalArn: input.principalArn ?? (await roles.principal()),
    template: out === undefined ? templates.path("connect-aws-billing") : `${out.replace(/\/$/, "")}/connect-aws-billing.yml`,
    templateUrl: input.templateUrl,
  });
  return { report, tenant, stack };
}

const connectFirst = (tenantId: string, kind: "not-found" | "refused", code: string, message: string): ChartctlError =>
  new ChartctlError({ kind, code, message, hint: `connect it first: chartctl tenants connect ${tenantId}` });
