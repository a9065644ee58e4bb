/** `chartctl costs` as it is typed: the table, the files for other programs, and what it says when AWS has nothing. */
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Big from "big.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addDays } from "../../src/core/costs/actual/period.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const yesterday = addDays(today, -1);
/** On the first of a month, yesterday is no part of it. */
const spent = yesterday.slice(0, 7) === today.slice(0, 7) ? "6.75" : "1";
const line = (amount: string, tags: Record<string, string>, rest: Partial<BillLine> = {}): BillLine => ({
  hour: `${yesterday}T05`,
  type: "Usage",
  productCode: "AmazonS3",
  usageType: "TimedStorage-ByteHrs",
  region: "us-east-1",
  tags,
  currency: "USD",
  amount,
  ...rest,
});
const acme = (rest: Record<string, string> = {}): Record<string, string> => ({ TenantId: "acme", ...rest });
const lines: BillLine[] = [
  line("7.25", acme({ ProjectId: "sales", UserId: "ann" })),
  line("-1.5", acme({ ProjectId: "sales", UserId: "ann" }), { type: "Credit" }),
  line("2.0000000001", acme({ ProjectId: "=HYPERLINK(1)", UserId: "bob" }), { productCode: "AWSLambda" }),
  line("-0.5", acme({ ProjectId: "-1+1", UserId: "bob" }), { type: "Refund" }),
  line("0.25", acme()),
  line("4", acme({ ProjectId: "sales" }), { hour: `${addDays(yesterday, -7)}T05` }),
  line("1", acme({ ProjectId: "sales", UserId: "ann" }), { hour: `${today}T00` }),
  line("99", { TenantId: "other", UserId: "ann" }),
  line("55", {}),
];

