/** A kept answer is there at once: nothing that it runs loads the schema library, the store or AWS's SDK before it has to be asked. */
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { textImports } from "../../scripts/text-imports.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** All that such an answer runs (some of it is loaded by name, when it is needed). */
const run = [
  "src/main.ts",
  "src/wiring.ts",
  "src/io.ts",
  "src/commands/costs.ts",
  "src/commands/costs/usual-grouping.ts",
  "src/adapters/settings.ts",
  "src/adapters/processes.ts",
  "src/adapters/unchanged-books.ts",
  "src/adapters/aws/costs/costs.ts",
  "src/core/costs/actual/choose-source.ts",
];

/** What a module brings along, without what is imported only when it is needed. */
function loaded({ inputs }: Metafile, from: string, known = new Set<string>()): Set<string> {
  if (known.has(from)) return known;
  known.add(from);
  for (const { path, kind } of inputs[from]?.imports ?? []) if (kind !== "dynamic-import") loaded({ inputs, outputs: {} }, path, known);
  return known;
}

test("the modules of a kept answer load no schemas, no store and no SDK", async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    outdir: "unwritten",
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    external: ["libsql", "esbuild", "@node-rs/argon2", "@napi-rs/keyring", "pg-native"],
    plugins: [textImports],
    logLevel: "error",
  });
  const heavy = /node_modules\/(zod|kysely|@aws-sdk|@smithy|hono)\//;
  const found = run.map((module) => {
    expect(metafile.inputs[module], module).toBeDefined();
    return [module, [...loaded(metafile, module)].filter((path) => heavy.test(path)).slice(0, 1)];
  });
  expect(found).toEqual(run.map((module) => [module, []]));
  expect([...loaded(metafile, "src/adapters/control-api.ts")].some((path) => heavy.test(path))).toBe(true);
});
