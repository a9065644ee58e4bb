/** A template's own modules, as tests load them. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Table } from "../../types/app.d.ts";
import { templates } from "./serve.ts";

/** Plain JavaScript without types: the caller says what it takes from it. */
export async function siteModule<T>(path: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(templates, path)).href)) as T;
}

interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}
export interface Api {
  handler(event: object): Promise<Answer>;
  /** The one that the handler uses, in memory: a test may replace its methods. */
  table: Table;
}

/** Bundled as for a preview; each call has a table of its own. */
export async function apiModule(path: string): Promise<Api> {
  const bundle = await build({
    stdin: { contents: `export { handler } from "./${path}"; export { table } from "chartctl/app";`, resolveDir: templates },
    alias: { "chartctl/app": fileURLToPath(new URL("../../src/app-runtime/local-app.ts", import.meta.url)) },
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
    logLevel: "silent",
    banner: { js: `// ${crypto.randomUUID()}` }, // modules are kept by their address
  });
  const source = Buffer.from(bundle.outputFiles[0]?.contents ?? []).toString("base64");
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${source}`)) as Api;
}
