/** Bundles a snippet that imports the sources, so that a part is measured as it ships: minified, and split. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { textImports } from "../text-imports.mjs";

/** Inside the checkout, where libsql is found; `remove` when done. */
export async function compile(root, name, contents) {
  const folder = join(root, "dist", `bench-${name}`);
  const file = join(folder, "main.mjs");
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    outdir: folder,
    entryNames: "main",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    minify: true,
    external: ["libsql", "esbuild"],
    mainFields: ["module", "main"],
    logLevel: "error",
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    plugins: [textImports],
  });
  return { file, url: pathToFileURL(file).href, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
