/** To whom questions go: by which connections, and whose answers are kept apart. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CostQuery } from "../../../../src/core/costs/actual/cost-source.ts";
import { billLines } from "../../../support/cost-lines.ts";
import { startCostServices } from "../../../support/cost-services.ts";
import { usageReport } from "../../../support/usage-report.ts";
import { costsOf } from "./source.ts";

const query: CostQuery = { from: "2026-11-20", until: "2026-11-21", granularity: "day", grouping: { by: "service" }, metric: "unblended", tags: {} };
const now = () => new Date("2026-11-26T12:00:00Z");
let cacheFolder: string;
const servers: Server[] = [];
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), "chartctl-connections-"));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(cacheFolder, { recursive: true, force: true });
});

/** Cost Explorer that bills one amount, and never ends a connection by itself. */
async function explorer(dollars: string): Promise<{ url: string; connections(): Promise<number> }> {
  const group = { Keys: ["AWS Lambda", "Usage"], Metrics: { UnblendedCost: { Amount: dollars, Unit: "USD" } } };
  const body = JSON.stringify({ ResultsByTime: [{ TimePeriod: { Start: "2026-11-20", End: "2026-11-21" }, Groups: [group] }] });
  const server = createServer({ keepAliveTimeout: 600_000 }, (asked, answer) => {
    asked.resume().on("end", () => answer.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(body));
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
  };
}

test("many questions take one connection, which is ended with the last", async () => {
  const { url, connections } = await explorer("1");
  const source = costsOf(url, { cacheFolder, now, source: "ce", refresh: true });
  for (let asked = 0; asked < 12; asked++) await source.costs(query);
  expect(await connections()).toBe(1);
  await source.close?.();
  await vi.waitFor(async () => expect(await connections()).toBe(0));
  await source.close?.();
  expect((await source.costs(query)).answer.amounts).toHaveLength(1);
});

test("an emulator's answer is not AWS's: each address has its own", async () => {
  const [aws, emulator] = [await explorer("999"), await explorer("1")];
  const dollars = async (env: Record<string, string>): Promise<unknown[]> => {
    const { answer, kept } = await costsOf("", { cacheFolder, now, source: "ce", env }).costs(query);
    return [answer.amounts[0]?.amount, kept];
  };
  expect(await dollars({ AWS_ENDPOINT_URL_COST_EXPLORER: aws.url })).toEqual(["999", false]);
  expect(await dollars({ AWS_ENDPOINT_URL_COST_EXPLORER: emulator.url })).toEqual(["1", false]);
  // The service's own address wins over the general one.
  expect(await dollars({ AWS_ENDPOINT_URL: emulator.url, AWS_ENDPOINT_URL_COST_EXPLORER: aws.url })).toMatchObject(["999", false]);
  expect(await dollars({ AWS_ENDPOINT_URL_COST_EXPLORER: aws.url })).toEqual(["999", true]);
});

test("another Athena is another report", async () => {
  const of = async (amount: string) => {
    const lines = billLines(["2026-11-20"], 1).map((line) => ({ ...line, type: "Usage", amount, currency: "USD" }));
    const report = await usageReport("cur2", lines);
    return { report, services: await startCostServices(lines, report) };
  };
  const [one, other] = [await of("1"), await of("2")];
  const dollars = async (url: string) =>
    (await costsOf("", { cacheFolder, now, source: "cur", env: { AWS_ENDPOINT_URL_ATHENA: url } }).costs(query)).answer.amounts.map(({ amount }) => amount);
  expect([await dollars(one.services.url), await dollars(other.services.url)]).toEqual([["1"], ["2"]]);
  for (const { report, services } of [one, other]) {
    await services.close();
    report.remove();
  }
});
