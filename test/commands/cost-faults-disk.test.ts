/**
 * Disks that are full, and runs that are killed: the answer, the exit code, what is left behind, and the next run. A limit on the
 * size of files (`ulimit -f`) stands for a full disk: any user may set it, and a write fails in the middle of a file as there.
 */
import { existsSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import type { AwsProxy } from "../support/aws-proxy.ts";
import { proxyAws } from "../support/aws-proxy.ts";
import type { Ran } from "../support/cli.ts";
import { billedFor, costCommands, toldBy } from "../support/cost-commands.ts";
import { billLines } from "../support/cost-lines.ts";
import type { CostPlace, CostPlaces } from "../support/cost-place.ts";
import { costPlaces, inBooks } from "../support/cost-place.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
/** So many services that an answer is larger than the limit. */
const lines = billLines(periodsOf({ from: addDays(today, -70), until: addDays(today, 1) }, "day"), 110).map((line, at) => ({
  ...line,
  productCode: `${line.productCode}-of-a-long-name-that-fills-its-line-${at % 40}`,
}));
const month = addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7);

let places: CostPlaces;
const proxies: AwsProxy[] = [];
beforeAll(async () => {
  places = await costPlaces(lines);
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.close();
  await places.end();
});
/** 64 KiB, or 128, as the shell counts: the books are read with it, an answer about thirty days is larger. */
const full = 'ulimit -f 128 && exec "$@"';
const out = (place: CostPlace): string => join(place.home.path, "out");
const cache = (place: CostPlace): string => join(place.home.path, "cache", "costs");
const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
/** What isn't an answer, but part of one. */
const draftsIn = (place: CostPlace): string[] => place.cached().filter((name) => !/^[0-9a-f]{64}\.(jsonl|lines|lines\.json|forecast\.json)$/.test(name));
const large = (place: CostPlace): string[] => place.cached().filter((name) => statSync(join(cache(place), name)).size > 60_000);
function expectRight(name: string, { code, stdout, stderr }: Ran): void {
  const command = costCommands.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  expect([code, stderr.includes("error:")]).toEqual([0, false]);
  expect(toldBy(command, stdout)).toEqual(billedFor(command, lines));
}
const errorOf = ({ stdout }: Ran): { code: string } => (JSON.parse(stdout) as { error: { code: string } }).error;
const notKept = /^Answers can't be kept in .*costs: the same question is asked, and paid, again\.$/gm;
async function behindProxy(place: CostPlace): Promise<AwsProxy> {
  const proxy = await proxyAws(place.services.url);
  proxies.push(proxy);
  place.home.env.AWS_ENDPOINT_URL = proxy.url;
  return proxy;
}

test.concurrent("a cache on a full disk: each answer all the same, one line of what that costs, no half file", async () => {
  const place = await places.open();
  for (const [name, ...args] of [
    ["costs trends", "trends"],
    ["costs report", "report", "--format", "csv", "--output", "out/", "--force"],
    ["costs --days 30", "--days", "30"],
  ] as const) {
    const ran = await place.home.shell(full, "-t", "acme", "costs", ...args, "--json");
    expect([name, ran.code, ran.stderr.match(notKept)?.length]).toEqual([name, 0, 1]);
    if (name !== "costs --days 30") expectRight(name, ran);
    expect([draftsIn(place), large(place)]).toEqual([[], []]);
  }
  const detail = await place.home.shell(full, "-t", "acme", "costs", "report", "--detail", "--format", "csv", "--output", "-");
  expect([detail.code, detail.stderr.match(notKept)?.length, draftsIn(place), large(place)]).toEqual([0, 1, [], []]);
  const same = await place.costs("report", "--detail", "--format", "csv", "--output", "-");
  expect(detail.stdout).toBe(same.stdout);
  expect(large(place)).not.toEqual([]);
});

