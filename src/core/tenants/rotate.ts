/**
 * A new external ID in place of the old one, without a moment in which no ID counts: both do, until the tenant's role is seen
 * to accept the new one. Run again, it looks how far that is.
 */
import type { Verification } from "../../contract/platform-endpoints.ts";
import type { Tenant } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import type { Interrupt, Progress } from "../ports.ts";
import type { SetupReport, Step } from "../setup/steps.ts";
import { runSteps } from "../setup/steps.ts";
import type { TenantBooks, TenantRoles } from "./tenant-ports.ts";

export interface RotatePorts {
  books: TenantBooks;
  roles: TenantRoles;
  progress: Progress;
  interrupt: Interrupt;
}

export interface Rotated {
  report: SetupReport;
  tenant: Tenant;
  /** The IDs that the role's trust policy must list now, the newest first. */
  externalIds: string[];
  /** `both`: update the stack with both IDs. `last`: the overlap has ended, and the old one may leave the stack. `done`: it has left. */
  next: "both" | "finish" | "last" | "done";
  verification: Verification | null;
}

/** Errors: `tenant.not-found`, `tenant.not-rotating` (conflict), `tenant.new-id-refused` (refused), `aws.*`. */
export async function rotateExternalId(ports: RotatePorts, input: { tenant: Tenant; finish: boolean; dryRun: boolean }): Promise<Rotated> {
  const { books, roles } = ports;
  const { finish, dryRun } = input;
  const { id } = input.tenant;
  let tenant = input.tenant;
  let verification: Verification | undefined;
  let ended = false;
  const open = tenant.rotatingSince !== null;
  if (finish && !open) {
    throw new ChartctlError({
      kind: "conflict",
      code: "tenant.not-rotating",
      message: `Tenant ${id} has one external ID, and no new one beside it`,
      hint: `begin with: chartctl tenants rotate-external-id ${id}`,
    });
  }
  const steps: Step[] = [
    {
      name: "new external ID",
      run: async ({ make }) => {
        if (open) return { outcome: "found", detail: `since ${tenant.rotatingSince}` };
        tenant = await make({ operation: `POST /tenants/${id}/external-id`, body: null }, () => books.beginRotation(id), tenant);
        return "made";
      },
    },
    {
      name: "old external ID",
      run: async ({ make }) => {
        if (!open && tenant.roleArn !== null) return { outcome: "waits", detail: "counts until the role accepts the new one" };
        // A tenant without a role has nobody who could still ask for the old one.
        verification = tenant.roleArn === null ? undefined : await roles.verify(id, {});
        if (verification && finish) refuseEarly(id, verification);
        const settled = verification === undefined || (verification.ok && verification.accepts.join() === "next");
        if (!finish && !settled) return { outcome: "waits", detail: standing(verification) };
        const before = tenant;
        tenant = await make({ operation: `DELETE /tenants/${id}/external-id`, body: null }, () => books.finishRotation(before), before);
        ended = !dryRun;
        return "removed";
      },
    },
  ];
  const goOn = `chartctl tenants rotate-external-id ${id}`;
  const report = await runSteps(steps, { dryRun, progress: ports.progress, interrupt: ports.interrupt, goOn });
  const { externalId, nextExternalId } = await books.externalIds(id);
  const accepts = verification?.accepts ?? [];
  const oldAccepted = accepts.includes("current");
  return {
    report,
    tenant,
    externalIds: nextExternalId === null ? [externalId] : [nextExternalId, externalId],
    next: ended ? (oldAccepted ? "last" : "done") : accepts.includes("next") ? "finish" : "both",
    verification: verification ?? null,
  };
}

/** Error `tenant.new-id-refused` (refused): without the old one, nothing would count. */
function refuseEarly(id: string, { accepts, roleArn }: Verification): void {
  if (accepts.includes("next")) return;
  throw new ChartctlError({
    kind: "refused",
    code: "tenant.new-id-refused",
    message: `The role ${roleArn} doesn't accept the new external ID yet`,
    hint: `update the stack with both IDs; to see how: chartctl tenants rotate-external-id ${id}`,
  });
}

const standing = (verification: Verification | undefined): string =>
  verification?.accepts.includes("next") ? "the role still accepts it, and the new one, too" : "the role doesn't accept the new one yet";
