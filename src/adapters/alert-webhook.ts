/** Sends alerts as the Standard Webhooks specification (1.0.0) has it: signed, not followed elsewhere, within a time limit. */
import { createHash, createHmac } from "node:crypto";
import type { AlertWebhook } from "../core/costs/limits/alert-settings.ts";
import type { AlertReceiver, Sent } from "../core/costs/limits/deliver-alerts.ts";

/** The specification: 15 to 30 s. */
const timeoutMilliseconds = 15_000;

export const alertReceiver = ({ url, secrets }: AlertWebhook, now: () => Date, timeout = timeoutMilliseconds): AlertReceiver => ({
  id: createHash("sha256").update(url).digest("hex"),
  send: async ({ id, body }) => {
    const timestamp = Math.floor(now().getTime() / 1_000);
    try {
      const response = await fetch(url, {
        method: "POST",
        redirect: "manual", // whoever is there was told nothing of our signature
        signal: AbortSignal.timeout(timeout),
        headers: {
          "content-type": "application/json",
          "user-agent": "chartctl",
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          "webhook-signature": secrets.map((secret) => `v1,${signature(secret, `${id}.${timestamp}.${body}`)}`).join(" "),
        },
        body,
      });
      await response.body?.cancel();
      return verdict(response.status, response.headers.get("retry-after"), now());
    } catch (error) {
      return { outcome: "failed", why: why(error, timeout) };
    }
  },
});

const signature = (secret: string, content: string): string => createHmac("sha256", Buffer.from(secret, "base64")).update(content).digest("base64");

function verdict(status: number, retryAfter: string | null, now: Date): Sent {
  if (status >= 200 && status < 300) return { outcome: "delivered" };
  if (status === 410) return { outcome: "gone" };
  const moved = status >= 300 && status < 400 ? ", a redirect, which is not followed: set ALERT_WEBHOOK_URL to where it leads" : "";
  return { outcome: "failed", why: `the receiver answered ${status}${moved}`, retryAfterSeconds: waitOf(retryAfter, now) };
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function waitOf(retryAfter: string | null, now: Date): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now.getTime()) / 1_000;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/** Never with the address, which may hold a token: these words are kept and shown. */
function why(error: unknown, timeout: number): string {
  if ((error as { name?: string }).name === "TimeoutError") return `the receiver did not answer in ${timeout / 1_000} s`;
  const { code } = ((error as { cause?: unknown }).cause ?? error) as { code?: string };
  return `the receiver can't be reached${code ? ` (${code})` : ""}`;
}
