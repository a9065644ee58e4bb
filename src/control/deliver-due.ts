/** Sends the alerts that are due to the receiver that the environment names: in a worker, or when somebody asks for it. */
import type { Delivery } from "../core/costs/limits/deliver-alerts.ts";
import { deliverAlerts } from "../core/costs/limits/deliver-alerts.ts";
import type { ControlApi } from "./parts.ts";
import type { Principal } from "./principal.ts";
import type { Db, Tx } from "./store/database.ts";
import { outboxFor } from "./store/outbox.ts";

export async function deliverDue(
  { alertReceiver, now }: Pick<ControlApi, "alertReceiver" | "now">,
  db: Db | Tx,
  by: Pick<Principal, "actor" | "requestId">,
  signal?: AbortSignal,
): Promise<Delivery> {
  const receiver = await alertReceiver();
  if (!receiver) return { delivered: 0, failed: 0, givenUp: 0, gone: false };
  return await deliverAlerts({ outbox: outboxFor(db, receiver, now, by), send: receiver.send, now, random: Math.random }, signal);
}
