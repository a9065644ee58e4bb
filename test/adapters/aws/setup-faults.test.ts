/**
 * `setup aws` and its teardown with a fault at every single call: the error names what stands and the command that goes on, and
 * the next run comes to the same end. The table in docs/FAULTS.md is what this test saw.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SetupReport } from "../../../src/core/setup/steps.ts";
import type { ChartctlError } from "../../../src/errors.ts";
import { isChartctlError } from "../../../src/errors.ts";
import type { Fault } from "../../support/aws-proxy.ts";
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

interface Row {
  scenario: string;
  answerLost: boolean;
  stopped: string;
  calls: string[];
  left: string;
  next: string;
}

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
async function failedAtEveryCall([fault, times]: [Fault, number], { name, prepare, once, calls }: Scenario): Promise<Row[]> {
  const { proxy } = account;
  await prepare();
  await once();
  const wanted = await account.standing();
  const rows: Row[] = [];
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
      scenario: name,
      answerLost: fault === "lose-answer",
      stopped: stopped ?? "who is calling",
      calls: [call],
      left,
      next: outcomes(again).join(", "),
    });
  }
  expect(new Set(rows.flatMap((row) => row.calls))).toEqual(new Set(calls.split(" ")));
  return rows;
}

/** Rows that say the same are one; reads may come in any order. */
function together(rows: Row[]): Row[] {
  const byEffect = new Map<string, Row>();
  for (const { calls, ...row } of rows) {
    const key = JSON.stringify([row.scenario, row.stopped, row.left, row.next]);
    const known = byEffect.get(key);
    const said = calls.map((call) => (/^(Get|List|Describe)/.test(call) ? "its reads" : `${call}${row.answerLost ? ", answer lost" : ""}`));
    byEffect.set(key, { ...row, calls: [...new Set([...(known?.calls ?? []), ...said])] });
  }
  return [...byEffect.values()];
}

function tableOf(rows: Row[]): string[] {
  const titles = ["run", "stopped at", "call that fails", "what stood then", "what the next run did"];
  const cells = [titles, ...rows.map((row) => [row.scenario, row.stopped, row.calls.join("; "), row.left, row.next])];
  const widths = titles.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const [head = "", ...lines] = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines];
}

const document = "docs/FAULTS.md";
const heading = "## `setup aws`\n";
/** The table under the heading, and what is around it. */
function section(): { before: string; table: string[]; after: string } {
  const text = readFileSync(document, "utf8");
  const start = text.indexOf("\n|", text.indexOf(heading)) + 1;
  const [table = ""] = /^(\|.*\n)+/.exec(text.slice(start)) ?? [];
  return { before: text.slice(0, start), table: table.trimEnd().split("\n"), after: text.slice(start + table.length) };
}

const kept: Row[] = [];
describe("a fault at every call", { timeout: 300_000 }, () => {
  describe.each(scenarios)("of $name", (scenario) => {
    it.each(scenario.faults)("%s, %d times: the next run comes to the same end", async (fault, times) => {
      const rows = await failedAtEveryCall([fault, times], scenario);
      if (fault === "expire" || times > 1) kept.push(...rows);
    });
  });

  it("is in docs/FAULTS.md as it was seen (CHARTCTL_RECORD=1 writes it)", () => {
    const seen = tableOf(together(kept));
    const { before, after } = section();
    if (process.env.CHARTCTL_RECORD) writeFileSync(document, `${before}${seen.join("\n")}\n${after}`);
    expect(section().table).toEqual(seen);
  });
});
