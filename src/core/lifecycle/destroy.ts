/** Takes a project's infrastructure away, and ends its booking when AWS is proven to hold nothing of it. */
import type { Project, Receipt } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import type { Confirm, Credentials, Inventory, OpenStack, Processes, Synthesize } from "../ports.ts";
import { notAbsent } from "./absence.ts";
import { refuseForeignAccount } from "./account.ts";
import type { HeldPorts } from "./held.ts";
import { underLease } from "./held.ts";
import { credentialRequest, identityOf, synthesizeProject } from "./identity.ts";
import { openOperation } from "./open.ts";
import { takeAway } from "./take-away.ts";

export interface DestroyInput {
  projectId: string;
  accountId?: string | undefined;
  idempotencyKey: string;
}

export interface DestroyPorts extends HeldPorts {
  processes: Processes;
  credentials: Credentials;
  synthesize: Synthesize;
  openStack: OpenStack;
  inventory: Inventory;
  confirm: Confirm;
}

export interface Destroyed {
  project: Project;
  outcome: "destroyed" | "declined";
  receipt?: Receipt;
}

/**
 * Asks, opens the operation (refused while an application is active), destroys, proves absence by direct reads, ends
 * the booking and deletes the run folder: in this order, so that whatever instant it dies at, the next destroy goes on.
 * Error `destroy.leftover` (`external`) lists what still stands; the project stays booked as `failed`.
 */
export async function destroy(ports: DestroyPorts, input: DestroyInput): Promise<Destroyed> {
  const before = await ports.books.project(input.projectId);
  if (!before) throw unknownProject(input.projectId);
  if (!(await ports.confirm({ about: "destroy", project: before, standing: Object.keys(before.outputs) }))) {
    return { project: before, outcome: "declined" };
  }
  const { idempotencyKey, projectId } = input;
  const opened = await openOperation(ports, { idempotencyKey, kind: "destroy", projectId });
  const doubtful = before.infrastructure !== "deployed" || before.operation?.status === "interrupted" || opened.takenOver !== null;

  return await underLease(ports, opened, "something", async (held) => {
    const accountId = await ports.credentials.account(credentialRequest(held.project, held.operation.id, "destroy"));
    refuseForeignAccount(accountId, input.accountId ?? held.project.accountId);
    const identity = identityOf(held.project, accountId);
    const synthesized = synthesizeProject(ports.synthesize, held.project, identity);
    const credentials = held.credentials(() => "destroy");
    const stack = await ports.openStack({ identity, synthesized }, held.stackPorts(credentials));
    held.stack = stack;

    const target = { identity, resources: synthesized.resources };
    const { receipt, left } = await takeAway({ ...ports, stack, credentials, step: held.step }, target, { adoptFirst: doubtful });
    if (left.length > 0) throw notAbsent(projectId, left, receipt);
    await held.finish({ outcome: "succeeded", standing: "nothing", receipt });
    await stack.close();
    await stack.remove();
    return { project: held.project, outcome: "destroyed", receipt };
  });
}

const unknownProject = (projectId: string): ChartctlError =>
  new ChartctlError({
    kind: "not-found",
    code: "project.not-found",
    message: `Project ${projectId} does not exist`,
    hint: "see what there is: chartctl projects",
    details: { projectId },
  });
