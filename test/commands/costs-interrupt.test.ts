/** Ctrl-C while AWS is asked about costs: a question is over at once, says what was paid, and keeps nothing; twice ends whatever hangs. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import { proxyAws } from "../support/aws-proxy.ts";
import type { Ran } from "../support/cli.ts";
import { billLines } from "../support/cost-lines.ts";
import type { CostPlace, CostPlaces } from "../support/cost-place.ts";
import { costPlaces } from "../support/cost-place.ts";
import type { SilentAws } from "../support/silent-aws.ts";
import { silentAws } from "../support/silent-aws.ts";
import { usageReport } from "../support/usage-report.ts";
import { wholeDay } from "../support/whole-day.ts";

let places: CostPlaces;
const today = await wholeDay();
const lines = billLines(periodsOf({ from: addDays(today, -100), until: addDays(today, 1) }, "day"), 1);
beforeAll(async () => {
  places = await costPlaces(lines);
});
afterAll(async () => await places.end());

const placeAt = async (aws: SilentAws, env: NodeJS.ProcessEnv = {}): Promise<CostPlace> => await places.open({ env: { AWS_ENDPOINT_URL: aws.url, ...env } });

/** Ctrl-C once the stand-in has been asked so often. */
async function stoppedAfter(count: number, aws: SilentAws, { home }: CostPlace, args: string[]): Promise<Ran> {
  const { child, ended } = home.start("-t", "acme", "costs", ...args);
  await aws.asked(count);
  child.kill("SIGINT");
  return await ended;
}
const told = (message: string): string => `\nStopping gently; once more stops at once.\nerror: ${message}\nhelp: ask again, with the same command\n`;
const one = "Stopped; nothing of this answer is kept. AWS may bill the request that it was sent ($0.01)";

// Left alone, each would be there for two minutes: a test's own limit is shorter.
const withinAMinute = { timeout: 60_000 };

test.concurrent.each([
  ["costs", []],
  ["costs trends", ["trends"]],
  ["costs forecast", ["forecast"]],
  ["costs report", ["report", "--output", "out/"]],
  ["costs estimate --check", ["estimate", "--check", "--project", "sales"]],
  ["costs sync", ["sync"]],
])("%s, of an AWS that never answers, stops at the first", withinAMinute, async (_, args) => {
  const aws = await silentAws();
  const place = await placeAt(aws);
  const { code, stdout, stderr } = await stoppedAfter(1, aws, place, args);
  expect([code, stdout, stderr.replace(/^.*Ask for the bill.*\n/m, "")]).toEqual([130, "", told(one)]);
  expect([aws.calls, place.cached()]).toEqual([["GetCostAndUsage"], []]);
  await aws.close();
});

test.concurrent("what was paid before the page that doesn't come is counted", withinAMinute, async () => {
  const page = { ResultsByTime: [], NextPageToken: "2" };
  const aws = await silentAws(({ answer }, calls) => (calls.length === 1 ? answer(200, page) : undefined));
  const place = await placeAt(aws);
  const { code, stderr } = await stoppedAfter(2, aws, place, []);
  const message = "Stopped; nothing of this answer is kept. AWS may bill the 2 requests that it was sent ($0.02)";
  expect([code, stderr, place.cached()]).toEqual([130, told(message), []]);
  await aws.close();
});

test.concurrent("a forecast of Cost Explorer that doesn't come", withinAMinute, async () => {
  const place = await places.open();
  const proxy = await proxyAws(place.services.url);
  place.home.env.AWS_ENDPOINT_URL = proxy.url;
  const held = proxy.hold(/GetCostForecast/);
  const { child, ended } = place.home.start("-t", "acme", "costs", "forecast");
  await held.reached;
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 130, stdout: "", stderr: told(one) });
  await proxy.close();
});

test.concurrent("the wait before a throttled request is sent again is no reason to stay, and no throttling is told", withinAMinute, async () => {
  const throttled = { __type: "LimitExceededException", message: "Rate exceeded" };
  const aws = await silentAws(({ answer }) => answer(400, throttled));
  const place = await placeAt(aws);
  const { code, stderr } = await stoppedAfter(2, aws, place, []);
  expect([code, stderr]).toEqual([130, told(one)]);
  await aws.close();
});

test.concurrent("a role that is never handed out", withinAMinute, async () => {
  const aws = await silentAws();
  const place = await placeAt(aws, { AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/acme" });
  const { code, stderr } = await stoppedAfter(1, aws, place, []);
  expect([code, stderr, aws.calls]).toEqual([130, told("Stopped before anything was asked"), ["AssumeRole"]]);
  await aws.close();
});

test.concurrent("a query that Athena has begun is stopped with it, wherever it was waited for", withinAMinute, async () => {
  const report = await usageReport("cur2", lines);
  const columns = { TableMetadata: { Name: "cost_and_usage", Columns: report.columns, PartitionKeys: report.partitions } };
  for (const [silent, calls, message] of [
    ["GetTableMetadata", ["GetTableMetadata"], "Stopped before anything was asked"],
    [
      "GetQueryExecution",
      ["GetTableMetadata", "StartQueryExecution", "GetQueryExecution", "StopQueryExecution"],
      "Stopped, and Athena's query with it; nothing is kept. AWS bills what it had read by then",
    ],
    [
      "StartQueryExecution",
      ["GetTableMetadata", "StartQueryExecution"],
      "Stopped; nothing is kept. Athena didn't say that it has stopped the query, too: AWS may bill all that it reads",
    ],
    [
      "GetQueryResults",
      ["GetTableMetadata", "StartQueryExecution", "GetQueryExecution", "GetQueryResults"],
      "Stopped; nothing is kept. AWS bills what the query read, and gives its result again",
    ],
  ] as const) {
    const answers: Record<string, object> = {
      GetTableMetadata: columns,
      StartQueryExecution: { QueryExecutionId: "query-1" },
      GetQueryExecution: { QueryExecution: { Status: { State: "SUCCEEDED" } } },
      StopQueryExecution: {},
    };
    const aws = await silentAws(({ target, answer }) => {
      const known = answers[target.replace(/^.*\./, "")];
      if (known && !target.endsWith(silent)) answer(200, known);
    });
    const place = await placeAt(aws);
    const ran = await stoppedAfter(calls.indexOf(silent as never) + 1, aws, place, ["--source", "cur"]);
    expect([ran.code, ran.stderr, aws.calls, place.cached()]).toEqual([130, told(message), calls, []]);
    await aws.close();
  }
  report.remove();
});

test.concurrent("twice ends what listens to nothing, at once; one that npm passes on is one", withinAMinute, async () => {
  const aws = await silentAws();
  const place = await placeAt(aws);
  const { child, ended } = place.home.start("setup", "aws");
  await aws.asked(1);
  const told = new Promise<void>((resolve) => child.stderr?.on("data", (said: string) => (said.includes("Stopping") ? resolve() : undefined)));
  child.kill("SIGINT");
  child.kill("SIGINT"); // as npm passes on what the terminal has sent already
  await told;
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 130, signal: null });
  await aws.close();
});
