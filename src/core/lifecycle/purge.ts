/** Takes the application off a project; its infrastructure stays. */
import type { Project } from "../../contract/resources.ts";
import type { Emptied, OpenAppRemoval } from "../app-ports.ts";
import type { Confirm, Credentials, Processes } from "../ports.ts";
import { unknownProject } from "../unknown-project.ts";
import { refuseForeignAccount } from "./account.ts";
import type { HeldPorts } from "./held.ts";
import { underLease } from "./held.ts";
import { credentialRequest, identityOf } from "./identity.ts";
import type { OnlyIf } from "./open.ts";
import { openOperation } from "./open.ts";

export interface PurgeInput extends OnlyIf {
  projectId: string;
  /** The items of the application's table, too. */
  data: boolean;
  accountId?: string | undefined;
  idempotencyKey: string;
  /** Why a machine does it; a person gives none. */
  reason?: string | undefined;
}

export interface PurgePorts extends HeldPorts {
  processes: Processes;
  credentials: Credentials;
  openRemoval: OpenAppRemoval;
  confirm: Confirm;
}

export interface Purged {
  project: Project;
  outcome: "purged" | "declined";
  emptied: Emptied;
}

/**
 * Asks, opens the operation, lets the placeholder answer, then empties bucket and table. What isn't there any more counts
 * as done: stopped anywhere, the next purge goes on. Errors: `purge.locked` (`refused`), and AWS's.
 */
export async function purge(ports: PurgePorts, input: PurgeInput): Promise<Purged> {
  const { projectId, idempotencyKey, reason, onlyExpired, onlyOverCost, data } = input;
  const before = await ports.books.project(projectId);
  if (!before) throw unknownProject(projectId);
  if (!(await ports.confirm({ about: "purge", project: before, data }))) return { project: before, outcome: "declined", emptied: nothing };
  const opened = await openOperation(ports, { idempotencyKey, kind: "purge", projectId, reason, onlyExpired, onlyOverCost });

  return await underLease(ports, opened, "unchanged", async (held) => {
    const accountId = await ports.credentials.account(credentialRequest(held.project, held.operation.id, "purge"));
    refuseForeignAccount(accountId, input.accountId ?? held.project.accountId);
    const removal = ports.openRemoval(
      identityOf(held.project, accountId),
      held.credentials(() => "purge"),
    );
    held.standing = "something";
    await held.step("reset", () => removal.reset());
    const bucket = await held.step("empty", () =>
      removal.emptyBucket(({ objects, uploads }) => ports.progress({ type: "count", done: objects + uploads, unit: "object versions" }), held.interrupt.gentle),
    );
    const table = data
      ? await held.step("clear", () => removal.clearTable(({ items }) => ports.progress({ type: "count", done: items, unit: "items" }), held.interrupt.gentle))
      : nothing;
    const project = await held.finish({ outcome: "succeeded", standing: "something" });
    return { project: project ?? held.project, outcome: "purged", emptied: { ...bucket, items: table.items } };
  });
}

const nothing: Emptied = { objects: 0, uploads: 0, items: 0 };
