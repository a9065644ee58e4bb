/** Whether this process can do its work now, and what is in the way. */
import type { Ready } from "../../contract/platform-endpoints.ts";
import { ChartctlError, messageOf } from "../../errors.ts";
import type { Queue } from "../jobs/queue.ts";
import type { OpenedStore } from "./open-store.ts";

export async function readiness(store: OpenedStore, queue: Queue): Promise<Ready> {
  const check = async (name: string, look: () => Promise<string>): Promise<Ready["checks"][number]> => {
    try {
      return { name, ok: true, found: await look() };
    } catch (error) {
      // For anyone to read: what is wrong, not where the database is.
      return { name, ok: false, found: error instanceof ChartctlError ? messageOf(error) : "it doesn't answer" };
    }
  };
  const checks = await Promise.all([
    check("database", async () => {
      await store.db.selectFrom("tenants").select("id").limit(1).execute();
      return "answers";
    }),
    check("migrations", async () => {
      const { found, needed } = await store.schema();
      if (found < needed) throw new ChartctlError({ kind: "failed", code: "store.old-schema", message: `schema ${found}, and ${needed} is needed` });
      return `schema ${found}`;
    }),
    check("queue", async () => {
      await queue.check();
      return "answers";
    }),
  ]);
  return { status: checks.every(({ ok }) => ok) ? "ready" : "not ready", checks };
}
