/** `npm run demo`: the main job in the sandbox, each command shown as a user would type it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const launcher = new URL("../bin/chartctl.js", import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), "chartctl-demo-"));
const started = Date.now();
const env = { ...process.env, CHARTCTL_HOME: home };
delete env.CHARTCTL_API_URL;
delete env.CHARTCTL_CONTEXT;

/** Runs one command as typed; returns its exit code. */
function type(line) {
  console.log(`\n$ ${line}`);
  const [, ...words] = line.split(" ");
  const { status, signal } = spawnSync(process.execPath, [launcher, ...words], { env, stdio: "inherit", cwd: home });
  return signal ? 130 : (status ?? 70);
}

function demo() {
  const session = [
    ["chartctl --sandbox tenants add acme --role-arn arn:aws:iam::123456789012:role/chartctl-acme", 0],
    ["chartctl --sandbox -t acme -p sales provision --plan", 2],
    ["chartctl --sandbox -t acme -p sales provision --ttl 2h --yes", 0],
    ["chartctl --sandbox -t acme -p sales status", 0],
    ["chartctl --sandbox -t acme quota", 0],
    ["chartctl --sandbox -t acme -p sales provision --yes", 0],
    ["chartctl --sandbox -t acme -p sales destroy --yes", 0],
    ["chartctl --sandbox -t acme -p sales status", 6],
  ];
  for (const [line, expected] of session) {
    const code = type(line);
    if (code !== expected) return `"${line}" ended with exit code ${code}, not ${expected}`;
  }
  return undefined;
}

let failure;
try {
  failure = demo();
} finally {
  const stopped = type("chartctl sandbox stop");
  if (stopped !== 0 && !failure) failure = "the sandbox did not stop";
  rmSync(home, { recursive: true, force: true });
}
const seconds = Math.round((Date.now() - started) / 1000);
console.log(
  failure ? `\nDemo failed: ${failure}.` : `\nDemo passed: provisioned, shown, provisioned again without a change, destroyed and proven gone in ${seconds} s.`,
);
process.exitCode = failure ? 1 : 0;
