import stringWidth from "fast-string-width";
import { describe, expect, it } from "vitest";
import type { Stats } from "../../src/contract/stats.ts";
import { statsText } from "../../src/ui/stats.ts";

const at = "2026-03-01T12:00:00.000Z";
const stats: Stats = {
  at,
  tenants: [{ tenantId: "acme", users: 3, projects: 2, applications: 1, monthlyCents: 196, failed: 1, expired: 1 }],
  users: [{ tenantId: "acme", userId: "ann", projects: 2, projectsLimit: 10, monthlyCents: 196, monthlyCentsLimit: 10_000 }],
  projects: [
    { tenantId: "acme", projectId: "sales", userId: "ann", infrastructure: "deployed", application: "deployed", monthlyCents: 98, expiresAt: at },
    { tenantId: "acme", projectId: "trial", userId: "ann", infrastructure: "failed", application: "absent", monthlyCents: 98, expiresAt: null },
  ],
  operations: [
    { id: "op-1", tenantId: "acme", projectId: "sales", kind: "deploy", status: "running", openedAt: at, finishedAt: null, error: null },
    {
      id: "op-2",
      tenantId: "acme",
      projectId: "trial",
      kind: "provision",
      status: "failed",
      openedAt: at,
      finishedAt: at,
      error: { code: "aws.throttled", message: "AWS throttles the account" },
    },
  ],
  cleanups: [
    { tenantId: "acme", projectId: "sales", attempts: 0, nextAt: null, expiresAt: at, error: null },
    { tenantId: "acme", projectId: "trial", attempts: 2, nextAt: at, expiresAt: null, error: "the bucket is locked" },
  ],
  overLimits: [
    {
      tenantId: "acme",
      projectId: "sales",
      userId: "ann",
      of: "project",
      month: "2026-03",
      since: at,
      amount: "61.2034",
      limitCents: 5_000,
      cleanUpAt: "2026-03-02T12:00:00.000Z",
      warning: { alertId: "msg_1", graceSeconds: 86_400 },
    },
    {
      tenantId: "acme",
      projectId: "shop",
      userId: "ann",
      of: "project",
      month: "2026-03",
      since: at,
      amount: "51",
      limitCents: 5_000,
      cleanUpAt: null,
      warning: { alertId: "msg_2", graceSeconds: 172_800 },
    },
    {
      tenantId: "acme",
      projectId: null,
      userId: "ann",
      of: "user",
      month: "2026-03",
      since: at,
      amount: "120.5",
      limitCents: 10_000,
      cleanUpAt: null,
      warning: null,
    },
  ],
  alerts: {
    receiver: "set",
    waiting: 1,
    failing: 1,
    givenUp: 0,
    oldestAt: at,
    cleanUps: 1,
    lastError: "the receiver answered 503",
    reasons: [{ status: "failing", error: "the receiver answered 503", tried: true, alerts: 1 }],
    untagged: [],
  },
  jobs: { queued: 4, running: 1, waiting: 0, failedToday: 2 },
  workers: [
    { id: "worker-a", machine: "m1", version: "0.1.0", terraform: "terraform 1.11.4", startedAt: at, seenAt: at, running: 1, alive: true },
    { id: "worker-b", machine: "m2", version: "0.1.0", terraform: null, startedAt: at, seenAt: at, running: 0, alive: false },
  ],
  billing: [
    { tenantId: "acme", readAt: at, nextAt: at, attempts: 0, error: null, hint: null },
    { tenantId: "globex", readAt: null, nextAt: at, attempts: 2, error: "AWS refuses ce:GetCostAndUsage", hint: "update the stack of its role" },
  ],
  limitedCallers: [{ day: "2026-03-01", caller: "address 192.0.2.7", refused: 1_200, lastAt: at }],
  days: [
    { day: "2026-02-28", cents: 7, billed: "all" },
    { day: "2026-03-01", cents: 6, billed: "none" },
  ],
};

describe("the platform at a glance", () => {
  it("says what needs somebody, in words", () => {
    const text = statsText(stats, 120);
    for (const said of [
      "2 of 10",
      "$1.96 a month for what stands",
      "$0.13 in the last 7 days, $0.13 in 2, 1 of them as billed.",
      "AWS throttles the account",
      "acme/sales waits for its clean-up, expired 2026-03-01 12:00 UTC",
      "Clean-up of acme/trial failed 2 times, next try after 2026-03-01 12:00 UTC: the bucket is locked",
      "$61.21 of $50.00",
      "acme, user ann",
      "2 d after its alert is delivered",
      "1 alert not told yet, and tried again: the receiver answered 503. 1 clean-up waits for an alert: the grace time",
      "DEAD, last seen 2026-03-01 12:00 UTC",
      "address 192.0.2.7",
      "1,200",
      "The bill of globex can't be read (2 tries, last read never, next try after 2026-03-01 12:00 UTC): AWS refuses ce:GetCostAndUsage\n  update the stack of its role",
    ])
      expect(text).toContain(said);
  });
  it("fits a narrow terminal: no table is wider", () => {
    const long = /^(Clean-up of|The bill of|acme\/sales waits|\$1\.96 a month)/; // sentences wrap by themselves
    const lines = statsText(stats, 44)
      .split("\n")
      .filter((line) => !long.test(line));
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(44);
  });
  it("leaves out what there is none of", () => {
    const quiet = statsText({ ...stats, operations: [], cleanups: [], workers: [], billing: [], limitedCallers: [] }, 80);
    for (const title of ["Operations", "Clean-up queue", "Bills", "Workers", "Callers"]) expect(quiet).not.toContain(title);
    expect(statsText({ ...stats, tenants: [] }, 80)).toContain("chartctl tenants add");
  });
});
