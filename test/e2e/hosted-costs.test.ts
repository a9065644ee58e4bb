/** `chartctl costs` at terminals, against a control API on a socket whose books have a bill: what an admin and a member are told. */
import { readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import Big from "big.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredReport } from "../../src/contract/report-endpoints.ts";
import { writeBilledUsage } from "../../src/control/store/billed-usage.ts";
import { claimReport, failReport, storeReport } from "../../src/control/store/reports.ts";
import { transact } from "../../src/control/store/transact.ts";
import { addDays, addMonths, dayOf, firstOfMonth } from "../../src/core/costs/actual/period.ts";
import type { Check } from "../../src/core/costs/check.ts";
import { readADay } from "../control/hosted.ts";
import type { Ran } from "../support/cli.ts";
import { dataOf } from "../support/cli.ts";
import type { HostedBill } from "../support/hosted-bill.ts";
import { startHostedBill } from "../support/hosted-bill.ts";

let on: HostedBill;
beforeAll(async () => {
  on = await startHostedBill();
});
afterAll(async () => await on?.stop());

interface Costs {
  grouping: { by: string; key?: string };
  books: { own: boolean };
  currencies: { total: string; rows: { key: string | null; total: string }[] }[];
}
const rowsOf = (ran: Ran) => dataOf<Costs>(ran).currencies.flatMap(({ rows }) => rows.map(({ key, total }) => [key, total]));
const byProject = { by: "tag", key: "ProjectId" };

describe("a member, who may see their own projects alone", () => {
  it("is answered by project without having to say so, and told why", async () => {
    const ran = await on.bob.run("costs");
    expect([ran.code, ran.stderr]).toEqual([0, "By project, because the platform's books have services for the tenant as a whole, for its admins.\n"]);
    expect(ran.stdout).toMatch(/unblended, by project\n\nTotal \$7\.00; 0%/);
    expect(ran.stdout).toMatch(/^wiki +\$7\.00 +100\.0%/m);
    expect(ran.stdout).not.toContain("(no project)");
    const json = await on.bob.run("costs", "--json", "--quiet");
    expect([json.stderr, dataOf<Costs>(json).grouping, rowsOf(json)]).toEqual(["", byProject, [["wiki", "7"]]]);
  });

  it("who asks for services is refused, with a hint that works", async () => {
    const ran = await on.bob.run("costs", "--by", "service");
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining("help: your own projects: chartctl costs --by project")]);
    const hinted = await on.bob.run("costs", "--by", "project");
    expect([hinted.code, hinted.stderr]).toEqual([0, ""]);
  });

  it("has a trend and a forecast of their own", async () => {
    const trend = await on.bob.run("costs", "trends");
    expect([trend.code, trend.stderr]).toEqual([0, expect.stringContaining("By project")]);
    expect(trend.stdout).toMatch(/Total \$30\.00[\s\S]*^wiki +\$30\.00[\s\S]*No day stands out/m);
    const forecast = await on.bob.run("costs", "forecast");
    expect([forecast.code, forecast.stderr]).toEqual([0, ""]);
    expect(forecast.stdout).toMatch(/Month-end \$\d+\.00[\s\S]*Your own projects alone[\s\S]*read by the platform/);
  });
});

describe("an admin", () => {
  it("is answered by service, and of one project by project", async () => {
    expect(rowsOf(await on.ann.run("costs", "--json"))).toEqual([
      ["AWS Lambda", "28"],
      ["Tax", "3.5"],
    ]);
    const ran = await on.ann.run("-p", "sales", "costs");
    expect([ran.code, ran.stderr]).toEqual([0, "By project, because the platform's books have services for the tenant as a whole.\n"]);
    expect(ran.stdout).toMatch(/^sales +\$21\.00/m);
    expect((await on.ann.run("-p", "sales", "costs", "trends")).code).toBe(0);
  });

  it("has a forecast and months from when the books begin, unless an earlier time is asked for", async () => {
    const { days } = on;
    const firstWhole = days.first.endsWith("-01")
      ? days.first
      : `${new Date(Date.parse(`${days.first.slice(0, 7)}-01`) + 32 * 86_400_000).toISOString().slice(0, 7)}-01`;
    const forecast = dataOf<{ from: string; currencies: { expected: object | null }[] }>(await on.ann.run("costs", "forecast", "--json"));
    expect(forecast).toMatchObject({ from: firstWhole, currencies: [{ currency: "USD", method: "own", expected: expect.anything() }] });
    expect(dataOf(await on.ann.run("costs", "trends", "--granularity", "month", "--json"))).toMatchObject({ from: firstWhole, previous: null });
    expect((await on.ann.run("costs", "trends", "--granularity", "month")).stdout).toContain("; the platform's books don't have the time before\n");
    const earlier = await on.ann.run("costs", "trends", "--days", "180");
    expect([earlier.code, earlier.stderr]).toEqual([64, expect.stringContaining(`chartctl costs trends --from ${days.first}`)]);
  });
});

