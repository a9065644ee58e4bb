/** Synthesis in a fresh process: loading the bundled CDKTF and the AWS bindings, and the first stack. */
import { execFileSync } from "node:child_process";
import { compile } from "./compile.mjs";
import { median, row } from "./measure.mjs";

const limitSeconds = 0.15;

export async function synthesis(root) {
  const compiled = await compile(
    root,
    "synthesis",
    `const start = performance.now();
     const [{ createSynthesize }, { serverlessWebParameters }] = await Promise.all([import("./src/blueprints/synthesize.ts"), import("./src/contract/blueprints.ts")]);
     createSynthesize({ emulated: false })("serverless-web", { tenantId: "acme", userId: "ana", projectId: "sales", projectKey: "abcdefghij", region: "us-east-1", environment: "development", createdAt: "2026-01-01T00:00:00.000Z", accountId: "123456789012" }, serverlessWebParameters.parse({}));
     console.log(performance.now() - start);`,
  );
  try {
    const times = Array.from({ length: 11 }, () => Number(execFileSync(process.execPath, [compiled.file], { encoding: "utf8" })) / 1_000);
    return [row("synthesis, in process, loading included", `${median(times).toFixed(3)} s`, `limit: ${limitSeconds} s`, median(times) / limitSeconds, 1)];
  } finally {
    compiled.remove();
  }
}
