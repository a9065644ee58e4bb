import { expect, it } from "vitest";
import { canonical } from "../../../../src/core/setup/aws/policy.ts";
import { inlinePolicyMaxLength, provisioningPolicy } from "../../../../src/core/setup/aws/provisioning-policy.ts";

it("fits into a role's inline policies", () => {
  expect(JSON.stringify(provisioningPolicy()).length).toBeLessThan(inlinePolicyMaxLength);
});

it("is the same policy in any order, and with a list of one as its one", () => {
  const ours = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["a:B", "a:A"], Resource: "*" }] };
  expect(canonical({ Statement: { Resource: ["*"], Action: ["a:A", "a:B"], Effect: "Allow" }, Version: "2012-10-17" })).toBe(canonical(ours));
  for (const other of [{ ...ours, Statement: [] }, { ...ours, Statement: [{ ...ours.Statement[0], Effect: "Deny" }] }, undefined])
    expect(canonical(other)).not.toBe(canonical(ours));
});