/** The commands in a hint, as they are typed. */
const typedIn = (text: string): string[][] =>
  [...text.replaceAll(/\s+/g, " ").matchAll(/chartctl ([^;]*?)(?=;|$| Quota| Only)/g)].map(([, words = ""]) => words.trim().split(" "));
const hintOf = ({ stderr }: Ran): string => /^help: (.*)$/m.exec(stderr)?.[1] ?? "";

describe.each(["ann", "bob"] as const)("days, asked by %s", (who) => {
  it("of all three lengths are there from the first day on, of one project, too", async () => {
    for (const days of ["7", "30", "90"]) for (const of of [[], ["-p", "wiki"]]) expect((await on[who].run(...of, "costs", "--days", days)).code).toBe(0);
    for (const part of [["forecast"], ["trends"], ["trends", "--days", "90"], ["trends", "--granularity", "month"]])
      for (const of of [[], ["-p", "wiki"]]) expect([part, (await on[who].run(...of, "costs", ...part)).code]).toEqual([part, 0]);
  });

  it("before the books begin are refused, with the same question from then on", async () => {
    const { first } = on.days;
    const early = addDays(first, -1);
    const months = first.endsWith("-01") ? first : addMonths(firstOfMonth(first), 1);
    const asked: [string[], string][] = [
      [["costs", "--from", early, "--by", "project"], `costs --from ${first} --by project`],
      [["-p", "wiki", "costs", "--from", addDays(early, -9), "--to", early], `-p wiki costs --from ${first}`],
      [["-t", "acme", "costs", "trends", "--days", "120", "--by", "project", "--csv"], `-t acme costs trends --from ${first} --by project --csv`],
      [["-p", "wiki", "costs", "trends", "--days", "200", "--granularity", "month"], `-p wiki costs trends --from ${months} --granularity month`],
    ];
    for (const [words, hint] of asked) {
      const ran = await on[who].run(...words);
      expect([ran.code, hintOf(ran)]).toEqual([64, `ask for a later time: chartctl ${hint}`]);
      const again = await on[who].run(...hint.split(" "));
      expect([again.code, again.stdout.includes("wiki")], hint).toEqual([0, true]);
    }
  });

  it("of a project that has no cost there, or isn't theirs, say just that", async () => {
    const projects = who === "bob" ? ["sales", "nope"] : ["nope"];
    for (const id of projects)
      for (const part of [[], ["trends"], ["forecast"]]) {
        const { code, stdout, stderr } = await on[who].run("-p", id, "costs", ...part);
        expect([code, `${stdout}${stderr}`]).toEqual([0, expect.not.stringMatching(/setup\s+aws|Cost Explorer has/)]);
        const text = stdout.replaceAll(/\s+/g, " ");
        expect(text).toContain(`The platform's books have no cost of a project ${id} ${who === "bob" ? "of yours " : ""}from `);
        const [hint = []] = typedIn(text);
        expect((await on[who].run(...hint)).stdout).toMatch(/^wiki /m);
      }
  });
});

