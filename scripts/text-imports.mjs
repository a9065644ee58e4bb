/**
 * Imports of text: `./file?raw` is a file as it is (Vite has it, too), `./module.ts?bundled` one whole program made of a module, for Node 22
 * on Lambda, for previews and for the control API's pages, or one style sheet. One implementation for the build, the tests and the benchmarks.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { buildSync } from "esbuild";

/** What is in the bundles that were made, as esbuild's metafile tells it: their packages' licences are told, too. */
export const bundledOutputs = [];

function bundled(file) {
  const { outputFiles, metafile } = buildSync({
    entryPoints: [file],
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node20.12",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  bundledOutputs.push(...Object.values(metafile.outputs));
  return outputFiles[0].text;
}

const textOf = { raw: (file) => readFileSync(file, "utf8"), bundled };

/** For esbuild. */
export const textImports = {
  name: "text-imports",
  setup(build) {
    for (const [kind, read] of Object.entries(textOf)) {
      const suffix = `?${kind}`;
      build.onResolve({ filter: new RegExp(`\\${suffix}$`) }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path.slice(0, -suffix.length)),
        namespace: kind,
      }));
      build.onLoad({ filter: /.*/, namespace: kind }, ({ path }) => ({ contents: read(path), loader: "text" }));
    }
  },
};

/** For Vite, whose own `?raw` does the other half. */
export const viteBundled = {
  name: "bundled-text",
  enforce: "pre",
  // Under a name that doesn't end like a style sheet's: Vite would take the module for one.
  resolveId(path, importer) {
    return path.endsWith("?bundled") && importer ? `\0${resolve(dirname(importer), path.slice(0, -"?bundled".length))}:bundled` : undefined;
  },
  load(id) {
    return id.endsWith(":bundled") ? `export default ${JSON.stringify(bundled(id.slice(1, -":bundled".length)))}` : undefined;
  },
};
