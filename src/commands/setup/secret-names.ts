/** Variables whose values may be shown; what isn't known to be harmless is not. */
import { choosable } from "../../core/setup/platform-config.ts";

const harmless = new Set<string>(
  [...choosable, "HOST", "PORT", "PUBLIC_URL", "TRUSTED_PROXIES", "NODE_ENV", "CHARTCTL_TERRAFORM"].filter(
    (name) => name !== "AWS_EXTERNAL_ID" && name !== "ALERT_WEBHOOK_URL",
  ),
);

export const isShownInClear = (name: string): boolean => harmless.has(name) || /^(MAX|RATE_LIMIT|WORKER|RESOURCE)_/.test(name);
