/** Whose costs an answer is of, and names that anybody gave: as they are in files, harmless on a terminal. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addDays } from "../../src/core/costs/actual/period.ts";
import { newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostPlace, CostPlaces } from "../support/cost-place.ts";
import { costPlaces } from "../support/cost-place.ts";
import { atTerminal } from "../support/terminal.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const month = addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7);
const odd = "a\u001b[31mred\u202egnp.exe";
const lines = [addDays(today, -1), `${month}-09`].flatMap((day) =>
  ["sales", odd].map((project): BillLine => {
    const tags = { TenantId: "acme", ProjectId: project, UserId: "ann" };
    return { hour: `${day}T05`, type: "Usage", productCode: "AmazonS3", usageType: "Requests", region: "us-east-1", tags, currency: "USD", amount: "2.5" };
  }),
);
let places: CostPlaces;
let place: CostPlace;
beforeAll(async () => {
  places = await costPlaces(lines);
  place = await places.open();
});
afterAll(async () => await places?.end());

describe("of one project", () => {
  test.each([
    [[], "Costs of tenant acme, project sales, "],
    [["trends"], "Trend of tenant acme, project sales, "],
    [["forecast", "--method", "own"], "Forecast of tenant acme, project sales for "],
  ])("costs %j says so", async (part, headline) => {
    expect((await place.costs(...part, "-p", "sales")).stdout).toContain(headline);
  });

  test.each([[[]], [["trends"]], [["forecast", "--method", "own"]]])("that no book knows, costs %j says what was meant, and nothing of tags", async (part) => {
    const meant = "The books of tenant acme know no project slaes in this time. Did you mean sales?";
    const ran = await place.costs(...part, "-p", "slaes");
    expect([ran.code, ran.stdout.replaceAll("\n", " ")]).toEqual([0, expect.stringContaining(meant)]);
    expect(ran.stdout).not.toContain("setup aws");
    expect((await place.costs(...part, "-p", "slaes", "--json")).stderr).toContain(meant);
    expect((await place.costs(...part, "-p", "entirely-else")).stdout).not.toContain("Did you mean");
  });

  test.each([[[]], [["trends"]], [["forecast", "--method", "own"]]])("costs %j of one user says whose they are, too", async (part) => {
    expect((await place.costs(...part, "--user", "ann")).stdout).toContain("of tenant acme, user ann");
    expect((await place.costs(...part, "--user", "ann", "-p", "sales")).stdout).toContain("of tenant acme, user ann, project sales");
  });

  test("that the books know, and AWS has no costs of, is about tags, also after its end", async () => {
    const empty = await places.open({ lines: [] });
    expect((await empty.costs("-p", "sales")).stdout).toContain("setup aws");
    expect((await empty.costs("-p", "sales")).stdout).not.toContain("The books");
  });

  test.each(["project", "user"] as const)("there is no report of a %s alone, and what there is instead works", async (part) => {
    const { name, sum } = { project: { name: "sales", sum: "2.5" }, user: { name: "ann", sum: "5" } }[part];
    const ran = await place.costs("report", `--${part}`, name, "--month", month, "--json");
    const { error } = JSON.parse(ran.stdout) as { error: { code: string; hint: string } };
    expect([ran.code, error.code]).toEqual([64, `report.${part}`]);
    const typed = /chartctl costs (.*)$/.exec(error.hint)?.[1]?.split(" ") ?? [];
    const answer = await place.costs(...typed);
    expect([answer.code, answer.stdout]).toEqual([0, expect.stringContaining(`-09,Amazon Simple Storage Service,USD,${sum}\n`)]);
  });
});

describe("a name with control characters", () => {
  const commands = [
    ["-t", "acme", "costs", "--by", "project", "--csv"],
    ["-t", "acme", "costs", "trends", "--by", "project", "--csv"],
    ["-t", "acme", "costs", "report", "--month", month, "--format", "csv", "--output", "-"],
  ];
  test.each(commands.map((args) => [args]))("is as it is in a file, and moves no cursor on a terminal: %j", async (args) => {
    expect((await place.home.run(...args)).stdout).toContain(odd);
    const { screen: shown } = await atTerminal(place.home, args, []);
    expect(shown).toContain("a�[31mred�gnp.exe");
    expect(shown).not.toContain("\u202e");
    expect(shown).not.toContain("\u001b[31mred");
  });
});

test("a report of what nothing was booked for has no estimate, in no format", async () => {
  const { CHARTCTL_HOME: _, ...env } = place.home.env;
  const bare = newHome(env);
  await bare.run("tenants", "add", "acme");
  const report = async (...args: string[]) => (await bare.run("-t", "acme", "costs", "report", "--month", month, ...args)).stdout;
  expect(await report("--output", "out/")).toMatch(/^Estimate +nothing was booked here$/m);
  expect(await report("--format", "csv", "--output", "-")).toMatch(new RegExp(`^${month},total,,,,USD,5,,$`, "m"));
  bare.remove();
});