let services: CostServices;
let home: ReturnType<typeof newHome>;
beforeAll(async () => {
  services = await startCostServices(lines, undefined);
  home = newHome({ AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", CHARTCTL_USER: "ann", COLUMNS: "100" });
  await home.run("tenants", "add", "acme");
});
afterAll(async () => {
  await services.close();
  home.remove();
});
const costs = (...args: string[]) => home.run("-t", "acme", "costs", ...args);
const days = (text: string): string => [...Array(15).keys()].reduce((so, back) => so.replaceAll(addDays(yesterday, -back), `DAY-${back}`), text);

describe("chartctl costs", () => {
  test("shows a shared account's tenant its own part: total, share, change, quota, and what no project is named for", async () => {
    const ran = await costs("--by", "project");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const text = days(ran.stdout).replace(/AWS may still change figures from .*\n/, "");
    expect(text.replaceAll(new Big(spent).toFixed(2), "SPENT").replace(new Big(100).minus(spent).toFixed(2), "LEFT")).toMatchInlineSnapshot(`
      "Costs of tenant acme, DAY-6 to DAY-0 (UTC), unblended, by project

      Total $7.50 (with credit -$1.50, refund -$0.50); +88% (DAY-13 to DAY-7:
      $4.00)
      ······█  day by day

      Project          Cost  Share  Change
      sales           $5.75  76.7%    +44%  ████████████████
      =HYPERLINK(1)   $2.00  26.7%     new  ██████
      -1+1           -$0.50  -6.7%     new
      (no project)    $0.25   3.3%     new  █

      Quota of ann this month: $SPENT spent, $0.00 estimated for a whole month, $LEFT
      left of $100.00

      Only what is tagged TenantId=acme is counted.
      Cost Explorer: 2 requests, $0.02.
      "
    `);
  });
  test.each([{ LC_ALL: "C" }, { LC_ALL: "", LANG: "POSIX" }, { TERM: "dumb" }])("draws with ASCII where there is no more: %j", async (env) => {
    const there = newHome({ ...home.env, CHARTCTL_HOME: home.path, ...env });
    const { stdout } = await there.run("-t", "acme", "costs", "--by", "project");
    expect(stdout).not.toMatch(/[^\n -~]/);
    expect(stdout).toMatch(/^\.{6}# {2}day by day$/m);
    expect(stdout).toMatch(/^sales .* {2}#{16}$/m);
    const trend = await there.run("-t", "acme", "costs", "trends");
    expect(trend.stdout).not.toMatch(/[^\n -~]/);
    expect(trend.stdout).toMatch(/^ *\$0\.00 \+-/m);
    const of = async (at: typeof home) => (await at.run("-t", "acme", "costs", "trends", "--json")).stdout;
    expect(await of(there)).toBe(await of(home));
    there.remove();
  });
  test("folds a year of days into the terminal's width, and says what a mark is", async () => {
    const { stdout } = await costs("--days", "365");
    expect(stdout).toMatch(/^·{71}▅█\na mark: the mean of 5 days$/m);
  });
  test("asks once for the same, and says how old the answer is and that nothing was paid", async () => {
    const before = services.calls.length;
    expect((await costs("--by", "project")).stdout).toMatch(/Cost Explorer: asked .* ago, nothing paid now/);
    expect(services.calls).toHaveLength(before);
    expect((await costs("--by", "project", "--refresh")).stdout).toContain("2 requests, $0.02");
  });
  test("doesn't open books that nobody wrote to since, and has a limit that was changed at once", async () => {
    const { CHARTCTL_HOME: _, ...env } = home.env;
    const own = newHome(env);
    const books = join(own.path, "data", "chartctl.db");
    const asked = ["-t", "acme", "costs", "--by", "project"];
    const anHourAgo = Math.floor(Date.now() / 1_000) - 3_600;
    try {
      await own.run("tenants", "add", "acme");
      utimesSync(books, anHourAgo, anHourAgo);
      const paid = await own.run(...asked);
      expect(paid.stdout).toContain("left of $100.00");
      const sound = readFileSync(books);
      writeFileSync(books, Buffer.alloc(sound.length, "x"));
      utimesSync(books, anHourAgo, anHourAgo);
      const kept = await own.run(...asked);
      expect([kept.code, kept.stdout.split("\n").slice(0, 12)]).toEqual([0, paid.stdout.split("\n").slice(0, 12)]);
      utimesSync(books, anHourAgo, anHourAgo + 1);
      expect((await own.run(...asked)).stderr).toContain(`The store ${books} is damaged`);
      writeFileSync(books, sound);
      await own.run("-t", "acme", "quota", "set", "--user", "ann", "--user-cost", "55");
      expect((await own.run(...asked)).stdout).toContain("left of $55.00");
    } finally {
      own.remove();
    }
  });
  test("gives exact decimals as JSON", async () => {
    const { currencies, quota, price } = dataOf<{
      currencies: { total: string; rows: { key: string | null; total: string }[] }[];
      quota: object;
      price: object;
    }>(await costs("--by", "user", "--json"));
    expect(currencies[0]?.total).toBe("7.5000000001");
    expect(currencies[0]?.rows.map(({ key, total }) => [key, total])).toEqual([
      ["ann", "5.75"],
      ["bob", "1.5000000001"],
      [null, "0.25"],
    ]);
    expect(quota).toMatchObject({ userId: "ann", limitCents: 10_000, spentDollars: spent });
    expect(price).toMatchObject({ requests: 1, dollars: "0.01" });
  });
  test("gives a spreadsheet no formulas, and amounts as numbers", async () => {
    const { stdout, stderr } = await costs("--by", "project", "--csv", "--days", "1");
    expect(days(stdout).split("\n")).toEqual([
      "period,project,currency,amount",
      "DAY-0,sales,USD,5.75",
      "DAY-0,'=HYPERLINK(1),USD,2.0000000001",
      "DAY-0,'-1+1,USD,-0.5",
      "DAY-0,,USD,0.25",
      "",
    ]);
    expect(stderr).toContain("Only what is tagged TenantId=acme is counted.");
  });
  test("of the whole account leaves nothing out, whoever it belongs to; the quota is of the tenant's own user, and not of another's of that name", async () => {
    const { currencies, quota } = dataOf<{ currencies: { total: string; rows: { key: string | null; total: string }[] }[]; quota: object }>(
      await costs("--whole-account", "--by", "tag:TenantId", "--json"),
    );
    expect(currencies[0]?.total).toBe("161.5000000001");
    expect(currencies[0]?.rows.at(-1)).toMatchObject({ key: null, total: "55" });
    expect(quota).toMatchObject({ userId: "ann", spentDollars: spent });
  });
  test("shows the costs that were paid for where the quota's own question fails, and says why that isn't there", async () => {
    services.fail.set("GetCostAndUsage", { code: "AccessDeniedException", message: "not twice", times: 1, after: 1 });
    const ran = await costs("--refresh");
    services.fail.clear();
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("Total $7.50")]);
    expect(ran.stdout).not.toContain("Quota");
    expect(ran.stderr).toMatch(/^warning: What is left of the quota is not known: /m);
  });
  test("of one project counts that", async () => {
    expect((await home.run("-t", "acme", "-p", "sales", "costs")).stdout).toContain("tagged TenantId=acme, ProjectId=sales");
  });
  test("of one user who is named counts theirs, and their quota; one from the settings narrows nothing", async () => {
    const { stdout } = await home.run("-t", "acme", "--user", "bob", "costs", "--by", "user");
    expect(stdout).toContain("tagged TenantId=acme, UserId=bob");
    expect(stdout).toMatch(/^bob +\$1\.50 +100\.0%[\s\S]*Quota of bob/m);
    expect(stdout).not.toMatch(/^ann /m);
    const there = newHome({ ...home.env, CHARTCTL_USER: "bob" });
    expect((await there.run("-t", "acme", "costs", "--by", "user")).stdout).toMatch(/^ann [\s\S]*^bob [\s\S]*Quota of bob/m);
    there.remove();
  });
  test.each(["Pacific/Kiritimati", "Pacific/Pago_Pago"])("counts days in UTC, wherever it is asked (%s)", async (TZ) => {
    const there = newHome({ ...home.env, TZ });
    const [first] = (await there.run("-t", "acme", "costs", "--by", "project")).stdout.split("\n");
    there.remove();
    expect(first).toBe((await costs("--by", "project")).stdout.split("\n")[0]);
    expect(first).toContain(`to ${yesterday} (UTC)`);
  });
  test("knows a leap day", async () => {
    expect((await costs("--from", "2024-02-29", "--to", "2024-02-29")).stdout).toContain("2024-02-29 to 2024-02-29");
  });
  test.each([
    ["Team", "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=Team,Status=Active"],
    ["Cost Center", "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status 'TagKey=Cost Center,Status=Active'"],
    ["aws:createdBy", "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=aws:createdBy,Status=Active"],
    ["Environment", "activate it with chartctl setup aws, in the account that pays"],
  ])("says how a tag is activated that no cost carries: %s", async (key, how) => {
    const text = (await costs("--by", `tag:${key}`)).stdout.replaceAll("\n", " ");
    expect(text).toContain(`No cost carries the tag ${key}: activate it`);
    expect(text).toContain(how);
    expect(text.includes("chartctl setup aws")).toBe(key === "Environment");
  });
  test("takes a key of a tag as long as AWS does, and pays nothing for a longer one", async () => {
    expect((await costs("--by", `tag:${"é".repeat(128)}`)).code).toBe(0);
    services.calls.length = 0;
    const ran = await costs("--by", `tag:${"é".repeat(129)}`, "--json");
    expect([ran.code, ran.stdout, services.calls]).toEqual([64, expect.stringContaining("128 characters at most, and this one 129"), []]);
  });
  test("of a tenant without costs says why that may be", async () => {
    await home.run("tenants", "add", "empty");
    expect((await home.run("-t", "empty", "costs")).stdout).toContain("Cost Explorer has no cost from");
  });
  test.each([
    [["--by", "colour"], 64, "costs.by"],
    [["--days", "0"], 64, "costs.period"],
    [["--from", "2026-02-30"], 64, "costs.period"],
    [["--days", "3", "--from", "2026-10-01"], 64, "costs.period"],
    [["--days", "3", "trends", "--from", "2026-10-01"], 64, "costs.period"],
    [["--from", "2023-02-29"], 64, "costs.period"],
    [["--by", "tag:"], 64, "costs.by"],
    [["--source", "cur", "--table", "x".repeat(256)], 6, "cur.no-table"],
    [["--source", "cur"], 6, "cur.no-table"],
    [["--source", "cur", "--table", 'x"'], 6, "cur.no-table"],
    [["--api-url", "http://127.0.0.1:9", "--whole-account"], 64, "costs.hosted"],
  ])("%j ends with %d", async (args, code, error) => {
    const ran = await costs(...args, "--json");
    expect([ran.code, (JSON.parse(ran.stdout) as { error: { code: string } }).error.code]).toEqual([code, error]);
  });
});

describe("the sandbox", () => {
  test.each([[["costs"]], [["costs", "trends"]], [["costs", "forecast"]], [["costs", "report"]], [["costs", "sync"]], [["costs", "estimate", "--check"]]])(
    "has no bills, says so before it starts anything, and what works instead: %j",
    async (words) => {
      const ran = await home.run("--sandbox", "-p", "sales", ...words);
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([
        64,
        "",
        "error: The sandbox has no bills: its emulator charges nothing\nhelp: what it would cost a month in AWS: chartctl --sandbox -p sales costs estimate\n",
      ]);
      expect(dataOf<{ state: string }>(await home.run("sandbox", "status", "--json")).state).toBe("stopped");
    },
  );
  test("estimates, as its hint says", async () => {
    const refused = await home.run("--sandbox", "costs", "--json");
    const { hint } = (JSON.parse(refused.stdout) as { error: { hint: string } }).error;
    expect(hint).toMatch(/: chartctl --sandbox costs estimate$/);
    const [, typed = ""] = hint.split(": chartctl ");
    const ran = await home.run(...typed.split(" "));
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("a month, between")]);
  });
});
