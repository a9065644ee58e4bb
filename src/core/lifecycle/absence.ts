/** Proof that nothing of a project is left in AWS: direct reads, asked again while deletions settle. */
import type { Receipt } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import type { Clock, CredentialSource, DeclaredResource, Finding, Inventory, InventoryRead, StackIdentity } from "../ports.ts";

/** AWS answers for some deleted things for a while (DynamoDB's DELETING, S3's list after delete). */
const settleMilliseconds = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

export interface AbsenceTarget {
  identity: StackIdentity;
  resources: DeclaredResource[];
}

/** What AWS still has of this project. */
export const leftovers = (reads: InventoryRead[]): Finding[] => reads.flatMap((read) => read.findings).filter((finding) => finding.ours);

/** What is ours in AWS and unknown to Terraform's state: a take-over adopts it, and never what is somebody else's. */
export function orphans(reads: InventoryRead[], known: string[]): Finding[] {
  const inState = new Set(known);
  return reads
    .flatMap((read) => read.findings)
    .filter((finding) => finding.adoption && !inState.has(finding.adoption.address))
    .map((finding) => {
      if (finding.ours) return finding;
      throw new ChartctlError({
        kind: "conflict",
        code: "take-over.foreign",
        message: `${finding.kind} ${finding.name} carries another project's tags; it is left alone`,
        hint: "look at who made it, then remove or retag it: chartctl doctor",
        details: { kind: finding.kind, name: finding.name },
      });
    });
}

/** Reads until nothing is found, or until `patience` waits are used up; returns the last reads. */
export async function readUntilAbsent(
  ports: { inventory: Inventory; clock: Clock },
  target: AbsenceTarget,
  credentials: CredentialSource,
  patience = settleMilliseconds.length,
): Promise<InventoryRead[]> {
  for (let attempt = 0; ; attempt++) {
    const reads = await ports.inventory.read(target, credentials);
    const wait = settleMilliseconds[attempt];
    if (leftovers(reads).length === 0 || attempt >= patience || wait === undefined) return reads;
    await ports.clock.sleep(wait);
  }
}

/** What was asked, when, and what answered. */
export const receiptOf = (reads: InventoryRead[], stateResources: number, at: Date, shared: string[]): Receipt => ({
  stateResources,
  reads: reads.map((read) => {
    const found = read.findings.filter((finding) => finding.ours).map((finding) => finding.name);
    return { kind: read.kind, asked: read.asked, at: read.at, answer: found.length > 0 ? "present" : "absent", found };
  }),
  shared,
  verifiedAt: at.toISOString(),
});

/** Names what still stands; the project stays booked. */
export const notAbsent = (projectId: string, left: Finding[], receipt: Receipt): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "destroy.leftover",
    message: `Project ${projectId} is not gone: AWS still has ${left.map(describe).join(", ")}`,
    hint: `look at what holds it, then try again: chartctl destroy -p ${projectId}`,
    details: { left: left.map(({ kind, name, detail }) => ({ kind, name, ...(detail ? { detail } : {}) })), receipt },
  });

const describe = (finding: Finding): string => `${finding.kind} ${finding.name}${finding.detail ? ` (${finding.detail})` : ""}`;
