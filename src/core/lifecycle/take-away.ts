/** Destroys what Terraform knows, adopts and destroys what only AWS knows, and proves that nothing is left. */

import type { Receipt } from "../../contract/resources.ts";
import type { Clock, CredentialSource, Finding, Inventory, Stack } from "../ports.ts";
import type { AbsenceTarget } from "./absence.ts";
import { leftovers, orphans, readUntilAbsent, receiptOf } from "./absence.ts";
import { boundaryName } from "./boundary-policy.ts";
import type { RunStep } from "./journal.ts";

export interface Gone {
  receipt: Receipt;
  /** Empty when the proof holds. */
  left: Finding[];
}

/**
 * Order: destroy what the state holds; read AWS; when something of the blueprint is still there (a create whose answer
 * was lost, a log group that a late call made again), adopt it and destroy once more; read until absent.
 * Stopped anywhere, it can be run again from the start.
 */
export async function takeAway(
  ports: { stack: Stack; inventory: Inventory; clock: Clock; credentials: CredentialSource; step: RunStep },
  target: AbsenceTarget,
  options: { adoptFirst: boolean },
): Promise<Gone> {
  const { stack, step } = ports;
  if (options.adoptFirst) await step("adopt", () => adoptOrphans(ports, target));
  await step("destroy", () => stack.destroy());
  return await step("verify", async () => {
    let reads = await readUntilAbsent(ports, target, ports.credentials, 0);
    if (leftovers(reads).some((finding) => finding.adoption)) {
      await adoptOrphans(ports, target);
      await stack.destroy();
    }
    reads = leftovers(reads).length === 0 ? reads : await readUntilAbsent(ports, target, ports.credentials, patience(reads));
    const addresses = await stack.addresses();
    const receipt = receiptOf(reads, addresses.length, ports.clock.now(), [
      `IAM policy ${boundaryName} (the account's permissions boundary, shared by all projects)`,
      // Amazon DynamoDB Developer Guide, "Point-in-time recovery": made by AWS at deletion, free, can't be deleted.
      ...target.resources
        .filter(({ type }) => type === "aws_dynamodb_table")
        .map(({ attributes }) => `AWS's own backup of table ${String(attributes.name)}, free, for 35 days`),
    ]);
    return { receipt, left: leftovers(reads) };
  });
}

/** What no destroy can take away (object versions, a table's backups) won't go by waiting long. */
const patience = (reads: { findings: Finding[] }[]): number =>
  reads.some((read) => read.findings.some((finding) => finding.ours && !finding.adoption)) ? 2 : 7;

async function adoptOrphans(ports: { stack: Stack; inventory: Inventory; credentials: CredentialSource }, target: AbsenceTarget): Promise<void> {
  const reads = await ports.inventory.read(target, ports.credentials);
  const found = orphans(reads, await ports.stack.addresses());
  const adoptions = found.flatMap((finding) => (finding.adoption ? [finding.adoption] : []));
  if (adoptions.length > 0) await ports.stack.adopt(adoptions);
}
