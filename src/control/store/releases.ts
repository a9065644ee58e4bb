/** Releases: numbered in a deploy's own transaction, live when it ends well, and never rewritten after that. */
import type { FinishOperation, RecordRelease } from "../../contract/lifecycle-endpoints.ts";
import type { Release } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import type { Db, Tx } from "./database.ts";
import type { OperationRow, ProjectRow, ReleaseRow } from "./rows.ts";
import { toRelease } from "./rows.ts";

/** The release that answers on the project's URL. */
export const liveRelease = async (db: Db | Tx, projectKey: string): Promise<ReleaseRow | undefined> =>
  await db.selectFrom("releases").selectAll().where("project_key", "=", projectKey).where("status", "=", "live").executeTakeFirst();

const shownReleases = 200;

/** Newest first, the last 200. */
export async function listReleases(db: Db | Tx, project: Pick<ProjectRow, "key" | "id">): Promise<Release[]> {
  const rows = await db.selectFrom("releases").selectAll().where("project_key", "=", project.key).orderBy("number", "desc").limit(shownReleases).execute();
  return rows.map((row) => toRelease(row, project.id));
}

/** The operation's release; asked again, the same one. Error `release.kind` (usage) for what is no deploy. */
export async function recordRelease(tx: Tx, operation: OperationRow, actor: string, facts: RecordRelease, now: Date): Promise<Release> {
  if (operation.kind !== "deploy") throw new ChartctlError({ kind: "usage", code: "release.kind", message: "Only a deploy makes a release" });
  const made = await ofOperation(tx, operation);
  if (made) return toRelease(made, operation.project_id);
  const { last } = await tx
    .selectFrom("releases")
    .select((select) => select.fn.max<number | null>("number").as("last"))
    .where("project_key", "=", operation.project_key)
    .executeTakeFirstOrThrow();
  const row: ReleaseRow = {
    project_key: operation.project_key,
    number: Number(last ?? 0) + 1,
    operation_id: operation.id,
    status: "deploying",
    build: facts.build,
    code_sha256: facts.codeSha256,
    version: null,
    files: facts.files,
    bytes: facts.bytes,
    source: facts.source,
    health: facts.health,
    actor,
    created_at: now.toISOString(),
    finished_at: null,
    error: null,
  };
  await tx.insertInto("releases").values(row).execute();
  return toRelease(row, operation.project_id);
}

const ofOperation = async (tx: Tx, operation: Pick<OperationRow, "id">): Promise<ReleaseRow | undefined> =>
  await tx.selectFrom("releases").selectAll().where("operation_id", "=", operation.id).executeTakeFirst();

/** Ends the release of a deploy that ended; true when it has one. A good one retires its predecessor. */
export async function endRelease(
  tx: Tx,
  operation: Pick<OperationRow, "id" | "project_key">,
  end: Pick<FinishOperation, "outcome" | "version" | "error">,
  now: string,
): Promise<boolean> {
  const release = await ofOperation(tx, operation);
  if (!release) return false;
  const good = end.outcome === "succeeded";
  if (good) {
    await tx.updateTable("releases").set({ status: "retired" }).where("project_key", "=", operation.project_key).where("status", "=", "live").execute();
  }
  await tx
    .updateTable("releases")
    .set({
      status: good ? "live" : "failed",
      version: end.version ?? release.version,
      finished_at: now,
      error: end.error ? JSON.stringify(end.error) : null,
    })
    .where("project_key", "=", release.project_key)
    .where("number", "=", release.number)
    .execute();
  return true;
}

/** Nothing of any release is left in AWS. */
export async function purgeReleases(tx: Tx, projectKey: string): Promise<void> {
  await tx.updateTable("releases").set({ status: "purged" }).where("project_key", "=", projectKey).execute();
}
