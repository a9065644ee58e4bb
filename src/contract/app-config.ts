/** `chartctl.json`: an application's folder, and settings for the commands that run in it. */
import { z } from "zod";
import { defaultHealth } from "./app-manifest.ts";

export const appConfigSchema = z
  .strictObject({
    site: z.string().min(1).max(200).optional().describe("folder of static files, served at / (default: site, when there is one)"),
    api: z.string().min(1).max(200).optional().describe("the module that exports `handler` for /api/ (default: api/index.ts, .js or .mjs, when there is one)"),
    health: z.string().regex(/^\//, "must start with /").max(1_000).default(defaultHealth).describe("path that answers 2xx when the application works"),
    allow: z.array(z.string().max(1_000)).max(100).default([]).describe("files that look like secrets and are meant to be deployed"),
  })
  .describe("the application in this folder");
export type AppConfig = z.output<typeof appConfigSchema>;

const setting = (about: string) => z.string().optional().describe(about);

/** The whole file, as JSON Schema: editors complete it by its `$schema`. */
export const chartctlJsonSchema = (): object => z.toJSONSchema(chartctlJson, { io: "input" });

const chartctlJson = z
  .object({
    $schema: z.string().optional(),
    tenant: setting("the tenant"),
    project: setting("the project"),
    user: setting("act for this user"),
    region: setting("AWS region"),
    environment: setting("development, staging or production"),
    awsProfile: setting("AWS profile of the operator"),
    apiUrl: setting("control API; without one, the embedded one"),
    app: appConfigSchema.optional(),
  })
  .describe("Settings and application of a chartctl project");
