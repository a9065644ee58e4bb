/** Alerts as they are read: each reason with its count, what acts and what can't, in a table that a narrow terminal has room for. */
import { expect, test } from "vitest";
import type { Alert } from "../../src/contract/alerts.ts";
import { alertsText, deliveryText, standingText } from "../../src/ui/alerts.ts";
import { allTold } from "../support/alerts.ts";

const late = { status: "given-up", error: "nobody was there to be told in time", tried: false, alerts: 3 } as const;
const down = { status: "failing", error: "the receiver can't be reached", tried: true, alerts: 1 } as const;

test("each reason has its own count, and the hint is of what is wrong", () => {
  const both = standingText({ ...allTold, waiting: 1, failing: 1, givenUp: 3, reasons: [late, down] }, 1_000);
  expect(both).toContain(
    "3 alerts given up: nobody was there to be told in time; 1 alert not told yet, and tried again: the receiver can't be reached. Mend the receiver, then: chartctl alerts deliver --again",
  );
  const lateAlone = standingText({ ...allTold, givenUp: 3, reasons: [late] }, 1_000);
  expect(lateAlone).toContain("3 alerts given up: nobody was there to be told in time. Send what was given up: chartctl alerts deliver --again");
  expect(standingText({ ...allTold, waiting: 1, failing: 1, reasons: [down] }, 1_000)).not.toContain("--again");
});

test("delivering nothing, while one fails and waits, isn't told as if all was well", () => {
  const done = { delivered: 0, failed: 0, givenUp: 0, standing: { ...allTold, waiting: 1, failing: 1, reasons: [down] } };
  expect(deliveryText(done, 200)).toContain("1 alert not told yet, and tried again: the receiver can't be reached");
});

test("a bill without the tag ProjectKey is why nothing was near a limit", () => {
  const text = alertsText({ alerts: [], standing: { ...allTold, untagged: ["acme"] } }, 200);
  expect(text).toContain("No cost of acme carries the tag ProjectKey, so limits can't act: chartctl setup aws");
  expect(text).not.toContain("came near a limit");
  expect(alertsText({ alerts: [], standing: allTold }, 200)).toBe("Nothing to tell: no project and no user came near a limit.");
});

test("the same thing told twice says which clean-up each names, in a table of 80 columns", () => {
  const alert: Alert = {
    id: "msg_1",
    tenantId: "acme",
    kind: "cost.project.over_limit",
    userId: "ann",
    projectId: "sales",
    month: "2026-11",
    cleanUps: 1,
    cleanUpAt: "2026-11-26T12:26:00.000Z",
    status: "delivered",
    attempts: 1,
    createdAt: "2026-11-26T12:21:00.000Z",
    nextAt: null,
    error: null,
    endedAt: "2026-11-26T12:21:00.000Z",
  };
  const failing: Alert = { ...alert, status: "waiting", error: down.error, nextAt: "2026-11-26T12:40:00.000Z", endedAt: null };
  const lines = alertsText({ alerts: [{ ...alert, cleanUpAt: "2026-11-27T12:21:00.000Z" }, alert, failing], standing: allTold }, 80).split("\n");
  expect(lines).toEqual([
    "Since (UTC)       About       Limit  Clean-up at       Told",
    "2026-11-26 12:21  acme/sales  over   2026-11-27 12:21  2026-11-26 12:21",
    "2026-11-26 12:21  acme/sales  over   2026-11-26 12:26  2026-11-26 12:21",
    "2026-11-26 12:21  acme/sales  over   once told         again 11-26 12:40",
  ]);
});
