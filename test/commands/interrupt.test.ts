/** Ctrl-C once ends a command that only looks, whatever it waits for. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Home } from "../support/cli.ts";
import { newHome } from "../support/cli.ts";
import type { SilentAws } from "../support/silent-aws.ts";
import { silentAws } from "../support/silent-aws.ts";

let aws: SilentAws;
let home: Home;
beforeAll(async () => {
  aws = await silentAws();
  home = newHome({ AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", CHARTCTL_KEYRING: "0" });
  const added = await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme");
  expect(added.code, added.stderr).toBe(0);
});
afterAll(async () => {
  await aws?.close();
  home?.remove();
});

test.each([
  ["tenants verify", ["tenants", "verify", "acme"]],
  ["tenants verify, by a hosted platform that never answers", ["tenants", "verify", "acme", "--api-url", "SILENT"]],
  ["doctor", ["doctor"]],
])("%s", { timeout: 60_000 }, async (_, args) => {
  const before = aws.calls.length;
  const { child, ended } = home.start(...args.map((one) => (one === "SILENT" ? aws.url : one)));
  await aws.asked(before + 1);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  const told = "\nStopping gently; once more stops at once.\nerror: Interrupted\nhelp: ask again, with the same command\n";
  expect([code, stdout, stderr]).toEqual([130, "", told]);
});
