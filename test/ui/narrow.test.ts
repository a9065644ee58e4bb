/** What a tenant's connection and a verification show, on a narrow terminal. */
import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { stackInstructions } from "../../src/core/tenants/instructions.ts";
import { stackText, verificationText } from "../../src/ui/tenants.ts";
import { verifiedText } from "../../src/ui/verify.ts";

const roleArn = "arn:aws:iam::111122223333:role/chartctl/tenants/chartctl-acme";
/** Longer than they may be, and breakable. */
const tooLong = (text: string): string[] =>
  stripVTControlCharacters(text)
    .split("\n")
    .filter((line) => line.length > 40 && /\S \S/.test(line.slice(6)) && !/^ +(aws|help:|--|chartctl)|^Then/.test(line));

it("sentences are broken between words; commands stay whole", () => {
  const checks = [{ name: "external ID", result: "fail" as const, found: "refused", mend: "the role must exist, and its trust policy name the platform" }];
  const verification = verificationText({ tenantId: "acme", roleArn, ok: false, accepts: [], checks, trustPolicy: null }, 40);
  expect(tooLong(verification)).toEqual([]);
  expect(stripVTControlCharacters(verification)).toContain("✖ external ID: the role must exist, and\n  its trust policy name the platform");
  const stack = stackInstructions({
    tenantId: "acme",
    externalIds: ["e1"],
    principalArn: "arn:aws:iam::111122223333:role/chartctl-broker",
    regions: ["us-east-1"],
    template: "tenant-role.yml",
  });
  expect(tooLong(stackText(stack, "chartctl tenants connect acme --account-id 111122223333 --wait", 40))).toEqual([]);
  const checked = [
    { name: "headers", result: "ok" as const, found: "x-content-type-options, x-frame-options, cache-control", milliseconds: 1 },
    { name: "worker", result: "fail" as const, found: "no worker has reported in the last seconds", mend: "start one: chartctl worker", milliseconds: 1 },
  ];
  const verified = verifiedText("https://platform.example.org", checked, 40);
  expect(tooLong(verified)).toEqual([]);
  expect(stripVTControlCharacters(verified)).toContain(
    "✖ worker       no worker has reported in\n               the last seconds\n    help: start one: chartctl worker",
  );
});