test.concurrent("a report's file on a full disk: 1, no file, no draft; with room, the same command makes it", async () => {
  const place = await places.open();
  const asked = ["-t", "acme", "costs", "report", "--detail", "--format", "csv,xlsx", "--output", "out/", "--json"];
  const ran = await place.home.shell(full, ...asked);
  expect([ran.code, errorOf(ran)]).toMatchObject([
    1,
    {
      code: "report.unwritable",
      message: `out/chartctl-costs-acme-${month}.csv can't be written: EFBIG: file too large, write`,
      hint: "free some space, or name a folder that can be written to: chartctl costs report --output DIR",
    },
  ]);
  expect([namesIn(out(place)), draftsIn(place)]).toEqual([[], []]);
  expectRight("costs report", await place.home.run(...asked));
  expect(namesIn(out(place))).toEqual(["csv", "xlsx"].map((format) => `chartctl-costs-acme-${month}.${format}`));
});

test.concurrent("the books on a full disk: nothing of a bill is recorded, and the next sync reads it", async () => {
  const place = await places.open();
  const ran = await place.home.shell(full, "-t", "acme", "costs", "sync", "--json");
  expect([ran.code, errorOf(ran).code]).toEqual([1, expect.stringMatching(/^store\.(io|disk-full)$/)]);
  expectRight("costs sync", await place.costs("sync", "--json"));
});

const toFull = '"$@" > /dev/full';
test.runIf(existsSync("/dev/full")).concurrent("stdout on a full disk: 1, and said where it still can be", async () => {
  const place = await places.open();
  await place.costs();
  for (const args of [[], ["--json"], ["--csv"], ["report", "--format", "csv", "--output", "-"], ["report", "--detail", "--format", "xlsx", "--output", "-"]]) {
    const { code, stderr } = await place.home.shell(toFull, "-t", "acme", "costs", ...args);
    expect([args, code, stderr.split("\n").slice(-3)]).toEqual([
      args,
      1,
      [
        "error: The answer can't be written to stdout: ENOSPC: no space left on device, write",
        "help: what was to be done is done; free some space, or write it elsewhere, and ask again",
        "",
      ],
    ]);
    expect([args, stderr.match(/error:/g)?.length, draftsIn(place)]).toEqual([args, 1, []]);
  }
  expect(await place.home.shell('"$@" 2> /dev/full', "-t", "acme", "costs", "--csv")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("period,service"),
  });
  const ran = await place.costs("report", "--format", "csv", "--output", "/dev/full", "--force", "--json");
  expect([ran.code, errorOf(ran), statSync("/dev/full").isCharacterDevice()]).toMatchObject([64, { code: "report.output" }, true]);
});

test.concurrent("kill -9 between two pages of costs --refresh: the answer of before stands, the draft goes within a week", async () => {
  const place = await places.open();
  const proxy = await behindProxy(place);
  await place.costs();
  const kept = place.cached();
  place.services.pageSize = 100;
  const first = proxy.hold(/GetCostAndUsage/);
  const { child, ended } = place.home.start("-t", "acme", "costs", "--refresh");
  await first.reached;
  const second = proxy.hold(/GetCostAndUsage/);
  first.release();
  await second.reached;
  child.kill("SIGKILL");
  second.release();
  expect((await ended).signal).toBe("SIGKILL");
  const [draft = "", ...more] = draftsIn(place);
  expect([draft, more, place.cached().filter((name) => name !== draft)]).toEqual([expect.stringMatching(/\.jsonl\.[0-9a-f]{12}$/), [], kept]);
  const calls = place.services.calls.length;
  expectRight("costs", await place.costs("--json"));
  expect(place.services.calls).toHaveLength(calls);
  expectRight("costs", await place.costs("--refresh", "--json"));
  expect(draftsIn(place)).toEqual([draft]);
  const lastWeek = Date.now() / 1_000 - 8 * 86_400;
  utimesSync(join(cache(place), draft), lastWeek, lastWeek);
  await place.costs("--by", "region");
  expect(draftsIn(place)).toEqual([]);
});

