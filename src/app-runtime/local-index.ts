/** The function's entry in a preview: files come from the application's own folder, and the manifest is read again for each request. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppManifest } from "../contract/app-manifest.ts";
import type { Handler } from "./serve.ts";
import { createHandler } from "./serve.ts";

const folder = process.env.CHARTCTL_SITE_FOLDER ?? "";
const manifest = (): AppManifest => JSON.parse(readFileSync(process.env.CHARTCTL_MANIFEST ?? "", "utf8")) as AppManifest;

export const handler: Handler = (event, context) =>
  createHandler(
    manifest(),
    { read: async (_, path) => await readFile(join(folder, path)), link: async () => undefined },
    () => import(new URL("api.mjs", import.meta.url).href),
  )(event, context);
