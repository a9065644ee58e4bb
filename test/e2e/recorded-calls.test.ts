/**
 * Everything that the lifecycle asks of AWS, from real Terraform runs with the platform's role, is in the list that the policies
 * are tested with. `CHARTCTL_RECORD=1` writes the list anew.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway } from "../../src/adapters/functions/gateway.ts";
import type { TestApp } from "../support/app.ts";
import { newApp } from "../support/app.ts";
import type { Billing } from "../support/billing.ts";
import { startBilling } from "../support/billing.ts";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import { ask } from "../support/cloud.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";
import type { Recorded, Recording } from "../support/recorder.ts";
import { record, settled } from "../support/recorder.ts";

const list = new URL("../core/setup/aws/recorded-calls.golden.json", import.meta.url);
const accountId = "123456789012";
const folder = mkdtempSync(join(tmpdir(), "chartctl-gateway-"));
let emulator: TestEmulator;
let billing: Billing;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let recording: Recording;
let home: Home;
let app: TestApp;

beforeAll(async () => {
  [emulator, billing] = await Promise.all([startEmulator(), startBilling()]);
  gateway = await startGateway({ upstream: emulator.url, folder });
  recording = record("OPERATOR", accountId);
  app = newApp();
  home = newHome({
    AWS_ENDPOINT_URL: await recording.before(emulator.url),
    AWS_ENDPOINT_URL_LAMBDA: await recording.before(gateway.url),
    AWS_ENDPOINT_URL_BUDGETS: billing.url,
    AWS_ENDPOINT_URL_COST_EXPLORER: billing.url,
    CHARTCTL_GATEWAY_URL: gateway.url,
    AWS_ACCESS_KEY_ID: "OPERATOR",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    CHARTCTL_BROKER_ROLE_ARN: `arn:aws:iam::${accountId}:role/chartctl-broker`,
    AWS_ROLE_ARN: `arn:aws:iam::${accountId}:role/chartctl-provisioning`,
  });
}, 60_000);
afterAll(async () => {
  home?.remove();
  app?.remove();
  await Promise.all([recording?.close(), billing?.close(), gateway?.close()]);
  await emulator?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("is what the policies are tested with", { timeout: 1_200_000 }, async () => {
  const chartctl = async (...args: string[]) => {
    const ran = await home.run("-t", "acme", "-p", "sales", "--user", "ann", "--json", "--yes", ...args);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    return ran;
  };
  await chartctl("setup", "aws", "--principal", `arn:aws:iam::${accountId}:user/platform`);
  await chartctl("tenants", "add", "acme");
  expect((await home.run("-t", "acme", "-p", "sales", "--user", "ann", "provision", "--plan")).code).toBe(2);
  const { project } = dataOf<{ project: { key: string } }>(await chartctl("provision", "--ttl", "2h"));
  await chartctl("provision", "--set", "memory_mb=512");
  await chartctl("deploy-app", "--source", app.folder);
  app.write("site/index.html", "<!doctype html><title>second</title>");
  await chartctl("deploy-app", "--source", app.folder);
  await chartctl("deploy-app", "--rollback", "1");
  const url = (await home.run("-t", "acme", "-p", "sales", "open", "--print")).stdout.trim();
  expect((await ask(`${url}/api/notes`, { method: "POST", body: "an item for the purge" })).status).toBe(201);
  await chartctl("logs");
  await chartctl("cleanup", "--dry-run");
  await chartctl("purge", "--data");
  await chartctl("destroy");

  expect(recording.puzzles).toEqual([]);
  const calls = settled(recording.calls, accountId, project.key);
  if (process.env.CHARTCTL_RECORD) writeFileSync(list, `[\n${calls.map((call) => JSON.stringify(call)).join(",\n")}\n]\n`);
  const known = new Set((JSON.parse(readFileSync(list, "utf8")) as Recorded[]).map((call) => JSON.stringify(call)));
  expect(calls.filter((call) => !known.has(JSON.stringify(call)))).toEqual([]);
  expect(calls.length).toBeGreaterThan(100);
});