test.concurrent("kill -9 while costs report writes a workbook: no file, the next run makes it, the draft goes a day later", async () => {
  const place = await places.open();
  const proxy = await behindProxy(place);
  const asked = ["report", "--detail", "--format", "xlsx", "--output", "out/", "--json"];
  await place.costs("report", "--format", "csv", "--output", "sums/"); // now, what is asked for is the lines
  place.services.pageSize = 100;
  const first = proxy.hold(/GetCostAndUsage/);
  const { child, ended } = place.home.start("-t", "acme", "costs", ...asked);
  await first.reached;
  const second = proxy.hold(/GetCostAndUsage/);
  first.release();
  await second.reached;
  child.kill("SIGKILL");
  second.release();
  await ended;
  const file = `chartctl-costs-acme-${month}.xlsx`;
  const [draft = "", ...more] = namesIn(out(place));
  expect([draft.startsWith(file), draft, more]).toEqual([true, expect.stringMatching(/\.[0-9a-f]{12}\.part$/), []]);
  expect(draftsIn(place)).toHaveLength(1);
  expectRight("costs report", await place.costs(...asked));
  expect(namesIn(out(place))).toEqual([file, draft]);
  const yesterday = Date.now() / 1_000 - 86_401;
  utimesSync(join(out(place), draft), yesterday, yesterday);
  expectRight("costs report", await place.costs(...asked, "--force"));
  expect(namesIn(out(place))).toEqual([file]);
});

test.concurrent("kill -9 in costs sync: nothing is recorded, and the next one goes on at once", async () => {
  const place = await places.open();
  const proxy = await behindProxy(place);
  const held = proxy.hold(/GetCostAndUsage/);
  const { child, ended } = place.home.start("-t", "acme", "costs", "sync");
  await held.reached;
  child.kill("SIGKILL");
  held.release();
  await ended;
  expectRight("costs sync", await place.costs("sync", "--json"));
});

test.concurrent("a costs sync on another machine has its time, whatever became of it; then the next one goes on", async () => {
  const place = await places.open();
  const params = { tenantId: "acme" };
  const body = { onlyDue: false, holder: { machine: "elsewhere", pid: 1, startedAt: "boot-1" } };
  /** The claim of a read that began so long ago. */
  const claimed = async ({ home }: typeof place, minutesAgo: number) =>
    await inBooks(home, new Date(Date.now() - minutesAgo * 60_000), async (call) => await call(endpoints.beginBillingRead, { params, body }));
  await claimed(place, 10);
  const refused = await place.costs("sync", "--json");
  expect([refused.code, errorOf(refused)]).toMatchObject([
    5,
    {
      code: "billing.running",
      message: expect.stringMatching(/^Tenant acme's bill is being read by somebody else, until \d\d:\d\d UTC at the latest$/),
      hint: expect.stringMatching(
        /^see what it found, in a moment: chartctl stats; if it was killed on another machine: chartctl costs sync, after \d\d:\d\d UTC$/,
      ),
    },
  ]);
  const after = await places.open();
  await claimed(after, 16);
  expectRight("costs sync", await after.costs("sync", "--json"));
});

test.concurrent("kept answers that are cut short, or damaged, are asked for anew", async () => {
  const place = await places.open();
  await place.costs("--json");
  for (const damage of [
    (file: string) => truncateSync(file, statSync(file).size - 2),
    (file: string) => writeFileSync(file, "{}"),
    (file: string) => rmSync(file),
  ]) {
    for (const name of place.cached()) damage(join(cache(place), name));
    const calls = place.services.calls.length;
    expectRight("costs", await place.costs("--json"));
    expect([place.services.calls.length - calls > 1, draftsIn(place), place.cached().length]).toEqual([true, [], 2]);
  }
});

test.concurrent("two at once: both are right, what is kept is whole, and a third pays nothing", async () => {
  const place = await places.open();
  const proxy = await behindProxy(place);
  const held = [proxy.hold(/GetCostAndUsage/), proxy.hold(/GetCostAndUsage/)];
  const both = [place.costs("--json"), place.costs("--json")];
  for (const { reached } of held) await reached; // neither has an answer yet
  for (const { release } of held) release();
  for (const ran of await Promise.all(both)) expectRight("costs", ran);
  const calls = place.services.calls.length;
  expectRight("costs", await place.costs("--json"));
  expect([place.services.calls.length, draftsIn(place), place.cached().length]).toEqual([calls, [], 2]);
});
