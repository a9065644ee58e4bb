/**
 * Connects a tenant: it is there, its role is, the role is safe, and only then is it stored. Run again at any point, it goes on
 * from what stands; a role that fails a check is never stored.
 */
import type { Verification } from "../../contract/platform-endpoints.ts";
import type { Tenant } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { formatDuration } from "../duration.ts";
import type { Clock, Interrupt, Progress } from "../ports.ts";
import type { SetupReport, Step } from "../setup/steps.ts";
import { runSteps } from "../setup/steps.ts";
import { typedCommand } from "../typed-command.ts";
import type { StackInstructions } from "./instructions.ts";
import { stackInstructions } from "./instructions.ts";
import type { TenantBooks, TenantRoles } from "./tenant-ports.ts";
import { tenantRoleArn } from "./tenant-role.ts";

export interface ConnectPorts {
  books: TenantBooks;
  roles: TenantRoles;
  clock: Clock;
  progress: Progress;
  interrupt: Interrupt;
  templates: Templates;
}
export interface Templates {
  /** In the package. */
  path(name: "tenant-role" | "connect-aws-billing"): string;
  /** Copies of all of them. An older copy is written over, anything else never. */
  write(folder: string): { file: string; differs: boolean; write(): void }[];
}

export interface ConnectInput {
  tenantId: string;
  roleArn?: string | undefined;
  accountId?: string | undefined;
  /** Until the role is there; none looks once. */
  waitSeconds?: number | undefined;
  /** Where to put the templates. */
  out?: string | undefined;
  templateUrl?: string | undefined;
  principalArn?: string | undefined;
  regions: readonly string[];
  dryRun: boolean;
}

export interface Connected {
  report: SetupReport;
  tenant: Tenant | null;
  /** What is left for a person to do; null when the role is stored. */
  stack: StackInstructions | null;
  verification: Verification | null;
}

const pollMilliseconds = 5_000;

/** Errors: `tenant.role-wait` (external), `aws.*`, the API's; each names what stands, and the command that goes on. */
export async function connectTenant(ports: ConnectPorts, input: ConnectInput): Promise<Connected> {
  const { books, roles, templates } = ports;
  const { tenantId, dryRun } = input;
  let tenant: Tenant | undefined;
  let pretended = false;
  let roleArn: string | undefined;
  let verification: Verification | undefined;

  const steps: Step[] = [
    {
      name: `tenant ${tenantId}`,
      run: async ({ make }) => {
        tenant = await books.find(tenantId);
        if (tenant) return "found";
        pretended = dryRun;
        tenant = await make(
          { operation: "POST /tenants", body: { id: tenantId, roleArn: null, accountId: null } },
          ({ id }) => books.add(id),
          unconnected(tenantId),
        );
        return "made";
      },
    },
    ...(input.out === undefined ? [] : [writeTemplates(templates, input.out)]),
    {
      name: "role",
      run: async () => {
        const ofAccount = input.accountId === undefined ? undefined : tenantRoleArn({ accountId: input.accountId, tenantId });
        roleArn = input.roleArn ?? ofAccount ?? tenant?.roleArn ?? undefined;
        if (!roleArn) return { outcome: "waits", detail: "make the stack in the tenant's account, then give --role-arn or --account-id" };
        if (pretended) return { outcome: "waits", detail: `${roleArn} is tried when the tenant is there` };
        const asked = { roleArn, ...(input.accountId === undefined ? {} : { accountId: input.accountId }) };
        verification = await verified(ports, input, asked);
        return verification.ok ? { outcome: "found", detail: `${roleArn} passes its checks` } : { outcome: "waits", detail: `${roleArn} fails a check` };
      },
    },
    {
      name: "connection",
      run: async ({ make }) => {
        if (!tenant || !roleArn || !verification?.ok) return { outcome: "waits", detail: "stored when the role passes" };
        const before = tenant;
        const body = { roleArn, ...(input.accountId === undefined ? {} : { accountId: input.accountId }) };
        if (before.roleArn === roleArn && (input.accountId ?? before.accountId) === before.accountId) return "found";
        tenant = await make({ operation: `PATCH /tenants/${tenantId}`, body }, (sent) => books.connect(before, sent), before);
        return "changed";
      },
    },
  ];
  const goOn = typedCommand(["chartctl", "tenants", "connect", tenantId], {
    roleArn: input.roleArn,
    accountId: input.accountId,
    wait: input.waitSeconds === undefined ? undefined : formatDuration(input.waitSeconds),
    out: input.out,
    templateUrl: input.templateUrl,
    principal: input.principalArn,
  });
  const report = await runSteps(steps, { dryRun, progress: ports.progress, interrupt: ports.interrupt, goOn });
  const connected = verification?.ok === true;
  const told = connected || pretended || dryRun ? null : await toldStack(ports, input, roles);
  return { report, tenant: pretended ? null : (tenant ?? null), stack: told, verification: verification ?? null };
}

async function toldStack({ books, templates }: ConnectPorts, input: ConnectInput, roles: TenantRoles): Promise<StackInstructions> {
  const { externalId, nextExternalId } = await books.externalIds(input.tenantId);
  return stackInstructions({
    tenantId: input.tenantId,
    externalIds: nextExternalId === null ? [externalId] : [nextExternalId, externalId],
    principalArn: input.principalArn ?? (await roles.principal()),
    regions: input.regions,
    template: input.out === undefined ? templates.path("tenant-role") : `${input.out.replace(/\/$/, "")}/tenant-role.yml`,
    templateUrl: input.templateUrl,
  });
}

/** A stack takes minutes, and a new role some seconds more: until then it is refused, which is no verdict. */
async function verified({ roles, clock, interrupt }: ConnectPorts, input: ConnectInput, asked: { roleArn: string; accountId?: string }): Promise<Verification> {
  const { tenantId, waitSeconds = 0 } = input;
  const until = clock.now().getTime() + waitSeconds * 1_000;
  for (;;) {
    const verification = await roles.verify(tenantId, asked);
    const refusedOnly = verification.checks.every(({ name, result }) => result !== "fail" || name === "external ID");
    if (verification.accepts.length > 0 || !refusedOnly || waitSeconds === 0) return verification;
    if (interrupt.gentle.aborted) throw new ChartctlError({ kind: "interrupted", code: "interrupted", message: "Interrupted" });
    if (clock.now().getTime() >= until) {
      throw new ChartctlError({
        kind: "external",
        code: "tenant.role-wait",
        message: `AWS still refuses the role ${asked.roleArn} after ${formatDuration(waitSeconds)}`,
        hint: `look at the stack in the tenant's account, and what the role is asked for: chartctl tenants verify ${tenantId} --role-arn ${asked.roleArn}`,
      });
    }
    await clock.sleep(pollMilliseconds, interrupt.gentle);
  }
}

export const writeTemplates = (templates: Templates, folder: string): Step => ({
  name: `templates in ${folder}`,
  run: async ({ make }) => {
    const changed = templates.write(folder).filter(({ differs }) => differs);
    for (const { file, write } of changed) await make({ operation: "write", body: { file } }, async () => write(), undefined);
    return changed.length > 0 ? { outcome: "made", detail: changed.map(({ file }) => file).join(", ") } : "found";
  },
});

const unconnected = (id: string): Tenant => ({ id, roleArn: null, accountId: null, createdAt: "", rotatingSince: null, billing: null, version: 0 });
