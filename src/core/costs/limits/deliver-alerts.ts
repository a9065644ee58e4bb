/** Sends what is to be told, at least once: each alert keeps its id, so that a receiver knows it again. */
import { nextTry } from "./alerts.ts";

export interface DueAlert {
  /** The same at every try. */
  id: string;
  body: string;
  createdAt: string;
  /** With this one. */
  attempts: number;
}
/** `gone`: the receiver wants none any more (410). */
export type Sent = { outcome: "delivered" } | { outcome: "gone" } | { outcome: "failed"; why: string; retryAfterSeconds?: number | undefined };
export type SendAlert = (alert: Pick<DueAlert, "id" | "body">) => Promise<Sent>;

/** Where alerts go, and a name of it that tells nobody the address: that may hold a secret. */
export interface AlertReceiver {
  id: string;
  send: SendAlert;
}

/** The books' side: an alert that is claimed is nobody else's until the claim ends. */
export interface AlertOutbox {
  claim(): Promise<DueAlert | undefined>;
  delivered(alert: DueAlert): Promise<void>;
  /** Null: no further try. */
  failed(alert: DueAlert, why: string, nextAt: Date | null): Promise<void>;
  /** Nothing is sent to this receiver any more; its alerts wait for another. */
  gone(alert: DueAlert): Promise<void>;
}

export interface Delivery {
  delivered: number;
  failed: number;
  givenUp: number;
  gone: boolean;
}

/** A receiver that is down is not asked for each of a hundred alerts. */
const failuresInRow = 3;

/**
 * Until nothing is due, the receiver seems to be down or wants no more, or the signal aborts. Dies it between a send and its note,
 * the alert is sent again, with the same id.
 */
export async function deliverAlerts(
  { outbox, send, now, random }: { outbox: AlertOutbox; send: SendAlert; now(): Date; random(): number },
  signal?: AbortSignal,
): Promise<Delivery> {
  const done: Delivery = { delivered: 0, failed: 0, givenUp: 0, gone: false };
  for (let inRow = 0; inRow < failuresInRow && !signal?.aborted; ) {
    const alert = await outbox.claim();
    if (!alert) return done;
    const sent = await send(alert);
    if (sent.outcome === "gone") {
      await outbox.gone(alert);
      return { ...done, gone: true };
    }
    if (sent.outcome === "delivered") {
      await outbox.delivered(alert);
      done.delivered++;
      inRow = 0;
      continue;
    }
    const next = nextTry(alert, { now: now(), chance: random(), retryAfterSeconds: sent.retryAfterSeconds });
    await outbox.failed(alert, sent.why, next);
    if (next) done.failed++;
    else done.givenUp++;
    inRow++;
  }
  return done;
}
