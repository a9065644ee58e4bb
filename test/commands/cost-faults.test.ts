/**
 * Faults of Cost Explorer as a person meets them, in every command that reads a bill: exit code, words, a hint that can be typed,
 * nothing kept; and then the same command is right.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import { proxyAws } from "../support/aws-proxy.ts";
import { billedFor, costCommands, toldBy } from "../support/cost-commands.ts";
import type { ExpectedError } from "../support/cost-errors.ts";
import { expectError } from "../support/cost-errors.ts";
import { billLines } from "../support/cost-lines.ts";
import type { CostPlace, CostPlaces } from "../support/cost-place.ts";
import { costPlaces } from "../support/cost-place.ts";
import { everyCommand } from "../support/typed-commands.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
/** Credits, refunds, taxes and two currencies are in it. */
const lines = billLines(periodsOf({ from: addDays(today, -100), until: addDays(today, 1) }, "day"), 4);

let places: CostPlaces;
let program: Command;
beforeAll(async () => {
  [places, program] = await Promise.all([costPlaces(lines), everyCommand()]);
});
afterAll(async () => await places.end());

const sameCommand = "with the same command: nothing of this answer is kept";
const doctor = "look at AWS_ENDPOINT_URL and at proxies: chartctl doctor";
const faults: ({
  what: string;
  /** Tried with each command. */
  everywhere?: boolean;
  answer: { code: string; message: string; times: number; after?: number; status?: number };
} & ExpectedError)[] = [
  {
    what: "Cost Explorer is not enabled",
    everywhere: true,
    answer: { code: "AccessDeniedException", message: "User not enabled for cost explorer access", times: 99 },
    exit: 7,
    code: "costs.explorer-not-enabled",
    message: "Cost Explorer is not enabled in this AWS account",
    hint: "open it once as the account's owner, in Billing and Cost Management; AWS has data a day later. With a Cost and Usage Report: chartctl costs --source cur",
  },
  {
    what: "no data yet",
    everywhere: true,
    answer: { code: "DataUnavailableException", message: "Data is not available.", times: 99 },
    exit: 7,
    code: "costs.no-data-yet",
    message: "Cost Explorer has no data of this account yet: AWS prepares it in the first 24 hours",
    hint: "ask again tomorrow: chartctl costs",
  },
  {
    what: "a role that may not",
    answer: { code: "AccessDeniedException", message: "User: x is not authorized to perform: ce:GetCostAndUsage", times: 99 },
    exit: 4,
    code: "aws.access-denied",
    message: "AWS refused to tell the costs: User: x is not authorized to perform: ce:GetCostAndUsage",
    hint: "the tenant's role has to allow ce:GetCostAndUsage: update its stack with the newest template (chartctl tenants connect)",
  },
  {
    what: "credentials that have expired",
    answer: { code: "ExpiredTokenException", message: "expired", times: 99 },
    exit: 4,
    code: "aws.expired-credentials",
    message: "The AWS credentials have expired; AWS refused to tell the costs",
    hint: "sign in again, such as: aws sso login",
  },
  {
    what: "a time that it doesn't know",
    everywhere: true,
    answer: { code: "ValidationException", message: "You haven't enabled historical data beyond 14 months", times: 99 },
    exit: 64,
    code: "costs.period",
    message: "Cost Explorer doesn't go back that far: You haven't enabled historical data beyond 14 months",
    hint: "ask for a later time, or a Cost and Usage Report: --source cur",
  },
  {
    what: "pages that break off",
    everywhere: true,
    answer: { code: "InvalidNextTokenException", message: "The pagination token is invalid.", times: 1, after: 1 },
    exit: 7,
    code: "costs.pages",
    message: "Cost Explorer's answer broke off between its pages: The pagination token is invalid.",
    hint: `ask again, ${sameCommand}`,
  },
  {
    what: "a failure of AWS after the first page",
    answer: { code: "InternalFailure", message: "an internal failure", times: 99, after: 1, status: 500 },
    exit: 7,
    code: "aws.unavailable",
    message: "AWS failed to tell the costs: an internal failure",
    hint: `ask again in a minute, ${sameCommand}`,
  },
];

const filesOf = ({ home }: CostPlace): boolean => existsSync(join(home.path, "out"));

test.concurrent.each(costCommands)("$name says what Cost Explorer refuses, keeps nothing of it, and then is right", async (command) => {
  const place = await places.open();
  place.services.pageSize = 7;
  const asked = [...command.args, "--source", "ce", "--json"];
  for (const { what, answer, ...expected } of faults.filter(({ everywhere }) => everywhere || command.name === "costs")) {
    place.services.fail.set("GetCostAndUsage", { ...answer });
    expectError(program, await place.costs(...asked), expected, ["costs", ...command.args.slice(0, 1)]);
    expect([what, place.cached(), filesOf(place)]).toEqual([what, [], false]);
  }
  place.services.fail.clear();
  const ran = await place.costs(...asked);
  expect([ran.code, toldBy(command, ran.stdout)]).toEqual([0, billedFor(command, lines)]);
});

