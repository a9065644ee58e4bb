/** `chartctl costs report` as it is typed: the files that it makes, what they add up to, and what it leaves alone. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Big from "big.js";
import readWorkbook from "read-excel-file/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addDays } from "../../src/core/costs/actual/period.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import { billLines } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import { atTerminal } from "../support/terminal.ts";
import type { UsageReport } from "../support/usage-report.ts";
import { usageReport } from "../support/usage-report.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const first = `${addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7)}-01`;
const month = first.slice(0, 7);
const days = [0, 1, 2, 9, 27].map((after) => addDays(first, after));
const lines: BillLine[] = [
  ...billLines(days, 30),
  ...billLines(days, 2, 5).map((line) => ({ ...line, tags: { TenantId: "acme", ProjectId: "=1+1", UserId: "bob" } })),
];
const ofAcme = lines.filter(({ tags }) => tags.TenantId === "acme");
const sum = (amounts: (string | undefined)[]): string => amounts.reduce((all, amount) => all.plus(amount || 0), new Big(0)).toFixed();
const billed = (of: BillLine[], currency: string): string => sum(of.filter((line) => line.currency === currency).map(({ amount }) => amount));

let bill: UsageReport;
let services: CostServices;
let home: ReturnType<typeof newHome>;
beforeAll(async () => {
  bill = await usageReport("legacy", lines);
  services = await startCostServices(lines, bill);
  home = newHome({ AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", CHARTCTL_USER: "ann", COLUMNS: "100" });
  await home.run("tenants", "add", "acme");
  await home.run("tenants", "add", "other");
});
afterAll(async () => {
  await services.close();
  bill.remove();
  home.remove();
});
const report = (...args: string[]) => home.run("-t", "acme", "costs", "report", ...args);
const place = (...parts: string[]): string => join(home.path, ...parts);
/** Rows of a file without quoted commas. */
const rowsOf = (text: string): string[][] =>
  text
    .trimEnd()
    .split("\n")
    .map((row) => row.split(","));

