/** What is read of the Platform API's answers; they hold more. */
import { z } from "zod";

export const accountSchema = z.object({ email: z.string(), verified: z.boolean() });

export const appSchema = z.object({
  name: z.string(),
  web_url: z.string().nullable(),
  build_stack: z.object({ name: z.string() }),
  region: z.object({ name: z.string() }),
  /** Null until something was built. */
  slug_size: z.number().nullable(),
});
export type App = z.infer<typeof appSchema>;

export const addonSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["provisioning", "provisioned", "deprovisioned"]),
  addon_service: z.object({ name: z.string() }),
  plan: z.object({ name: z.string() }),
});
export type Addon = z.infer<typeof addonSchema>;

export const configSchema = z.record(z.string(), z.string());

export const sourceSchema = z.object({ source_blob: z.object({ get_url: z.url(), put_url: z.url() }) });

export const buildSchema = z.object({
  id: z.string(),
  status: z.enum(["failed", "pending", "succeeded"]),
  created_at: z.string(),
  output_stream_url: z.string(),
  source_blob: z.object({ version: z.string().nullish() }),
  release: z.object({ id: z.string() }).nullish(),
});
export type Build = z.infer<typeof buildSchema>;

export const releaseSchema = z.object({
  id: z.string(),
  version: z.number(),
  status: z.enum(["failed", "pending", "succeeded", "expired"]),
  output_stream_url: z.string().nullish(),
});

export const formationSchema = z.object({ type: z.string(), quantity: z.number(), dyno_size: z.object({ name: z.string() }) });

export const dynoSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  state: z.string(),
  updated_at: z.string(),
  release: z.object({ version: z.number() }),
});
export type Dyno = z.infer<typeof dynoSchema>;

export const logSessionSchema = z.object({ logplex_url: z.url() });

export const buildpackSchema = z.object({ buildpack: z.object({ name: z.string(), url: z.string() }) });

/** Of calls whose answer says nothing that is needed. */
export const anything = z.unknown();
