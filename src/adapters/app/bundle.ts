/** The application's handler as one file, by esbuild. */
import { existsSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "esbuild";
import { ChartctlError, messageOf } from "../../errors.ts";
import { refused, shown } from "./refused.ts";

/** Beside the bundle in the function's zip; scripts import it as `chartctl/app`. */
export const appModule = "chartctl-app.mjs";

/** Bytes of the bundle and the paths that it was made of, relative to the folder. Errors: `app.no-handler`, `app.build`, `app.outside`, `app.no-bundler`. */
export async function bundleApi(folder: string, api: string): Promise<{ code: string; inputs: string[] }> {
  const root = realpathSync(folder);
  const { build } = await import("esbuild").catch((error: unknown) => {
    throw new ChartctlError({
      kind: "failed",
      code: "app.no-bundler",
      message: `The bundler can't be loaded: ${messageOf(error)}`,
      hint: "install chartctl again, with its optional packages",
      cause: error,
    });
  });
  const result = await build({
    absWorkingDir: root,
    entryPoints: [api],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node22",
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "silent",
    preserveSymlinks: true, // links are found below, instead of followed
    // CommonJS packages inside an ES module.
    banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
    plugins: [platformModules],
  }).catch((error: { errors?: { text: string; location: { file: string; line: number } | null }[] }) => {
    const first = error.errors?.[0];
    if (!first) throw error;
    const at = first.location ? ` (${first.location.file}:${first.location.line})` : "";
    throw refused("build", `The handler can't be built: ${first.text}${at}`, "mend it, then deploy again");
  });
  const inputs = Object.keys(result.metafile.inputs).filter((input) => !input.includes(":"));
  for (const input of inputs) refuseStray(root, input);
  const [output] = Object.values(result.metafile.outputs);
  if (!output?.exports.includes("handler")) throw refused("no-handler", `${api} exports no handler`, "it must: export async function handler(event) { … }");
  return { code: result.outputFiles[0]?.text ?? "", inputs };
}

/** Of the folder itself, or of a package; and no link to elsewhere. */
function refuseStray(root: string, input: string): void {
  const path = join(root, input);
  const inside = !relative(root, path).startsWith("..");
  if (input.split("/").includes("node_modules")) return; // workspaces and pnpm link their packages
  if (!inside) throw refused("outside", `The handler imports ${shown(input)}, which is outside of the application's folder`, "move it into the folder");
  const real = realpathSync(path);
  if (real !== path && real !== join(root, input.split("/").join(sep)))
    throw refused("symlink", `${shown(input)} is a symbolic link; links are not followed`, "put the file itself there");
}

/** `chartctl/app` lies beside the bundle; AWS's SDK comes from the application's own packages, or else from Lambda. */
const platformModules: Plugin = {
  name: "platform-modules",
  setup(build) {
    build.onResolve({ filter: /^chartctl\/app$/ }, () => ({ path: `./${appModule}`, external: true }));
    build.onResolve({ filter: /^@(aws-sdk|smithy)\// }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === "asked") return undefined;
      const found = await build.resolve(path, { resolveDir, kind, pluginData: "asked" });
      return found.errors.length === 0 && existsSync(found.path) ? found : { path, external: true };
    });
  },
};
