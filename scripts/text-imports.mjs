/**
 * Imports of text: `./file?raw` is a file as it is (Vite has it, too), `./module.ts?bundled` one whole program made of a module, for Node 22
 * on Lambda and for previews. One implementation for the build, the tests and the benchmarks.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { buildSync } from "esbuild";

const bundled = (file) =>
  buildSync({ entryPoints: [file], bundle: true, minify: true, platform: "node", format: "esm", target: "node20.12", write: false, logLevel: "silent" })
    .outputFiles[0].text;

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
  load(id) {
    return id.endsWith("?bundled") ? `export default ${JSON.stringify(bundled(id.slice(0, -"?bundled".length)))}` : undefined;
  },
};