describe("--user", () => {
  it("names whose costs are told to an admin, by project", async () => {
    const ran = await on.ann.run("--user", "bob", "costs");
    expect([ran.code, ran.stderr]).toEqual([0, "By project, because the platform's books have services for the tenant as a whole.\n"]);
    expect(ran.stdout).toMatch(/Total \$7\.00[\s\S]*^wiki +\$7\.00[\s\S]*Quota of bob[\s\S]*Only user bob's projects are counted\./m);
    expect(ran.stdout).not.toContain("sales");
    expect(rowsOf(await on.ann.run("--user", "bob", "costs", "--by", "user", "--json"))[0]).toEqual(["bob", "7"]);
    for (const part of ["trends", "forecast"])
      expect((await on.ann.run("--user", "bob", "costs", part)).stdout).toContain("Only user bob's projects are counted.");
    expect((await on.ann.run("--user", "bob", "-p", "sales", "costs")).stdout.replaceAll(/\s+/g, " ")).toContain(
      "no cost of a project sales of user bob's from",
    );
  });

  it("with services is refused, with a hint that works; and is no member's to name", async () => {
    const ran = await on.ann.run("--user", "bob", "costs", "--by", "service");
    expect(ran.code).toBe(64);
    const [hint = []] = typedIn(hintOf(ran));
    expect((await on.ann.run(...hint)).stdout).toMatch(/^wiki /m);
    expect((await on.bob.run("--user", "ann", "costs")).code).toBe(4);
    expect((await on.bob.run("--user", "bob", "costs")).stdout).toMatch(/^wiki +\$7\.00/m);
  });
});

describe("what is others' to do", () => {
  it.each([
    ["ann", ["alerts"]],
    ["bob", ["alerts"]],
    ["bob", ["costs", "report"]],
    ["bob", ["costs", "report", "--all-tenants"]],
    ["bob", ["costs", "report", "--list"]],
    ["ann", ["stats"]],
    ["bob", ["users"]],
  ] as const)("refuses %s %j, with a hint that works for them", async (who, words) => {
    const ran = await on[who].run(...words);
    expect([ran.code, ran.stdout]).toEqual([4, ""]);
    const hints = typedIn(hintOf(ran));
    expect(hints.length).toBeGreaterThan(0);
    for (const hint of hints) expect([hint, (await on[who].run(...hint)).code]).toEqual([hint, 0]);
  });
  it("tells an admin of a report of every tenant which one is theirs", async () => {
    const ran = await on.ann.run("costs", "report", "--all-tenants");
    expect([ran.code, hintOf(ran)]).toEqual([4, "of your own tenant: chartctl costs report"]);
  });
});

describe("costs estimate --check", () => {
  interface SumCheck {
    hours: number;
    monthlyDollars: string;
    estimatedDollars: string;
    billed: { currency: string; total: string; usage: string; tax: string }[];
    difference: string;
    off: boolean;
    month: string;
  }
  const month = dayOf(new Date(Date.parse(`${dayOf(new Date()).slice(0, 7)}-01`) - 86_400_000)).slice(0, 7);
  const daysOfMonth = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();

  it("compares a member's project with its bill's sum, for the time that it stood, and says what the books don't know", async () => {
    const check = dataOf<SumCheck>(await on.bob.run("-p", "wiki", "costs", "estimate", "--check", "--json"));
    expect(check).toMatchObject({ month, hours: daysOfMonth * 24, off: true });
    expect(check.billed).toEqual([{ currency: "USD", total: `${daysOfMonth}`, usage: `${daysOfMonth}`, tax: "0", credit: "0", refund: "0" }]);
    const prorated = new Big(check.monthlyDollars).times(daysOfMonth * 24).div(730);
    expect(prorated.minus(check.estimatedDollars).abs().lt("0.000001")).toBe(true);
    expect(check.difference).toBe(new Big(daysOfMonth).minus(check.estimatedDollars).toFixed());
    const { code, stdout, stderr } = await on.bob.run("-p", "wiki", "costs", "estimate", "--check");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Project wiki in ${month}: billed \\$${daysOfMonth}\\.00, estimated \\$[\\d.]+ for ${daysOfMonth * 24} hours$`, "m"));
    expect(stdout).toContain("The estimate was off by more than a tenth.");
    const text = stdout.replaceAll("\n", " ");
    expect(text).toMatch(new RegExp(`no usage types of ${month}: which assumption was off, they can't tell; its workers read them `));
    const [, typed = ""] = /^What is assumed: chartctl (.*)$/m.exec(stdout) ?? [];
    expect((await on.bob.run(...typed.split(" "))).stdout).toContain("aws_lambda_function.app requests");
  });

  it("holds where the stated usage is what was billed", async () => {
    const some = 1_000_000;
    const off = async (requests: number): Promise<SumCheck> =>
      dataOf(await on.ann.run("-p", "sales", "costs", "estimate", "--check", "--set", `monthly_requests=${requests}`, "--json"));
    const [low, high] = [await off(some), await off(some * 10)];
    // Its cost is linear in its requests: the amount that fits follows from the two.
    const each = new Big(high.estimatedDollars).minus(low.estimatedDollars).div(some * 9);
    const fits = some + Math.round(new Big(low.difference).div(each).toNumber());
    expect(await off(fits)).toMatchObject({ off: false });
    const { stdout } = await on.ann.run("-p", "sales", "costs", "estimate", "--check", "--set", `monthly_requests=${fits}`);
    expect(stdout).toContain("The estimate held, within a tenth.");
  });

  it("is told as CSV, in the columns of a check by line", async () => {
    const { code, stdout, stderr } = await on.bob.run("-p", "wiki", "costs", "estimate", "--check", "--csv");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^project,month,line,unit,[\\w,]+\nwiki,${month},usage,,,,USD,[\\d.]+,${daysOfMonth},[\\d.]+,,,sum,,\n$`));
    expect(stderr).toContain("Read by the platform on");
  });

  it("of a month that the books don't have whole names the first one that they have", async () => {
    const early = await on.bob.run("-p", "wiki", "costs", "estimate", "--check", "--month", "2026-01");
    expect([early.code, early.stderr]).toEqual([64, expect.stringContaining("The platform's books don't have 2026-01 as a whole")]);
    const [, typed = ""] = /: chartctl (.*)$/m.exec(early.stderr) ?? [];
    expect((await on.bob.run(...typed.split(" "))).code).toBe(0);
  });

  it("of the month that runs says from when on its lines are there", async () => {
    const running = dayOf(new Date()).slice(0, 7);
    const next = addMonths(`${running}-01`, 1);
    const ran = await on.bob.run("-p", "wiki", "costs", "estimate", "--check", "--month", running);
    if (dayOf(new Date()).endsWith("-01")) return expect(ran.code).toBe(64); // nothing of it is billed yet
    expect(ran.stdout.replaceAll("\n", " ")).toContain(`they can't tell; its workers read them from ${addDays(next, 1)} 00:00 UTC on.`);
  });

  it("counts nothing of the day on which the bill was read, as the estimate doesn't", async () => {
    const today = dayOf(new Date());
    const { key } = await on.db.selectFrom("projects").select("key").where("id", "=", "wiki").executeTakeFirstOrThrow();
    const read = { tenant_id: "acme", day: today };
    await on.db
      .insertInto("billed_days")
      .values({ ...read, source: "ce", open: 1, read_at: new Date().toISOString() })
      .execute();
    await on.db
      .insertInto("billed_costs")
      .values({ ...read, dimension: "project", key, kind: "usage", currency: "USD", amount: "900" })
      .execute();
    try {
      const ran = await on.bob.run("-p", "wiki", "costs", "estimate", "--check", "--month", today.slice(0, 7), "--json");
      if (today.endsWith("-01")) return expect(ran.code).toBe(64); // nothing of it is billed yet
      const wholeDays = Number(today.slice(-2)) - 1;
      expect(dataOf<SumCheck>(ran)).toMatchObject({ hours: wholeDays * 24, billed: [{ total: `${wholeDays}` }] });
      const costs = await on.bob.run("-p", "wiki", "costs", "--from", today, "--to", today, "--csv");
      expect(costs.stdout).toContain(",900\n"); // it is in the books
    } finally {
      for (const table of ["billed_days", "billed_costs"] as const)
        await on.db.deleteFrom(table).where("tenant_id", "=", "acme").where("day", "=", today).execute();
    }
  });

  it("tells a member nothing of another's project, and takes no source", async () => {
    const ran = await on.bob.run("-p", "sales", "costs", "estimate", "--check");
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([3, "", expect.stringContaining("Project sales is ann's")]);
    expect((await on.bob.run("-p", "wiki", "costs", "estimate", "--check", "--source", "cur")).code).toBe(64);
  });

  it("says which assumption was off of a month that was read by what was used, to its owner and an admin alone", async () => {
    const { key: wiki } = await on.db.selectFrom("projects").select("key").where("id", "=", "wiki").executeTakeFirstOrThrow();
    const line = { period: month, key: wiki, kind: "usage", currency: "USD" } as const;
    const s3 = { type: "TimedStorage-ByteHrs", quantity: "1", service: "Amazon Simple Storage Service" };
    const amounts = [
      { ...line, amount: "20", used: { type: "Request-ARM", quantity: "100000000", service: null } },
      { ...line, amount: "0.023", used: s3 },
      { ...line, amount: "0.5", used: { type: "KMS-Requests", quantity: "10", service: null } },
    ];
    const usage = { from: `${month}-01`, until: addMonths(`${month}-01`, 1), source: "ce" as const, amounts };
    await transact(on.db, (tx) => writeBilledUsage(tx, "acme", { usage, openFrom: null }, new Date()));

    for (const home of [on.bob, on.ann]) {
      const check = dataOf<Check & { month: string; kept: boolean }>(await home.run("-p", "wiki", "costs", "estimate", "--check", "--json"));
      expect([check.month, check.kept, check.compared, check.billed]).toEqual([month, true, true, { USD: `${daysOfMonth}` }]);
      const of = (title: string) => check.lines.filter((one) => one.title === title).map(({ billed, off }) => [billed.quantity, billed.amount, off]);
      expect(of("Lambda requests")).toEqual([["100000000", "20", "usage"]]);
      expect(of("S3 storage")).toEqual([["1", "0.023", null]]);
      expect(of("KMS-Requests")).toEqual([["10", "0.5", "unmatched"]]);
      expect(of("Of no usage type")).toEqual([[null, new Big(daysOfMonth).minus("20.523").toFixed(), "unmatched"]]);
      expect(check.measured).toContain("monthly_requests=100000000");
    }
    const { code, stdout, stderr } = await on.bob.run("-p", "wiki", "costs", "estimate", "--check");
    expect([code, stderr]).toEqual([0, ""]);
    const text = stdout.replaceAll(/\s+/g, " ");
    expect(text).toContain("Lambda requests: assumed 100,000");
    expect(text).toContain("Of no usage type: fees, discounts, and what AWS has changed in the bill's days since the lines were read.");
    expect(text).toContain("Read by the platform on");
    const [, typed = ""] = /^With what was used: chartctl (.*)$/m.exec(stdout) ?? [];
    expect((await on.bob.run(...typed.split(" "))).code).toBe(0);
    expect((await on.bob.run("-p", "wiki", "costs", "estimate", "--check", "--csv")).stdout).toMatch(/^wiki,[\d-]+,KMS-Requests,.*,unmatched,,KMS-Requests$/m);
    // Of the same month, another's project without any use has its whole bill beside it; and a member isn't told of it.
    const sales = dataOf<Check>(await on.ann.run("-p", "sales", "costs", "estimate", "--check", "--json"));
    expect(sales.lines.filter(({ billed }) => billed.amount !== "0").map(({ title, billed }) => [title, billed.amount])).toEqual([
      ["Of no usage type", `${daysOfMonth * 3}`],
    ]);
    expect((await on.bob.run("-p", "sales", "costs", "estimate", "--check")).code).toBe(3);
  });
});

describe("reports that the platform keeps", () => {
  const kept = async (home = on.ann): Promise<StoredReport[]> => dataOf(await home.run("costs", "report", "--list", "--json"));
  /** Ordered, and left with Ctrl-C: then it is in the list. */
  async function order(...flags: string[]): Promise<string> {
    const before = (await kept(on.root)).length;
    const { child, ended } = (flags.includes("--all-tenants") ? on.root : on.ann).start("costs", "report", "--format", "csv", ...flags);
    await expect.poll(async () => (await kept(on.root)).length, { timeout: 20_000 }).toBe(before + 1);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    return (await kept(on.root))[0]?.id ?? "";
  }
  /** A worker by hand. */
  const claimed = async () => (await claimReport(on.db, "by-hand", new Date())) as NonNullable<Awaited<ReturnType<typeof claimReport>>>;

  beforeAll(async () => {
    await on.root.run("config", "set", "tenant", "acme");
    for (const day of ["2026-10-05", "2026-09-30"]) await readADay(on.db, "acme", day);
  });

  it("of a month that nobody read are not ordered, which is said at once", async () => {
    const ran = await on.ann.run("costs", "report", "--month", "2024-01", "--format", "csv");
    expect([ran.code, ran.stderr]).toEqual([5, expect.stringContaining("error: The platform has read no bill of 2024-01")]);
    expect(await kept()).toEqual([]);
  });

  it("are listed, newest first, with what became of them, and fetched by what the list says", async () => {
    expect((await on.ann.run("costs", "report", "--list")).stdout).toBe("The platform keeps no reports. Order one: chartctl costs report\n");
    const made = await order("--month", "2026-10");
    await storeReport(on.db, await claimed(), { bytes: 12, zipped: gzipSync("month,amount") }, new Date());
    const failed = await order("--month", "2026-09");
    await failReport(on.db, await claimed(), { kind: "failed", code: "report.died", message: "The workers that made it died, 3 times" }, new Date());
    const everybodys = await order("--month", "2026-10", "--all-tenants");
    expect((await kept()).map(({ id }) => id)).toEqual([failed, made]);
    expect((await kept(on.root)).map(({ id, tenantId }) => [id, tenantId])).toEqual([
      [everybodys, null],
      [failed, "acme"],
      [made, "acme"],
    ]);
    const { stdout } = await on.ann.run("costs", "report", "--list");
    expect(stdout).toMatch(/^ID +Report +File +By +Kept until$/m);
    expect(stdout).toMatch(new RegExp(`^${failed} +2026-09 csv +failed +ann +20\\d\\d-\\d\\d-\\d\\d$`, "m"));
    expect(stdout).toMatch(new RegExp(`^${made} +2026-10 csv +12 B +ann `, "m"));
    expect(stdout).toContain(`${failed}: The workers that made it died, 3 times`);
    expect((await on.root.run("costs", "report", "--list")).stdout).toContain("all tenants");
    const [, fetch = ""] = /^Fetch: chartctl (.*)$/m.exec(stdout) ?? [];
    expect((await on.ann.run(...fetch.split(" "))).code).toBe(0);
    expect(readdirSync(on.ann.path)).toContain("chartctl-costs-acme-2026-10.csv");
  });

  it("have no lines: --detail is refused before anything is ordered, with the reason, and without it the order goes through", async () => {
    const before = await kept();
    const ran = await on.ann.run("costs", "report", "--detail", "--month", "2026-10");
    expect([ran.code, ran.stderr]).toEqual([
      64,
      "error: The platform's books have no costs by project and service at once\nhelp: leave out --detail; a report has both, each by itself\n",
    ]);
    expect(await kept()).toEqual(before);
    const ordered = await order("--month", "2026-09");
    expect((await on.ann.run("costs", "report", "--delete", ordered)).stdout).toContain("Took back the order");
  });

  it("are deleted, all that are named or none, and are gone from the list", async () => {
    const [failed, made] = (await kept()).map(({ id }) => id);
    const wrong = await on.ann.run("costs", "report", "--delete", `${made},rep-nothing`);
    expect([wrong.code, wrong.stderr]).toEqual([6, expect.stringMatching(/There is no report rep-nothing[\s\S]*chartctl costs report --list/)]);
    expect(await kept()).toHaveLength(2);
    const both = await on.ann.run("costs", "report", "--delete", `${made}, ${failed},${made}`);
    expect([both.code, both.stdout]).toEqual([
      0,
      `Deleted ${made}: chartctl-costs-acme-2026-10.csv (12 B)\nDeleted ${failed}, which failed: chartctl-costs-acme-2026-09.csv\n`,
    ]);
    expect(await kept()).toEqual([]);
    const [left] = await kept(on.root);
    expect((await on.ann.run("costs", "report", "--delete", left?.id ?? "")).code).toBe(6); // every tenant's is not an admin's
    const back = dataOf<StoredReport[]>(await on.root.run("costs", "report", "--delete", left?.id ?? "", "--json"));
    expect([back.map(({ id }) => id), await kept(on.root)]).toEqual([[left?.id], []]);
  });

  it.each([
    [["--list"], 4],
    [["--delete", "rep-1"], 4],
  ])("are an admin's: a member's %j ends with %d", async (flags, code) => {
    expect((await on.bob.run("costs", "report", ...flags)).code).toBe(code);
  });

  it.each([
    [["--list", "--month", "2026-10"]],
    [["--list", "--fetch", "rep-1"]],
    [["--delete", "rep-1", "--list"]],
    [["--delete", "rep-1", "--fetch", "rep-1"]],
    [["--delete", " ,"]],
  ])("are not asked for with %j", async (flags) => {
    expect((await on.ann.run("costs", "report", ...flags)).code).toBe(64);
  });
});
