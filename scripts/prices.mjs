/**
 * Makes the package's price table anew from AWS's public price list: `node scripts/prices.mjs`, on a machine with a way out. The same
 * code as `costs prices update` reads and checks it. CHARTCTL_PRICES_URL names a mirror.
 */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const module = join(root, "dist", "prices.mjs");
await build({
  stdin: {
    contents: `export { addressIn, readPriceList } from "./src/adapters/price-list.ts";
      export { refuseDoubtful, tableOf } from "./src/core/costs/prices/price-list.ts";
      export { packagedPrices } from "./src/core/costs/prices/packaged.ts";
      export { regionSchema } from "./src/contract/names.ts";`,
    resolveDir: root,
    loader: "ts",
  },
  outfile: module,
  bundle: true,
  format: "esm",
  platform: "node",
  logLevel: "warning",
});
const { addressIn, packagedPrices, readPriceList, refuseDoubtful, regionSchema, tableOf } = await import(`file://${module}`);
rmSync(module);

try {
  const read = await readPriceList({
    address: addressIn(process.env),
    otherwise: `the table of ${packagedPrices.date} stays`,
    interrupted: new AbortController().signal,
    done: (offer, rows) => console.error(`${offer}: ${rows} rows`),
  });
  const table = tableOf(read, new Date().toISOString().slice(0, 10));
  refuseDoubtful(table, packagedPrices, regionSchema.options);
  const file = join(root, process.argv[2] ?? "src/core/costs/prices/packaged.ts");
  const head = "/** On-demand list prices in US dollars, from AWS's public price list: written by scripts/prices.mjs. Free tiers are left out. */";
  writeFileSync(file, `${head}\nimport type { PriceTable } from "./table.ts";\n\nexport const packagedPrices: PriceTable = ${JSON.stringify(table)};\n`);
  execFileSync(join(root, "node_modules", ".bin", "biome"), ["check", "--write", file], { stdio: "ignore" });
  console.log(`${file}: ${Object.keys(table.places).length} places, prices of ${table.date}`);
} catch (error) {
  console.error(`${error.message}\n${error.hint ?? ""}`);
  process.exitCode = 1;
}
