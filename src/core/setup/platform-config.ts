/** The environment of a hosted platform: `chartctl serve` and `worker` read these names (control/serve/config.ts). */
import { ChartctlError } from "../../errors.ts";
import { Secret } from "./steps.ts";

/** What an operator may choose; each is what `chartctl serve --help` says of it. (Budget and address are for `setup aws`, run on the host.) */
export const choosable = [
  "MAX_RESOURCES_PER_USER",
  "MAX_COST_PER_PROJECT",
  "MAX_TOTAL_COST_PER_USER",
  "RESOURCE_TIMEOUT_MINUTES",
  "BILLING_READ_HOURS",
  "CORS_ORIGIN",
  "AWS_REGION",
  "AWS_ROLE_ARN",
  "AWS_EXTERNAL_ID",
  "CHARTCTL_BROKER_ROLE_ARN",
  "AWS_COST_BUDGET_LIMIT",
  "ALERT_EMAIL",
  "ALERT_WEBHOOK_URL",
  "CHARTCTL_OWNER",
] as const;

/** DESIGN's defaults, said aloud: who looks at the host sees the limits that count. */
const defaults: Record<string, string> = {
  MAX_RESOURCES_PER_USER: "10",
  MAX_COST_PER_PROJECT: "50",
  MAX_TOTAL_COST_PER_USER: "100",
  RESOURCE_TIMEOUT_MINUTES: "60",
  CHARTCTL_OWNER: "owner",
};

/** Chosen, and nobody else's to see: in a dry run of a pipeline they would stand in its log. */
const hidden = new Set(["AWS_EXTERNAL_ID", "ALERT_WEBHOOK_URL", "ALERT_WEBHOOK_SECRET"]);

/** Taken over from the environment alone: on a command line everybody on the machine would see it. */
const neverTyped = ["ALERT_WEBHOOK_SECRET"] as const;

export interface ConfigWanted {
  /** Of the host itself: `HOST`, `PUBLIC_URL`, `TRUSTED_PROXIES`. Always as here. */
  fixed: Record<string, string>;
  /** Named on the command line: wins over what is set. */
  chosen: Record<string, string>;
  /** Found in the operator's own environment: counts where nothing is set. */
  offered: Record<string, string>;
}

/** Random bytes in base64, so many of them. */
export type RandomBase64 = (bytes: number) => string;

/**
 * What differs from what is set, and only that. A secret that is there is never changed: everything sealed under the
 * master key would be lost with it. Sessions need no secret of their own here: their signing keys are in the store,
 * sealed, and rotate there (control/auth/sessions.ts).
 */
export function configChanges(
  set: Readonly<Record<string, string>>,
  { fixed, chosen, offered }: ConfigWanted,
  random: RandomBase64,
): Record<string, string | Secret> {
  const without = { ...defaults, ...offered };
  const missing = Object.entries(without).filter(([name, value]) => !set[name] && chosen[name] === undefined && value !== "");
  const plain = Object.entries({ ...Object.fromEntries(missing), ...chosen, ...fixed }).filter(([name, value]) => set[name] !== value);
  const secrets = Object.entries({ CHARTCTL_MASTER_KEY: () => newMasterKey(random), METRICS_TOKEN: () => random(24) }).filter(([name]) => !set[name]);
  const shown = plain.map(([name, value]) => [name, hidden.has(name) ? new Secret(value) : value]);
  return { ...Object.fromEntries(shown), ...Object.fromEntries(secrets.map(([name, make]) => [name, new Secret(make())])) };
}

/** Of the operator's environment, what the platform may take over. */
export const offeredBy = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries([...choosable, ...neverTyped].flatMap((name) => (env[name] ? [[name, env[name]]] : [])));

/** `NAME=VALUE` of `--set`. Error `setting.unknown` (usage), with the names that there are. */
export function parseChosen(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = "", value = ""] = /^(\w+)=(.*)$/s.exec(pair) ?? [];
      if ((choosable as readonly string[]).includes(name)) return [name, value];
      throw new ChartctlError({
        kind: "usage",
        code: "setting.unknown",
        message: `${JSON.stringify(pair.split("=")[0])} is nothing that can be set here`,
        hint: `as NAME=VALUE, of: ${choosable.join(", ")}`,
        details: { choices: choosable },
      });
    }),
  );
}

const masterKeyBytes = 32;
const newMasterKey = (random: RandomBase64): string => `k1:${random(masterKeyBytes)}`;

/** A new key in front of those that are there: it seals, they still open. A key without a name is called k1 (control/store/seal.ts). */
export function withNewerKey(keys: string, random: RandomBase64): string {
  const named = keyList(keys);
  const newest = Math.max(0, ...named.map((key) => Number(/^k(\d+):/.exec(key)?.[1] ?? 0)));
  return [`k${newest + 1}:${random(masterKeyBytes)}`, ...named].join(" ");
}

export const newestKey = (keys: string): string => keyList(keys)[0] ?? "";
export const hasOlderKeys = (keys: string): boolean => keyList(keys).length > 1;

const keyList = (keys: string): string[] =>
  keys
    .trim()
    .split(/[\s,]+/)
    .map((key) => (key.includes(":") ? key : `k1:${key}`));

/** The step that says whether the platform may call AWS; somebody must give it credentials. */
export const awsCredentials = "AWS credentials";

/** What a front end is told, by the names that Next.js gives to the browser, and that front ends of the old platform read. */
export const frontEndVariables = (url: string, region: string): Record<string, string> => ({
  NEXT_PUBLIC_API_URL: `${url}/api`,
  NEXT_PUBLIC_ENVIRONMENT: "production",
  NEXT_PUBLIC_AWS_REGION: region,
});
