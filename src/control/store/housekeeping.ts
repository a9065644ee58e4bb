/** What the store forgets in time: kept answers, told progress, used invitations, counts of old days, dead workers, reports. */
import { sql } from "kysely";
import { daysBefore } from "./costs.ts";
import type { Db } from "./database.ts";
import { forgetAnswers } from "./idempotency-rows.ts";
import { forgetReports } from "./reports.ts";
import { onPostgres } from "./transact.ts";
import { forgetWorkers } from "./workers.ts";

const progressDays = 30;
const callersDays = 30;

/** Never the audit log, releases, operations or jobs: those are the history. */
export async function forgetOld(db: Db, now: Date): Promise<void> {
  await forgetAnswers(db, now);
  await db.deleteFrom("job_events").where("at", "<", daysBefore(now, progressDays)).execute();
  await db.deleteFrom("invitations").where("expires_at", "<", now.toISOString()).execute();
  await db.deleteFrom("limited_callers").where("day", "<", daysBefore(now, callersDays)).execute();
  await forgetWorkers(db, now);
  await forgetReports(db, now);
  // Milliseconds since 1970, as rate-limiter-flexible keeps them.
  if (onPostgres(db)) await sql`delete from rate_limits where expire < ${now.getTime()}`.execute(db);
}
