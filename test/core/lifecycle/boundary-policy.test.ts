import { expect, test } from "vitest";
import { boundaryArn, boundaryPolicy } from "../../../src/core/lifecycle/boundary-policy.ts";
import { boundaryCases } from "./boundary-cases.ts";
import { accountId, allowedInBoundary } from "./simulate.ts";

test.each(boundaryCases)("$action on $resource, as $context: $allowed", async ({ allowed, ...asked }) => {
  expect(await allowedInBoundary(boundaryPolicy(), asked)).toBe(allowed);
});

test("is named in the account that it limits", () => {
  expect(boundaryArn(accountId)).toBe("arn:aws:iam::111122223333:policy/chartctl-boundary");
});

test("fits into a managed policy's 6,144 characters", () => {
  expect(JSON.stringify(boundaryPolicy()).length).toBeLessThan(6_144);
});
