/** Whose a bill is: in a shared account, only what is tagged. */
import { expect, test } from "vitest";
import { sharesAccount } from "../../../src/core/costs/actual/cost-scope.ts";

const tenant = (id: string, account: string | undefined, accountId: string | null = null) => ({
  id,
  roleArn: account ? `arn:aws:iam::${account}:role/chartctl/tenants/chartctl-${id}` : null,
  accountId,
});

test.each([
  ["alone in its account", [tenant("acme", "111111111111"), tenant("other", "222222222222")], false],
  ["beside a tenant without a role", [tenant("acme", "111111111111"), tenant("other", undefined)], false],
  ["with another in its account", [tenant("acme", "111111111111"), tenant("other", "111111111111")], true],
  ["with another whose account is known by its number", [tenant("acme", "111111111111"), tenant("other", undefined, "111111111111")], true],
  ["in the platform's account", [tenant("acme", undefined)], true],
  ["that is unknown", [], true],
])("a tenant %s", (_, tenants, shared) => {
  expect(sharesAccount("acme", tenants)).toBe(shared);
});
