/** Takes a project's infrastructure away, and ends its booking when AWS is proven to hold nothing of it. */
import type { Project, Receipt } from "../../contract/resources.ts";
import type { OpenAppRemoval } from "../app-ports.ts";
import type { Confirm, Credentials, Inventory, OpenStack, Processes, Synthesize } from "../ports.ts";
import { unknownProject } from "../unknown-project.ts";
import { notAbsent } from "./absence.ts";
import { refuseForeignAccount } from "./account.ts";
import { applicationActive } from "./active.ts";
import type { HeldPorts } from "./held.ts";
import { underLease } from "./held.ts";
import { credentialRequest, identityOf, synthesizeProject } from "./identity.ts";
import type { OnlyIf } from "./open.ts";
import { openOperation } from "./open.ts";
import { purge } from "./purge.ts";
import { takeAway } from "./take-away.ts";

export interface DestroyInput extends OnlyIf {
  projectId: string;
  accountId?: string | undefined;
  idempotencyKey: string;
  /** An application is purged first: one question for both. */
  purge: boolean;
  /** Why a machine does it; a person gives none. */
  reason?: string | undefined;
}

export interface DestroyPorts extends HeldPorts {
  processes: Processes;
  credentials: Credentials;
  synthesize: Synthesize;
  openStack: OpenStack;
  inventory: Inventory;
  openRemoval: OpenAppRemoval;
  confirm: Confirm;
  /** For the purge's own operation. */
  newIdempotencyKey(): string;
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
  if (before.application !== "absent" && !input.purge) throw applicationActive(before); // the books say it again, under the lock
  const { idempotencyKey, projectId, reason, onlyExpired, onlyOverCost, accountId: meant } = input;
  const only = { onlyExpired, onlyOverCost };
  if (!(await ports.confirm({ about: "destroy", project: before, standing: Object.keys(before.outputs), purge: input.purge }))) {
    return { project: before, outcome: "declined" };
  }
  if (input.purge) {
    const own = { ...ports, confirm: async () => true };
    await purge(own, { projectId, data: true, accountId: meant, idempotencyKey: ports.newIdempotencyKey(), reason, ...only });
  }
  const opened = await openOperation(ports, { idempotencyKey, kind: "destroy", projectId, reason, ...only });
  const doubtful = before.infrastructure !== "deployed" || before.operation?.status === "interrupted" || opened.takenOver !== null;

  return await underLease(ports, opened, "something", async (held) => {
    const accountId = await ports.credentials.account(credentialRequest(held.project, held.operation.id, "destroy"));
    refuseForeignAccount(accountId, meant ?? held.project.accountId);
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