test.concurrent.each(costCommands)("$name that is stopped between two pages ends with 130, keeps nothing, and then is right", async (command) => {
  const place = await places.open();
  place.services.pageSize = 7;
  const proxy = await proxyAws(place.services.url);
  place.home.env.AWS_ENDPOINT_URL = proxy.url;
  const asked = [...command.args, "--source", "ce", "--json"];
  const held = proxy.hold(/GetCostAndUsage/);
  const { child, ended } = place.home.start("-t", "acme", "costs", ...asked);
  await held.reached;
  child.kill("SIGINT");
  await new Promise<void>((resolve) => child.stderr?.on("data", (text: string) => (text.includes("Stopping") ? resolve() : undefined)));
  held.release();
  const message = "Stopped; nothing of this answer is kept. AWS may bill the request that it was sent ($0.01)";
  expectError(program, await ended, { exit: 130, code: "interrupted", message, hint: "ask again, with the same command" }, ["costs"]);
  expect([place.cached(), filesOf(place)]).toEqual([[], false]);
  const ran = await place.costs(...asked);
  expect([ran.code, toldBy(command, ran.stdout)]).toEqual([0, billedFor(command, lines)]);
  await proxy.close();
});

test.concurrent.each([
  ["twice: it waits, and goes on", 2, 0],
  ["for good", 99, 7],
])("throttling: %s", async (_, times, exit) => {
  const place = await places.open();
  place.services.fail.set("GetCostAndUsage", { code: "LimitExceededException", message: "Rate exceeded", times });
  const ran = await place.costs("--source", "ce", "--json");
  const [costs] = costCommands;
  if (exit === 0) return expect([ran.code, costs && toldBy(costs, ran.stdout)]).toEqual([0, costs && billedFor(costs, lines)]);
  const message = "AWS is throttling requests; it refused to tell the costs";
  expectError(program, ran, { exit, code: "aws.throttled", message, hint: `ask again in a minute, ${sameCommand}` }, ["costs"]);
  expect(place.cached()).toEqual([]);
});

const result = (group: object, rest: object = { TimePeriod: { Start: today, End: today } }): string =>
  JSON.stringify({ ResultsByTime: [{ ...rest, Groups: [{ Keys: ["AWS Lambda", "Usage"], ...group }] }] });
const metrics = { Metrics: { UnblendedCost: { Amount: "1", Unit: "USD" } } };
const parts: [string, string, string, string][] = [
  [
    "cut short",
    '{"ResultsByTime":[{"TimePe',
    "aws.SyntaxError",
    "AWS refused to tell the costs: it answered 200 that isn't in AWS's format (AWS_ENDPOINT_URL, a proxy?)",
  ],
  [
    "a proxy's page",
    "<html>Sign in</html>",
    "aws.SyntaxError",
    "AWS refused to tell the costs: it answered 200 that isn't in AWS's format (AWS_ENDPOINT_URL, a proxy?)",
  ],
  ["without results", "{}", "costs.answer", "Cost Explorer's answer isn't in its format: it has no results"],
  ["a group without its cost", result({}), "costs.answer", "Cost Explorer's answer isn't in its format: a group has no UnblendedCost"],
  [
    "a cost that is none",
    result({ Metrics: { UnblendedCost: { Amount: "1,5", Unit: "USD" } } }),
    "costs.answer",
    `Cost Explorer's answer isn't in its format: "1,5" is no amount`,
  ],
  ["of no time", result(metrics, {}), "costs.answer", "Cost Explorer's answer isn't in its format: a result has no beginning"],
  ["pages in a circle", '{"ResultsByTime":[],"NextPageToken":"2"}', "costs.pages", "Cost Explorer's pages go in a circle; the sum would be wrong"],
];
test.concurrent("an answer in part is no answer: $0.00 is told of no bill", async () => {
  const place = await places.open();
  const proxy = await proxyAws(place.services.url);
  place.home.env.AWS_ENDPOINT_URL = proxy.url;
  for (const [what, body, code, message] of parts) {
    const through = proxy.refuse(/GetCostAndUsage/, 200, body);
    const ran = await place.costs("--source", "ce", "--json");
    through();
    const hint = { "costs.answer": doctor, "costs.pages": "run the command again: chartctl costs --refresh" }[code] ?? "look closer: chartctl doctor";
    expectError(program, ran, { exit: 7, code, message, hint }, ["costs"]);
    expect([what, place.cached()]).toEqual([what, []]);
  }
  const cut = proxy.disturb({ fault: "drop" });
  const hint = "check the network, proxy and AWS_ENDPOINT_URL: chartctl doctor";
  expectError(
    program,
    await place.costs("--json"),
    { exit: 7, code: "aws.unreachable", message: "AWS can't be reached to tell the costs: socket hang up", hint },
    ["costs"],
  );
  cut();
  const { code, stdout } = await place.costs("--source", "ce", "--json");
  const [costs] = costCommands;
  expect([code, costs && toldBy(costs, stdout)]).toEqual([0, costs && billedFor(costs, lines)]);
  await proxy.close();
});

test.concurrent("a person gets the same on stderr, in two lines, and no answer beside it", async () => {
  const place = await places.open();
  place.services.fail.set("GetCostAndUsage", { code: "DataUnavailableException", message: "Data is not available.", times: 1 });
  const { code, stdout, stderr } = await place.costs();
  expect([code, stdout, stderr]).toEqual([
    7,
    "",
    "error: Cost Explorer has no data of this account yet: AWS prepares it in the first 24 hours\nhelp: ask again tomorrow: chartctl costs\n",
  ]);
});
