/** Where alerts go, as the environment says it. */
import { isLoopback } from "../../loopback.ts";

export interface AlertWebhook {
  url: string;
  /** Each in base64; while one takes the other's place, both sign. */
  secrets: string[];
}

const secretBytes = { least: 24, most: 64 };

/** What is wrong about the address; never the address itself, which may hold a token. */
export function wrongAlertUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))) return "must be an https URL";
  return url.username || url.password ? "must name no user or password" : undefined;
}

export const alertSecrets = (text: string): string[] =>
  text
    .trim()
    .split(/\s+/)
    .map((secret) => secret.replace(/^whsec_/, ""));

/** As the Standard Webhooks specification wants them: `whsec_` and 24 to 64 bytes in base64. */
export function wrongAlertSecrets(text: string): string | undefined {
  const wrong = text
    .trim()
    .split(/\s+/)
    .some((secret) => {
      const base64 = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(secret)?.[1] ?? "";
      const bytes = (base64.length / 4) * 3 - (/=*$/.exec(base64)?.[0].length ?? 0);
      return bytes < secretBytes.least || bytes > secretBytes.most;
    });
  return wrong ? `must be whsec_ and ${secretBytes.least} to ${secretBytes.most} bytes in base64 (openssl rand -base64 32)` : undefined;
}
