/** Whose a bill is: in a shared account, only what is tagged. */
import { describe, expect, test } from "vitest";
import { accountsOf, needsOwnAccount, sharesAccount } from "../../../src/core/costs/actual/cost-scope.ts";

const tenant = (id: string, account: string | undefined, accountId: string | null = null) => ({
  id,
  roleArn: account ? `arn:aws:iam::${account}:role/chartctl/tenants/chartctl-${id}` : null,
  accountId,
});

test.each([
  ["alone in its account", [tenant("acme", "111111111111"), tenant("other", "222222222222")], false],
  ["beside one that may be in its account", [tenant("acme", "111111111111"), tenant("other", undefined)], true],
  ["beside one without a role, in an account that is known", [tenant("acme", "111111111111"), tenant("other", undefined, "222222222222")], false],
  ["with another in its account", [tenant("acme", "111111111111"), tenant("other", "111111111111")], true],
  ["with another whose account is known by its number", [tenant("acme", "111111111111"), tenant("other", undefined, "111111111111")], true],
  ["in the platform's account", [tenant("acme", undefined)], true],
  ["that is unknown", [], true],
])("a tenant %s", (_, tenants, shared) => {
  expect(sharesAccount("acme", tenants)).toBe(shared);
});

describe("the accounts of all tenants", () => {
  const at = (id: string, account: string | null, roleArn: string | null = account && `arn:aws:iam::${account}:role/chartctl`) => ({
    id,
    roleArn,
    accountId: null,
  });
  const [one, two] = ["111122223333", "444455556666"];
  const told = (tenants: ReturnType<typeof at>[], own: string | null) =>
    accountsOf(tenants, own).map(({ accountId, shared, tenants: inIt }) => [accountId, shared, ...inIt.map(({ id }) => id)]);
  test("each has its tenants; what has a tenant without a role, or several, has a rest", () => {
    expect(told([at("acme", one), at("globex", null), at("hooli", two), at("umbrella", null)], null)).toEqual([
      [one, false, "acme"],
      [null, true, "globex", "umbrella"],
      [two, false, "hooli"],
    ]);
    expect(told([at("globex", null)], null)).toEqual([[null, true, "globex"]]);
  });
  test("the operator's own may be one that has a tenant's role", () => {
    const tenants = [at("acme", one), at("globex", null)];
    expect(told(tenants, one)).toEqual([[one, true, "acme", "globex"]]);
    expect([needsOwnAccount(tenants), needsOwnAccount([at("acme", one)]), needsOwnAccount([at("globex", null)])]).toEqual([true, false, false]);
  });
});
