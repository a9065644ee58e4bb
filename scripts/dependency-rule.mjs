/** Who may import whom. Fails, too, when the tool looked at fewer modules than there are: it then checked nothing. */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const { forbidden, options } = createRequire(import.meta.url)("../.dependency-cruiser.cjs");
const { output } = await cruise(["src"], { ...options, ruleSet: { forbidden }, validate: true }, undefined, { tsConfig: extractTSConfig("tsconfig.json") });
const files = readdirSync("src", { recursive: true }).filter((name) => /\.ts$/.test(name) && !name.endsWith(".d.ts")).length;
const seen = output.modules.filter(({ source }) => source.startsWith("src/") && source.endsWith(".ts")).length;
for (const { rule, from, to } of output.summary.violations) console.error(`${rule.name}: ${from} → ${to}`);
if (seen < files) console.error(`The dependency rule saw ${seen} of ${files} modules: it can't vouch for the rest.`);
console.log(`Dependency rule: ${seen} modules, ${output.summary.violations.length} violations`);
process.exitCode = output.summary.violations.length > 0 || seen < files ? 1 : 0;
