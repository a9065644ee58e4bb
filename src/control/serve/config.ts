/** What a hosted control API is told by its environment; LEGACY names where the old platform had them. */
import { z } from "zod";
import { passwordSchema } from "../../contract/access-endpoints.ts";
import { idSchema } from "../../contract/names.ts";
import type { Limits } from "../../contract/resources.ts";
import { defaultLimits, defaultTtlSeconds } from "../../contract/resources.ts";
import type { AlertWebhook } from "../../core/costs/limits/alert-settings.ts";
import { alertSecrets, wrongAlertSecrets, wrongAlertUrl } from "../../core/costs/limits/alert-settings.ts";
import { ChartctlError } from "../../errors.ts";
import type { RateLimitSettings } from "../limits.ts";
import { defaultRateLimits } from "../limits.ts";

export interface HostConfig {
  host: string;
  port: number;
  /** Undefined: SQLite. */
  databaseUrl: string | undefined;
  databaseCa: string | undefined;
  poolSize: number;
  /** As users reach it, without a slash at the end; also the issuer of its tokens. */
  publicUrl: string;
  masterKey: string | undefined;
  corsOrigins: string[];
  metricsToken: string | undefined;
  /** Proxies before this server whose `X-Forwarded-For` is believed. */
  trustedProxies: number;
  limits: Limits;
  defaultTtlSeconds: number;
  rateLimits: RateLimitSettings;
  owner: { id: string; password: string | undefined };
  /** Jobs at once in one worker. */
  concurrency: number;
  /** Where alerts about costs go. */
  alertWebhook: AlertWebhook | undefined;
  /** A tenant's bill is read this often; 0 is never. */
  billingReadHours: number;
}

const whole = (least: number, most: number, without: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "is no whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`)
    .default(without);

/** Dollars, as the old platform's settings have them; exact in cents. */
const dollars = (cents: number) =>
  z
    .string()
    .regex(/^\d{1,7}(\.\d{1,2})?$/, "is no amount in dollars, such as 50 or 12.50")
    .transform((text) => {
      const [whole = "0", part = ""] = text.split(".");
      return Number(whole) * 100 + Number(part.padEnd(2, "0"));
    })
    .default(cents);

const notWrong = (wrong: (text: string) => string | undefined) =>
  z
    .string()
    .superRefine((text, context) => {
      const message = wrong(text);
      if (message) context.addIssue({ code: "custom", message });
    })
    .optional();
const alertVariables = { ALERT_WEBHOOK_URL: notWrong(wrongAlertUrl), ALERT_WEBHOOK_SECRET: notWrong(wrongAlertSecrets) };

const schema = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: whole(0, 65_535, 5_001),
  DATABASE_URL: z.string().optional(),
  DATABASE_CA: z.string().optional(),
  DATABASE_POOL_SIZE: whole(2, 200, 10),
  PUBLIC_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ""))
    .optional(),
  CHARTCTL_MASTER_KEY: z.string().optional(),
  CORS_ORIGIN: z
    .string()
    .default("")
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine(
      (origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
      "must list origins, such as https://app.example.org",
    ),
  METRICS_TOKEN: z.string().min(16, "is shorter than 16 characters").optional(),
  TRUSTED_PROXIES: whole(0, 10, 0),
  MAX_RESOURCES_PER_USER: whole(0, 100_000, defaultLimits.projectsPerUser),
  MAX_COST_PER_PROJECT: dollars(defaultLimits.projectMonthlyCents),
  MAX_TOTAL_COST_PER_USER: dollars(defaultLimits.userMonthlyCents),
  RESOURCE_TIMEOUT_MINUTES: whole(1, 525_600, defaultTtlSeconds / 60),
  RATE_LIMIT_PER_ADDRESS: whole(1, 10_000_000, defaultRateLimits.perAddress),
  RATE_LIMIT_PER_CALLER: whole(1, 10_000_000, defaultRateLimits.perCaller),
  RATE_LIMIT_SIGN_INS: whole(1, 1_000, defaultRateLimits.signIns),
  CHARTCTL_OWNER: idSchema.default("owner"),
  CHARTCTL_OWNER_PASSWORD: passwordSchema.optional(),
  WORKER_CONCURRENCY: whole(1, 50, 2),
  ...alertVariables,
  BILLING_READ_HOURS: whole(0, 8_760, 24),
});

/** Empty counts as not set. Error `config.invalid` (usage): each variable with what is wrong about it, never its value. */
export function hostConfig(env: NodeJS.ProcessEnv, given: { host?: string | undefined; port?: number | undefined } = {}): HostConfig {
  const data = valid(schema, env);
  const host = given.host ?? data.HOST;
  const port = given.port ?? data.PORT;
  return {
    host,
    port,
    databaseUrl: data.DATABASE_URL,
    databaseCa: data.DATABASE_CA,
    poolSize: data.DATABASE_POOL_SIZE,
    publicUrl: data.PUBLIC_URL ?? `http://${host === "0.0.0.0" || host === "::" ? "localhost" : host}:${port}`,
    masterKey: data.CHARTCTL_MASTER_KEY,
    corsOrigins: data.CORS_ORIGIN,
    metricsToken: data.METRICS_TOKEN,
    trustedProxies: data.TRUSTED_PROXIES,
    limits: {
      projectsPerUser: data.MAX_RESOURCES_PER_USER,
      projectMonthlyCents: data.MAX_COST_PER_PROJECT,
      userMonthlyCents: data.MAX_TOTAL_COST_PER_USER,
    },
    defaultTtlSeconds: data.RESOURCE_TIMEOUT_MINUTES * 60,
    rateLimits: { perAddress: data.RATE_LIMIT_PER_ADDRESS, perCaller: data.RATE_LIMIT_PER_CALLER, signIns: data.RATE_LIMIT_SIGN_INS },
    owner: { id: data.CHARTCTL_OWNER, password: data.CHARTCTL_OWNER_PASSWORD },
    concurrency: data.WORKER_CONCURRENCY,
    alertWebhook: webhookOf(data),
    billingReadHours: data.BILLING_READ_HOURS,
  };
}

/** Where alerts about costs go: what an embedded control API is told by its environment, too. Error `config.invalid` (usage). */
export const alertWebhook = (env: NodeJS.ProcessEnv): AlertWebhook | undefined => webhookOf(valid(z.object(alertVariables), env));

function webhookOf({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret }: z.output<z.ZodObject<typeof alertVariables>>): AlertWebhook | undefined {
  if (url === undefined) return undefined;
  if (secret === undefined) throw invalid([{ variable: "ALERT_WEBHOOK_SECRET", message: "is not set, and alerts to ALERT_WEBHOOK_URL are signed with it" }]);
  return { url, secrets: alertSecrets(secret) };
}

function valid<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map(({ path, message }) => ({ variable: path.join("."), message })));
}

const invalid = (issues: { variable: string; message: string }[]): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "config.invalid",
    message: `The environment is not valid: ${issues.map(({ variable, message }) => `${variable} ${message}`).join("; ")}`,
    hint: "see what each one means: chartctl serve --help",
    details: { issues },
  });
