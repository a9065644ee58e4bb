/** From nothing, or from whatever an earlier run left, to real infrastructure that the books know of. */
import type { BlueprintName } from "../../contract/blueprints.ts";
import type { Project } from "../../contract/resources.ts";
import { ChartctlError, isChartctlError, messageOf } from "../../errors.ts";
import type { Estimate } from "../costs/estimate.ts";
import { estimate } from "../costs/estimate.ts";
import type { PriceTable } from "../costs/prices/table.ts";
import { parseParameters } from "../parameters.ts";
import type { Adoption, Boundary, Confirm, Credentials, Inventory, OpenStack, Plan, Processes, Stack, Synthesize } from "../ports.ts";
import type { AbsenceTarget } from "./absence.ts";
import { orphans } from "./absence.ts";
import { refuseForeignAccount } from "./account.ts";
import { boundaryName } from "./boundary-policy.ts";
import type { Held, HeldPorts } from "./held.ts";
import { underLease } from "./held.ts";
import { credentialRequest, identityOf, synthesizeProject } from "./identity.ts";
import { openOperation } from "./open.ts";
import { takeAway } from "./take-away.ts";

export interface ProvisionInput {
  projectId: string;
  blueprint: BlueprintName;
  region: Project["region"];
  environment: Project["environment"];
  /** `name=value`, as typed. */
  set: string[];
  /** Seconds; null never expires; undefined keeps what is, or takes the default. */
  ttlSeconds?: number | null | undefined;
  maxMonthlyCents?: number | undefined;
  /** Refused when the credentials reach another account. */
  accountId?: string | undefined;
  /** Leave a failed first provision standing. */
  keepFailed: boolean;
  /** Unique to this run; a request whose answer was lost is sent again with it. */
  idempotencyKey: string;
}

export interface ProvisionPorts extends HeldPorts {
  processes: Processes;
  credentials: Credentials;
  synthesize: Synthesize;
  openStack: OpenStack;
  inventory: Inventory;
  boundary: Boundary;
  confirm: Confirm;
  /** The newest that this machine has. */
  prices(): PriceTable;
}

export interface Provisioned {
  project: Project;
  plan: Plan;
  estimate: Estimate;
  outcome: "applied" | "unchanged" | "declined";
}

/**
 * Settles the request, opens the operation (books decide quota, cost and state in one transaction), synthesizes, adopts
 * what an earlier run left in AWS, plans, asks, applies and records. If it stops in between, booking and journal stay,
 * and the next provision or destroy goes on from what AWS, the state and the books really hold.
 * A first provision that fails is taken away again unless `keepFailed`; its booking ends only when AWS is proven empty.
 */
export async function provision(ports: ProvisionPorts, input: ProvisionInput): Promise<Provisioned> {
  const before = await ports.books.project(input.projectId);
  const parameters = parseParameters(input.blueprint, input.set, before?.parameters);
  const price = estimate(ports.prices(), input.blueprint, input.region, parameters);
  const { idempotencyKey, projectId, blueprint, region, environment, ttlSeconds, maxMonthlyCents } = input;
  const opened = await openOperation(ports, {
    idempotencyKey,
    kind: "provision",
    projectId,
    desired: { blueprint, region, environment, parameters, ttlSeconds, maxMonthlyCents, keepFailed: input.keepFailed },
  });
  const settled = before?.infrastructure === "deployed" && before.operation?.status !== "interrupted" && !opened.takenOver;
  const standing = opened.fresh ? "nothing" : settled ? "unchanged" : "something";

  return await underLease(ports, opened, standing, async (held) => {
    const accountId = await ports.credentials.account(credentialRequest(held.project, held.operation.id, "provision"));
    refuseForeignAccount(accountId, input.accountId ?? held.project.accountId);

    const boundary = accountBoundary(ports, held, accountId);
    const { stack, target } = await openProject(ports, held, accountId);
    const adopt = standing === "something" ? await held.step("take-over", () => findOrphans(ports, held, stack, target)) : [];
    const planned = await held.step("plan", () => stack.plan({ refresh: !opened.fresh, adopt }));
    const plan = { ...planned, besides: await boundary.missing() };
    ports.progress({ type: "plan", plan, monthlyCents: price.monthlyCents });

    const changes = plan.changes.length > 0;
    if (changes && !(await ports.confirm({ about: "apply", plan, monthlyCents: price.monthlyCents }))) {
      await held.finish({ outcome: "cancelled", standing: held.standing });
      return { project: held.project, plan, estimate: price, outcome: "declined" };
    }
    held.interrupt.gentle.throwIfAborted();
    const outputs = changes ? await applyOrUndo(ports, held, stack, target, boundary, input.keepFailed || !opened.fresh) : await stack.outputs();
    const project = await held.finish({ outcome: "succeeded", standing: "something", outputs, accountId });
    return { project: project ?? held.project, plan, estimate: price, outcome: changes ? "applied" : "unchanged" };
  });
}

