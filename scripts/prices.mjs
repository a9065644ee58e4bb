/**
 * Makes the package's price table (src/core/costs/prices/listed.ts) anew from AWS's public price list: `node scripts/prices.mjs`, on a
 * machine with a way out. The same code as `costs prices update` reads and checks it; CHARTCTL_PRICES_URL names a mirror. With
 * `--maps FOLDER`, from copies of the maps that AWS's pricing pages read (price-maps.mjs says which).
 */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { readMaps } from "./price-maps.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const module = join(root, "dist", "prices.mjs");
await build({
  stdin: {
    contents: `export { addressIn, readPriceList } from "./src/adapters/price-list.ts";
      export { refuseDoubtful, tableOf } from "./src/core/costs/prices/price-list.ts";
      export { packagedPrices } from "./src/core/costs/prices/packaged.ts";
      export { rowsOf } from "./src/core/costs/prices/price-text.ts";
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
const { addressIn, packagedPrices, readPriceList, refuseDoubtful, regionSchema, rowsOf, tableOf } = await import(`file://${module}`);
rmSync(module);

const maps = process.argv.indexOf("--maps");
const options = () => ({
  address: addressIn(process.env),
  otherwise: `the table of ${packagedPrices.date} stays`,
  interrupted: new AbortController().signal,
  done: (offer, rows) => console.error(`${offer}: ${rows} rows`),
});
try {
  const read = maps < 0 ? await readPriceList(options()) : readMaps(process.argv[maps + 1] ?? "");
  for (const { offer, prices } of read)
    for (const { place, name } of prices.unclear) console.error(`${offer}: left out, because what is there can't be one price: ${name} in ${place}`);
  const table = tableOf(read, new Date().toISOString().slice(0, 10));
  refuseDoubtful(table, packagedPrices, regionSchema.options);
  const texts = Object.entries(table.evidence).map(([offer, { source, date }]) => {
    const rows = rowsOf(table, offer).replaceAll("\n", "\n      ");
    return `${offer}: {\n source: ${JSON.stringify(source)},\n date: ${JSON.stringify(date)},\n rows: \`\n      ${rows}\`,\n}`;
  });
  const head = "/** AWS's list prices by offer, free tiers left out: written by scripts/prices.mjs. */";
  const file = join(root, "src", "core", "costs", "prices", "listed.ts");
  writeFileSync(
    file,
    `${head}\nimport type { PriceText } from "./price-text.ts";\n\nexport const listed: Record<string, PriceText> = {${texts.join(",\n")}};\n`,
  );
  execFileSync(join(root, "node_modules", ".bin", "biome"), ["check", "--write", file], { stdio: "ignore" });
  console.log(`${file}: ${Object.keys(table.places).length} places`);
} catch (error) {
  console.error(`${error.message}\n${error.hint ?? ""}`);
  process.exitCode = 1;
}
