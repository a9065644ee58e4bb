/** What an application's folder says of itself, in chartctl.json or by its shape. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AppConfig } from "../../contract/app-config.ts";
import { appConfigSchema } from "../../contract/app-config.ts";
import { readJson } from "../json-file.ts";
import { refused } from "./refused.ts";

export interface AppFolder {
  folder: string;
  /** Relative; undefined when the application has none. */
  site: string | undefined;
  api: string | undefined;
  health: string;
  allow: string[];
}

const apiModules = ["api/index.ts", "api/index.mts", "api/index.js", "api/index.mjs"];

/** True when `deploy-app` would find an application here. */
export function holdsApp(folder: string): boolean {
  const { site, api } = shapeOf(folder);
  return existsSync(join(folder, "chartctl.json")) ? configOf(folder) !== undefined || site !== undefined || api !== undefined : false;
}

/** Errors: `app.no-folder`, `app.config`, `app.empty`, `app.outside` (usage). */
export function appFolder(folder: string): AppFolder {
  if (!isFolder(folder)) throw refused("no-folder", `There is no folder ${folder}`, "name the application's folder: --source DIR");
  const config = configOf(folder) ?? appConfigSchema.parse({});
  const shape = shapeOf(folder);
  const site = config.site ?? shape.site;
  const api = config.api ?? shape.api;
  for (const path of [site, api]) if (path !== undefined) refuseOutside(path);
  if (config.site !== undefined && !isFolder(join(folder, config.site)))
    throw refused("config", `chartctl.json names the site folder ${config.site}, which isn't there`, "make it, or mend app.site");
  if (config.api !== undefined && !existsSync(join(folder, config.api)))
    throw refused("no-handler", `chartctl.json names the handler ${config.api}, which isn't there`, "make it, or mend app.api");
  if (site === undefined && api === undefined)
    throw refused("empty", `${folder} holds no application: neither site/ nor api/`, "start from a template: chartctl init --template csv-dashboard");
  return { folder, site, api, health: config.health, allow: config.allow };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const shapeOf = (folder: string) => ({
  site: isFolder(join(folder, "site")) ? "site" : undefined,
  api: apiModules.find((module) => existsSync(join(folder, module))),
});

function configOf(folder: string): AppConfig | undefined {
  const file = join(folder, "chartctl.json");
  if (!existsSync(file)) return undefined;
  const document = readJson(file);
  if (document.app === undefined) return undefined;
  const parsed = appConfigSchema.safeParse(document.app);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refused(
    "config",
    `chartctl.json: app${issue?.path.length ? `.${issue.path.join(".")}` : ""} ${issue?.message ?? "is not valid"}`,
    "see the schema that its $schema names",
  );
}

/** A path in chartctl.json stays inside the folder. */
function refuseOutside(path: string): void {
  if (!path.startsWith("/") && !path.includes("\\") && !path.split("/").includes("..")) return;
  throw refused("outside", `chartctl.json names ${path}, which leads out of the application's folder`, "move it into the folder");
}
