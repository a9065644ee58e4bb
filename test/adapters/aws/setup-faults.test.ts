/**
 * `setup aws` and its teardown with a fault at every single call: the error names what stands and the command that goes on, and
 * the next run comes to the same end. The table in docs/FAULTS.md is what this test saw.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SetupReport } from "../../../src/core/setup/steps.ts";
import type { ChartctlError } from "../../../src/errors.ts";
import { isChartctlError } from "../../../src/errors.ts";
import type { Fault } from "../../support/aws-proxy.ts";
import type { Failure } from "../../support/fault-table.ts";
import { countsOf, failuresOf, tablesUnder } from "../../support/fault-table.ts";
import type { Account, Standing } from "./setup-account.ts";
import { openAccount, outcomes } from "./setup-account.ts";

let account: Account;
beforeAll(async () => {
  account = await openAccount();
}, 60_000);
afterAll(async () => {
  await account?.close();
});

/** `expire`: AWS refuses, and hasn't done it; `lose-answer`: it has. From that call on, or that one only: then the SDK sends it again. */
const faults: [Fault, number][] = [
  ["expire", 1],
  ["lose-answer", Number.POSITIVE_INFINITY],
  ["lose-answer", 1],
];

interface Scenario {
  name: string;
  prepare(): Promise<unknown>;
  once(): Promise<SetupReport>;
  /** Every call that it makes. */
  calls: string;
  faults: [Fault, number][];
}
const scenarios: Scenario[] = [
  {
    name: "setup",
    prepare: () => account.empty(),
    once: () => account.setUp(),
    faults,
    calls:
      "GetCallerIdentity GetPolicy CreatePolicy GetRole CreateRole PutRolePolicy ListCostAllocationTags UpdateCostAllocationTagsStatus DescribeBudget CreateBudget",
  },
  {
    name: "setup, of what was changed by hand",
    prepare: async () => {
      await account.empty();
      await account.setUp();
      await account.disarrange();
    },
    once: () => account.setUp(),
    faults: faults.slice(0, 2),
    calls:
      "GetCallerIdentity GetPolicy ListPolicyVersions GetPolicyVersion DeletePolicyVersion CreatePolicyVersion GetRole ListRolePolicies ListAttachedRolePolicies UpdateAssumeRolePolicy GetRolePolicy PutRolePolicy ListCostAllocationTags UpdateCostAllocationTagsStatus DescribeBudget ListTagsForResource DescribeNotificationsForBudget DescribeSubscribersForNotification UpdateBudget DeleteNotification CreateNotification",
  },
  {
    name: "teardown",
    prepare: async () => {
      await account.empty();
      await account.setUp();
    },
    once: () => account.tearDown(),
    faults,
    calls:
      "GetCallerIdentity GetRole ListRolePolicies ListAttachedRolePolicies DeleteRolePolicy DeleteRole GetPolicy ListPolicyVersions GetPolicyVersion DeletePolicy DescribeBudget ListTagsForResource DescribeNotificationsForBudget DescribeSubscribersForNotification DeleteBudget",
  },
];

/** What stands, in few words. */
function inWords({ roles, policies, budgets, tags }: Standing): string {
  const things = [
    ...policies.map(() => "boundary"),
    ...roles.map(({ name, policies: own }) => `${name.replace("chartctl-", "")}${own.length === 0 ? " without its policy" : ""}`),
    ...(tags.every(([, status]) => status === "Active") ? ["cost tags"] : []),
    ...budgets.map(([, { alerts }]) => `budget${alerts.length < 2 ? ` with ${alerts.length} of 2 alerts` : ""}`),
  ];
  return things.join(", ") || "nothing";
}

/** Runs `once` with the fault at its first call, its second, and so on, until a run has no such call. */
async function failedAtEveryCall([fault, times]: [Fault, number], { name, prepare, once, calls }: Scenario): Promise<Failure[]> {
  const { proxy } = account;
  await prepare();
  await once();
  const wanted = await account.standing();
  const rows: Failure[] = [];
  for (let after = 0; ; after++) {
    await prepare();
    const [seen, done] = [proxy.seen.length, proxy.done.length];
    const end = proxy.disturb({ fault, times, after });
    const error = await once().then(
      () => undefined,
      (thrown: unknown) => thrown as ChartctlError,
    );
    end();
    if (proxy.done.length === done) break;
    const call = proxy.seen[seen + after]?.replace(/^.*\.|( POST .*)$/g, "") ?? "";
    const stopped = error?.details?.stoppedAt as string | undefined;
    if (error) {
      expect(isChartctlError(error), String(error.stack)).toBe(true);
      expect(error.hint, `${call}: ${error.message}`).toMatch(
        stopped ? /go on with: chartctl setup aws/ : /aws sso login|chartctl doctor|run the command again/,
      );
      if (stopped) expect(error.message).toMatch(/^Stopped at .+(Nothing was changed before it|Before it: .+)\.$/s);
    } else expect([fault, times]).toEqual(["lose-answer", 1]);
    const left = inWords(await account.standing());
    const again = await once();
    expect(await account.standing(), `${fault} at ${call}`).toEqual(wanted);
    rows.push({
      run: name,
      call,
      answerLost: fault === "lose-answer",
      stopped: error && (stopped ?? "who is calling"),
      left,
      next: outcomes(again).join(", "),
    });
  }
  expect(new Set(rows.map((row) => row.call))).toEqual(new Set(calls.split(" ")));
  return rows;
}

const seen: Failure[] = [];
describe("a fault at every call", { timeout: 1_800_000 }, () => {
  describe.each(scenarios)("of $name", (scenario) => {
    it.each(scenario.faults)("%s, %d times: the next run comes to the same end", async (fault, times) => {
      seen.push(...(await failedAtEveryCall([fault, times], scenario)));
    });
  });

  it("is in docs/FAULTS.md as it was seen (CHARTCTL_RECORD=1 writes it)", () => {
    const calls = Object.fromEntries(scenarios.map(({ name, faults: each }) => [name, seen.filter(({ run }) => run === name).length / each.length]));
    const tables = [countsOf(seen, calls), failuresOf(seen, (call) => /^(Get|List|Describe)/.test(call))];
    expect(tablesUnder("## `setup aws`", tables)).toEqual(tables);
  });
});
