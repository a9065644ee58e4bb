/** Bundles a snippet that imports the sources, so that a part is measured as it ships: minified, as one file. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { textImports } from "../text-imports.mjs";

/** The file is inside the checkout, where libsql is found; `remove` when done. */
export async function compile(root, name, contents) {
  const file = join(root, "dist", `bench-${name}.mjs`);
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    minify: true,
    external: ["libsql", "esbuild"],
    mainFields: ["module", "main"],
    logLevel: "error",
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    plugins: [textImports],
  });
  return { file, url: pathToFileURL(file).href, remove: () => rmSync(file, { force: true }) };
}
