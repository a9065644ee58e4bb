/** `chartctl costs` at terminals, against a control API on a socket whose books have a bill: what an admin and a member are told. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
    const earlier = await on.ann.run("costs", "trends", "--days", "180");
    expect([earlier.code, earlier.stderr]).toEqual([64, expect.stringContaining(`chartctl costs --from ${days.first}`)]);
  });
});