describe("chartctl costs report", () => {
  test("makes three files of the last whole month, and asks three times for them", async () => {
    services.calls.length = 0;
    const ran = await report("--source", "ce", "--output", place("all/"));
    expect([ran.code, ran.stderr.includes("warning")]).toEqual([0, false]);
    expect(readdirSync(place("all")).sort()).toEqual(["csv", "html", "xlsx"].map((format) => `chartctl-costs-acme-${month}.${format}`));
    expect(services.calls).toEqual(["GetCostAndUsage", "GetCostAndUsage", "GetCostAndUsage"]);
    expect(ran.stdout).toContain("Cost Explorer: 3 requests, about $0.03.");
    const page = readFileSync(place("all", `chartctl-costs-acme-${month}.html`), "utf8");
    expect(page).toContain("Costs of acme");
    expect((await report("--source", "ce", "--output", place("again/"))).stdout).toContain("nothing paid now");
    expect(services.calls).toHaveLength(3);
  });

  test("adds up to the bill in each currency, by each part, in CSV and XLSX", async () => {
    await report("--source", "ce", "--output", place("sums/"));
    const [titles, ...rows] = rowsOf(readFileSync(place("sums", `chartctl-costs-acme-${month}.csv`), "utf8"));
    expect(titles).toEqual(["month", "part", "tenant", "name", "users", "currency", "actual", "estimate", "quota"]);
    const book = await readWorkbook(readFileSync(place("sums", `chartctl-costs-acme-${month}.xlsx`)));
    expect(book.map(({ sheet }) => sheet)).toEqual(["About", "Tenants", "Projects", "Users", "Services", "Days"]);
    for (const currency of ["USD", "EUR"]) {
      const total = billed(ofAcme, currency);
      for (const part of ["total", "kind", "tenant", "project", "user", "service", "day"])
        expect(sum(rows.filter((row) => row[1] === part && row[5] === currency).map((row) => row[6])), `${part} ${currency}`).toBe(total);
      for (const { sheet, data } of book.slice(1)) {
        const [head = [], ...cells] = data;
        const [exact, of] = [head.indexOf("Actual, exact"), head.indexOf("Currency")];
        expect(sum(cells.filter((row) => row[of] === currency).map((row) => String(row[exact]))), `${sheet} ${currency}`).toBe(total);
      }
    }
    expect(rows.some((row) => row[3] === "'=1+1")).toBe(true);
  });

  test.each(["ce", "cur"])("line by line from %s: the lines are the same bill, asked for once for two files", async (source) => {
    const folder = `detail-${source}`;
    const ran = await report("--source", source, "--detail", "--format", "csv,xlsx", "--output", place(`${folder}/`));
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    const [titles, ...rows] = rowsOf(readFileSync(place(folder, `chartctl-costs-acme-${month}.csv`), "utf8"));
    expect(titles).toEqual(["day", "tenant", "project", "service", "currency", "actual"]);
    const book = await readWorkbook(readFileSync(place(folder, `chartctl-costs-acme-${month}.xlsx`)));
    const detail = book.find(({ sheet }) => sheet === "Detail")?.data.slice(1) ?? [];
    for (const currency of ["USD", "EUR"]) {
      const total = billed(ofAcme, currency);
      expect(sum(rows.filter((row) => row[4] === currency).map((row) => row[5]))).toBe(total);
      expect(sum(detail.filter((row) => row[4] === currency).map((row) => String(row[6])))).toBe(total);
    }
    const calls = services.calls.length;
    expect((await report("--source", source, "--detail", "--format", "csv", "--output", "-")).stdout).toContain("day,tenant,project,service,currency,actual");
    expect(services.calls).toHaveLength(calls);
  });

  describe("of all tenants", () => {
    const ofTenant = (tenantId: string | undefined): BillLine[] => lines.filter(({ tags }) => tags.TenantId === tenantId);
    interface All {
      currencies: { currency: string; total: string; tenants: { tenantId: string | null; total: string }[]; accounts: object[] }[];
    }
    test("has each one's own part of a shared account, what is no tenant's, and the account's bill once", async () => {
      for (const whole of [[], ["--whole-account"]]) {
        const { currencies } = dataOf<All>(
          await home.run("costs", "report", "--all-tenants", ...whole, "--source", "ce", "--json", "--output", place(`tenants${whole.length}/`)),
        );
        expect(currencies.map(({ currency }) => currency)).toEqual(["USD", "EUR"]);
        for (const { currency, total, tenants, accounts } of currencies) {
          const rest = billed(ofTenant(undefined), currency);
          expect(Object.fromEntries(tenants.map(({ tenantId, total: of }) => [tenantId ?? "(no tenant)", of]))).toEqual({
            acme: billed(ofAcme, currency),
            other: billed(ofTenant("other"), currency),
            "(no tenant)": rest,
          });
          expect(total).toBe(billed(lines, currency));
          expect(accounts).toEqual([{ accountId: null, tenants: ["acme", "other"], total, rest }]);
        }
      }
    });

    test("asks once by tenant, three times a tenant with costs, three times for the rest; and says so in every file and on the terminal", async () => {
      await home.run("tenants", "add", "idle");
      services.calls.length = 0;
      const ran = await home.run("costs", "report", "--all-tenants", "--source", "ce", "--refresh", "--output", place("every/"));
      expect(services.calls).toEqual(Array(1 + 2 * 3 + 3).fill("GetCostAndUsage"));
      await home.run("tenants", "remove", "idle", "--yes");
      expect(ran.stdout).toContain("Cost Explorer: 10 requests, about $0.10.");
      expect(ran.stdout).toMatch(/^No tenant, USD +\$[\d,]+\.\d\d \(\d+\.\d%\)$/m);
      const file = (format: string): string => place("every", `chartctl-costs-all-tenants-${month}.${format}`);
      const [, ...rows] = rowsOf(readFileSync(file("csv"), "utf8").replaceAll('"', ""));
      for (const currency of ["USD", "EUR"])
        for (const part of ["total", "account", "kind", "tenant", "project", "user", "service", "day"])
          expect(sum(rows.filter((row) => row[1] === part && row[5] === currency).map((row) => row[6])), `${part} ${currency}`).toBe(billed(lines, currency));
      expect(rows.filter((row) => row[1] === "account").map((row) => row.slice(2, 5))).toEqual(Array(2).fill(["", "(the operator's own)", "acme idle other"]));
      const book = await readWorkbook(readFileSync(file("xlsx")));
      expect(book.map(({ sheet }) => sheet)).toEqual(["About", "Accounts", "Tenants", "Projects", "Users", "Services", "Days"]);
      const exact = (sheet: string, currency: string): string => {
        const [head = [], ...cells] = book.find((one) => one.sheet === sheet)?.data ?? [];
        return sum(cells.filter((row) => row[head.indexOf("Currency")] === currency).map((row) => String(row[head.indexOf("Actual, exact")])));
      };
      for (const { sheet } of book.slice(1)) expect(exact(sheet, "USD"), sheet).toBe(billed(lines, "USD"));
      expect(readFileSync(file("html"), "utf8")).toContain("(no tenant)");
    });

    test.each(["ce", "cur"])("line by line from %s has what is no tenant's by day and service", async (source) => {
      const ran = await home.run(
        "costs",
        "report",
        "--all-tenants",
        "--source",
        source,
        "--detail",
        "--format",
        "csv",
        "--output",
        place(`lines-${source}.csv`),
      );
      expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining("error")]);
      const rows = rowsOf(readFileSync(place(`lines-${source}.csv`), "utf8"));
      for (const [tenant, of] of [["acme", ofAcme] as const, ["other", ofTenant("other")] as const, ["(no tenant)", ofTenant(undefined)] as const])
        expect(sum(rows.filter((row) => row[1] === tenant && row[4] === "USD").map((row) => row[5])), tenant).toBe(billed(of, "USD"));
      expect(new Set(rows.filter((row) => row[1] === "(no tenant)").map((row) => row[2]))).toEqual(new Set(["(not by project)"]));
    });
  });

  test("of the whole account tells what nobody is named for", async () => {
    const { currencies } = dataOf<{ currencies: { currency: string; total: string; unallocated: string }[] }>(
      await report("--whole-account", "--source", "ce", "--json", "--output", place("whole/")),
    );
    const usd = currencies.find(({ currency }) => currency === "USD");
    expect(usd).toMatchObject({
      total: billed(lines, "USD"),
      unallocated: billed(
        lines.filter(({ tags }) => !tags.ProjectId),
        "USD",
      ),
    });
  });

  test("of the whole account has the other tenants' parts apart: none of them is the tenant's, beside its estimate", async () => {
    interface Parts {
      currencies: {
        currency: string;
        tenants: { tenantId: string | null; total: string }[];
        projects: { tenantId: string | null; projectId: string | null; total: string }[];
      }[];
    }
    const { currencies } = dataOf<Parts>(await report("--whole-account", "--source", "ce", "--json", "--output", place("apart/")));
    const usd = currencies.find(({ currency }) => currency === "USD");
    const of = (tenantId?: string): string =>
      billed(
        lines.filter(({ tags }) => tags.TenantId === tenantId),
        "USD",
      );
    expect(Object.fromEntries(usd?.tenants.map(({ tenantId, total }) => [tenantId, total]) ?? [])).toEqual({
      acme: of("acme"),
      other: of("other"),
      null: of(),
    });
    for (const tenantId of ["acme", "other"])
      expect(usd?.projects.find((part) => part.tenantId === tenantId && part.projectId === "sales")?.total, tenantId).toBe(
        billed(
          lines.filter(({ tags }) => tags.TenantId === tenantId && tags.ProjectId === "sales"),
          "USD",
        ),
      );
    expect(readdirSync(place("apart")).sort()[0]).toBe(`chartctl-costs-acme-${month}.csv`);
  });

  test("is nothing for a terminal as a workbook, which is said before anything is asked", async () => {
    services.calls.length = 0;
    const { code, screen } = await atTerminal(home, ["-t", "acme", "costs", "report", "--refresh", "--format", "xlsx", "--output", "-"], []);
    expect([code, screen, services.calls]).toEqual([64, expect.stringContaining("A workbook is nothing for a terminal"), []]);
  });

  test("whose place is the empty text of an unset variable asks nothing", async () => {
    services.calls.length = 0;
    const ran = await report("--refresh", "--output", "");
    expect([ran.code, ran.stderr, services.calls]).toEqual([64, expect.stringContaining("--output names no place"), []]);
  });

  test("of the month that runs says that it is open", async () => {
    const ran = await report("--source", "ce", "--month", today.slice(0, 7), "--format", "html", "--output", place("open.html"));
    expect(ran.stdout).toContain("open: AWS may still change the figures");
    expect(readFileSync(place("open.html"), "utf8")).toContain("The month is open");
  });

  test("writes over nothing unless it is told to, and asks AWS nothing before", async () => {
    writeFileSync(place("mine.csv"), "mine");
    services.calls.length = 0;
    const ran = await report("--output", place("mine.csv"), "--refresh");
    expect([ran.code, ran.stderr, services.calls]).toEqual([5, expect.stringContaining("is there already, and stays as it is"), []]);
    expect(readFileSync(place("mine.csv"), "utf8")).toBe("mine");
    expect((await report("--output", place("mine.csv"), "--force")).code).toBe(0);
    expect(readFileSync(place("mine.csv"), "utf8")).toContain("month,part");
  });

  test("leaves nothing half done when AWS changes the bill between the questions", async () => {
    mkdirSync(place("changed"));
    lines.push({ ...(lines[0] as BillLine), tags: { TenantId: "acme", ProjectId: "sales" }, currency: "USD", amount: "3" });
    const asked = ["--source", "ce", "--table", "changed", "--format", "csv"]; // a table's name of its own: nothing is kept for it yet
    await report(...asked, "--output", place("before.csv"));
    lines.pop();
    const ran = await report(...asked, "--detail", "--output", place("changed", "lines.csv"));
    expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining("AWS changed it between the questions")]);
    expect(readdirSync(place("changed"))).toEqual([]);
  });

  test("gives up quietly when its reader does, and makes nothing in a folder that it can't write to", async () => {
    const { child, ended } = home.start("-t", "acme", "costs", "report", "--source", "ce", "--format", "csv", "--output", "-");
    child.stdout?.destroy();
    expect([(await ended).code, (await ended).stderr]).toEqual([0, expect.not.stringContaining("error")]);
    writeFileSync(place("file"), "");
    const ran = await report("--source", "ce", "--format", "csv", "--output", place("file", "report.csv"));
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("can't be written")]);
    expect(statSync(place("file")).size).toBe(0);
  });

  // Under /proc, Node's own recursive mkdir never returns.
  test.each([...(process.platform === "linux" ? [["/proc/zz/x.csv"], ["/proc/x.csv"]] : []), ["file/x.csv"], ["file/"]])(
    "asks AWS nothing for a place that can't be written to: %s",
    { timeout: 60_000 },
    async (output) => {
      writeFileSync(place("file"), "");
      services.calls.length = 0;
      const ran = await report("--format", "csv", "--refresh", "--output", output, "--json");
      expect([ran.code, ran.stdout, services.calls]).toEqual([1, expect.stringContaining('"code": "report.unwritable"'), []]);
    },
  );

  test.each([
    [["--month", "2026-13"], 64, "report.month"],
    [["--month", "2999-01"], 64, "report.month"],
    [["--month", "1999-01"], 64, "report.month"],
    [["--output", "x.csv", "--format", "html"], 64, "report.output"],
    [["--output", "one.txt"], 64, "report.output"],
    [["--output", "one.csv", "--format", "csv,html"], 64, "report.output"],
    [["--format", "pdf"], 64, "report.format"],
    [["--days", "3"], 64, "costs.flag"],
    [["--output", "-", "--format", "csv"], 64, "costs.format"],
    [["--output", "-"], 64, "report.output"],
    [["--source", "cur", "--table", "none"], 6, "cur.no-table"],
    [["--api-url", "http://127.0.0.1:9", "--detail"], 64, "costs.hosted"],
    [["--api-url", "http://127.0.0.1:9", "--refresh"], 64, "costs.hosted"],
    [["--api-url", "http://127.0.0.1:9", "--metric", "amortized"], 64, "costs.hosted"],
    [["--api-url", "http://127.0.0.1:9", "--whole-account"], 64, "costs.hosted"],
    [["--api-url", "http://127.0.0.1:9", "--source", "cur"], 64, "costs.hosted"],
    [["--api-url", "http://127.0.0.1:9"], 7, "api.unreachable"],
    [["--fetch", "rep-1"], 64, "report.fetch"],
    [["--list"], 64, "report.fetch"],
    [["--delete", "rep-1"], 64, "report.fetch"],
    [["--tenant", "nobody"], 6, "tenant.not-found"],
  ])("%j ends with %d", async (args, code, error) => {
    const ran = await report(...args, "--json");
    expect([ran.code, (JSON.parse(ran.stdout) as { error: { code: string } }).error.code]).toEqual([code, error]);
  });
});
