/** An application's folder as what is deployed of it: the same folder gives the same bytes. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import lambdaApp from "../../app-runtime/lambda-app.ts?bundled";
import lambdaIndex from "../../app-runtime/lambda-index.ts?bundled";
import type { AppManifest } from "../../contract/app-manifest.ts";
import { objectPrefixes } from "../../contract/app-manifest.ts";
import type { AppObject, AppSource, BuildApp } from "../../core/app-ports.ts";
import { reproducibleZip } from "../../core/zip.ts";
import { appModule, bundleApi } from "./bundle.ts";
import type { AppFolder } from "./config.ts";
import { appFolder } from "./config.ts";
import { refused } from "./refused.ts";
import type { SiteFile } from "./site.ts";
import { isEntry, refuseSecret, siteFiles } from "./site.ts";

/** Lambda takes 250 MB unzipped (developer guide, "Lambda quotas"); a bundle of a fifth of that is a mistake already. */
const largestCode = 50_000_000;

/** Everything of a build but the object that a deploy uploads: previews use it, too. */
export interface AppParts {
  app: AppFolder;
  site: SiteFile[];
  api: string | undefined;
  manifest: AppManifest;
}

/** Reads, checks and bundles. Errors: those of `appFolder`, `siteFiles` and `bundleApi`. */
export async function appParts(folder: string, options: { compress: boolean }): Promise<AppParts> {
  const app = appFolder(resolve(folder));
  const site = app.site === undefined ? [] : siteFiles(`${app.folder}/${app.site}`, { allow: app.allow, site: app.site, compress: options.compress });
  const bundled = app.api === undefined ? undefined : await bundleApi(app.folder, app.api);
  if (bundled) {
    if (Buffer.byteLength(bundled.code) > largestCode) throw refused("too-large", "The bundled handler is larger than 50 MB", "import less");
    refuseSecret(app.api ?? "", Buffer.from(bundled.code), app.allow);
  }
  if (site.length === 0 && !bundled) throw refused("empty", `The site folder ${app.site} is empty`, "put an index.html there");
  const files = Object.fromEntries(site.map(({ path, manifest }) => [path, manifest]));
  const build = createHash("sha256")
    .update(JSON.stringify([Object.entries(files).map(([path, { hash, type, cache }]) => [path, hash, type, cache]), bundled?.code ?? null, app.health]))
    .update(lambdaIndex)
    .update(lambdaApp)
    .digest("hex");
  return { app, site, api: bundled?.code, manifest: { build, api: bundled !== undefined, health: app.health, files } };
}

/** `templateFolder` gives a template's folder by its name. */
export const createBuildApp =
  (templateFolder: (name: string) => string): BuildApp =>
  async (source: AppSource) => {
    const folder = "folder" in source ? resolve(source.folder) : templateFolder(source.template);
    const { app, site, api, manifest } = await appParts(folder, { compress: true });
    const zip = reproducibleZip({
      "index.mjs": lambdaIndex,
      [appModule]: lambdaApp,
      "manifest.json": JSON.stringify(manifest),
      ...(api === undefined ? {} : { "api.mjs": api }),
    });
    const hash = createHash("sha256").update(zip);
    const codeSha256 = hash.copy().digest("base64");
    const code: AppObject = {
      key: `${objectPrefixes.code}${hash.digest("hex")}.zip`,
      type: "application/zip",
      cache: "private",
      gzip: false,
      size: zip.byteLength,
      read: async () => zip,
    };
    // What pages load before the pages: nobody ever sees a page whose parts aren't there.
    const ordered = [...site.filter(({ path }) => !isEntry(path)), ...site.filter(({ path }) => isEntry(path))];
    const files = [...new Map(ordered.map(({ object }) => [object.key, object])).values()];
    return {
      build: manifest.build,
      files,
      code,
      codeSha256,
      bytes: files.reduce((sum, { size }) => sum + size, 0) + zip.byteLength,
      health: app.health,
      source: "folder" in source ? `folder ${folder}` : `template ${source.template}`,
    };
  };
