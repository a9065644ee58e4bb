/** Bundles the command line into dist/, split so that a command loads only what it runs, and writes the licence notices. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { apiTable } from "./api-table.mjs";
import { templateText } from "./cloudformation.mjs";
import { leftOut } from "./left-out.mjs";
import { bundledOutputs, textImports } from "./text-imports.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
rmSync("dist", { recursive: true, force: true });

const { metafile } = await build({
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.12",
  // ES modules where a package has both: they leave out what is not used.
  mainFields: ["module", "main"],
  minify: true,
  metafile: true,
  external: ["libsql", "esbuild", "@node-rs/argon2", "@napi-rs/keyring", "pg-native"],
  chunkNames: "chunks/[name]-[hash]",
  plugins: [leftOut, textImports],
  logLevel: "warning",
  // CommonJS packages inside an ES module.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';import{dirname as __dirnameOf}from'node:path';import{fileURLToPath as __pathOf}from'node:url';const require=__createRequire(import.meta.url),__filename=__pathOf(import.meta.url),__dirname=__dirnameOf(__filename);",
  },
});

const packages = new Set();
for (const { inputs } of [...Object.values(metafile.outputs), ...bundledOutputs]) {
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const at = input.lastIndexOf(`node_modules${"/"}`);
    if (at < 0 || bytesInOutput === 0) continue;
    const [scope, name] = input.slice(at + "node_modules/".length).split("/");
    packages.add(input.slice(0, at) + join("node_modules", scope.startsWith("@") ? `${scope}/${name}` : scope));
  }
}
/** By the licence's text: many packages share one, word for word. */
const byText = new Map();
for (const folder of [...packages].sort()) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "No licence text is in the package.";
  byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license ?? "see below"})`]);
}
const notices = [...byText].map(([text, names]) => `${names.join("\n")}\n\n${text}`);
writeFileSync("THIRD_PARTY_NOTICES.txt", `chartctl carries code of these packages:\n\n${notices.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);

// The schema of chartctl.json, for editors, from the one that the command line checks with.
const schemaModule = join("dist", "app-config.mjs");
await build({ entryPoints: ["src/contract/app-config.ts"], outfile: schemaModule, bundle: true, format: "esm", platform: "node", logLevel: "warning" });
const { chartctlJsonSchema } = await import(`file://${join(root, schemaModule)}`);
rmSync(schemaModule);
mkdirSync("schemas", { recursive: true });
writeFileSync(join("schemas", "chartctl.schema.json"), `${JSON.stringify(chartctlJsonSchema(), undefined, 2)}\n`);

// The control API's document, as the server gives it.
const documentModule = join("dist", "openapi.mjs");
const both = `export { openApiDocument } from "./src/control/openapi.ts"; export { endpoints } from "./src/contract/endpoints.ts";`;
await build({
  stdin: { contents: both, resolveDir: root, loader: "ts" },
  outfile: documentModule,
  bundle: true,
  format: "esm",
  platform: "node",
  logLevel: "warning",
});
const { openApiDocument, endpoints } = await import(`file://${join(root, documentModule)}`);
rmSync(documentModule);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
writeFileSync(join("schemas", "openapi.json"), `${JSON.stringify(openApiDocument(version), undefined, 2)}\n`);

writeFileSync(join("docs", "API.md"), apiTable(endpoints));

// The templates for a tenant's account, from the policies that the code knows.
const templatesModule = join("dist", "cloudformation.mjs");
await build({
  stdin: {
    contents: `export { tenantRoleTemplate } from "./src/core/tenants/tenant-role-template.ts"; export { billingTemplate } from "./src/core/tenants/billing-template.ts";`,
    resolveDir: root,
    loader: "ts",
  },
  outfile: templatesModule,
  bundle: true,
  format: "esm",
  platform: "node",
  logLevel: "warning",
});
const { tenantRoleTemplate, billingTemplate } = await import(`file://${join(root, templatesModule)}`);
rmSync(templatesModule);
mkdirSync(join("templates", "cloudformation"), { recursive: true });
writeFileSync(join("templates", "cloudformation", "tenant-role.yml"), templateText(tenantRoleTemplate()));
writeFileSync(join("templates", "cloudformation", "connect-aws-billing.yml"), templateText(billingTemplate()));

const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`Built dist: ${Object.keys(metafile.outputs).length} files, ${(bytes / 1e6).toFixed(2)} MB, ${packages.size} packages bundled`);
if (process.env.CHARTCTL_METAFILE) writeFileSync(process.env.CHARTCTL_METAFILE, JSON.stringify(metafile));