/** Opens the project's stack; the rights of its credentials follow `purpose`, which a clean-up switches. */
async function openProject(ports: ProvisionPorts, held: Held, accountId: string): Promise<{ stack: Stack; target: AbsenceTarget }> {
  const identity = identityOf(held.project, accountId);
  const synthesized = synthesizeProject(ports.synthesize, held.project, identity);
  const credentials = held.credentials(() => (held.undoing ? "destroy" : "provision"));
  held.stack = await ports.openStack({ identity, synthesized }, held.stackPorts(credentials));
  return { stack: held.stack, target: { identity, resources: synthesized.resources } };
}

/** What AWS has of this project and the state doesn't know: an earlier run died between the create and its record. */
async function findOrphans(ports: ProvisionPorts, held: Held, stack: Stack, target: AbsenceTarget): Promise<Adoption[]> {
  const reads = await ports.inventory.read(
    target,
    held.credentials(() => "provision"),
  );
  return orphans(reads, await stack.addresses()).flatMap(({ adoption }) => (adoption ? [adoption] : []));
}

/** The account's permissions boundary: asked for while Terraform plans, made just before the apply. */
function accountBoundary(ports: ProvisionPorts, held: Held, accountId: string) {
  const credentials = held.credentials(() => "boundary");
  const region = held.project.region;
  const there = ports.boundary.exists(accountId, region, credentials);
  there.catch(() => {}); // awaited in `missing`; a plan that fails first reports itself
  return {
    missing: async () => ((await there) ? [] : [`IAM policy ${boundaryName} in account ${accountId}, shared by all projects`]),
    ensure: async () => {
      if (!(await there)) await held.step("boundary", () => ports.boundary.create(accountId, region, credentials));
    },
  };
}

/** Applies the saved plan. On failure of a first provision, takes everything away again and says so. */
async function applyOrUndo(
  ports: ProvisionPorts,
  held: Held,
  stack: Stack,
  target: AbsenceTarget,
  boundary: { ensure(): Promise<void> },
  keep: boolean,
): Promise<Record<string, unknown>> {
  await boundary.ensure();
  held.standing = "something";
  try {
    return (await held.step("apply", () => stack.apply())).outputs;
  } catch (error) {
    // Not ours to undo any more: another run has taken over.
    const fenced = isChartctlError(error, "conflict");
    if (keep || fenced || held.interrupt.gentle.aborted) throw error;
    throw await undo(ports, held, stack, target, error);
  }
}

/** The error to report: the apply's own, with what became of what it had made. */
async function undo(ports: ProvisionPorts, held: Held, stack: Stack, target: AbsenceTarget, cause: unknown): Promise<unknown> {
  ports.progress({ type: "note", level: "warn", message: `Provisioning failed; taking away what it made. ${messageOf(cause)}` });
  held.undoing = true;
  const credentials = held.credentials(() => "destroy");
  try {
    const { left } = await takeAway({ ...ports, stack, credentials, step: held.step }, target, { adoptFirst: true });
    if (left.length === 0) {
      held.standing = "nothing";
      return cause;
    }
    return failedCleanUp(held, cause, `AWS still has ${left.map((finding) => finding.name).join(", ")}`);
  } catch (error) {
    return failedCleanUp(held, cause, messageOf(error));
  }
}

const failedCleanUp = (held: Held, cause: unknown, why: string): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "provision.clean-up-failed",
    message: `${messageOf(cause)}. Taking it away again failed too: ${why}`,
    hint: `chartctl destroy -p ${held.project.id}`,
    cause,
  });
