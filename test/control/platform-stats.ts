/** A platform with everything on it, for its pages: many tenants, failures, a dead worker, hostile names. */
import type { Stats } from "../../src/contract/stats.ts";
import { statsSchema } from "../../src/contract/stats.ts";

const at = "2026-03-14T12:03:20.000Z";
export const hostile = `<script>alert("1")</script><img src=x onerror=alert(2)>`;

const minutes = (count: number): string => new Date(Date.parse(at) + count * 60_000).toISOString();
const tenantIds = ["acme", "blue-harbour", "corvid", "delta-labs", "easel", "fjord"];
const userIds = ["ann", "bela", "chidi", "dora"];
const names = ["sales", "intake", "forecast", "wiki", "tickets", "survey", "ledger", "atlas", "beacon", "quotes"];

export function richStats(): Stats {
  const projects: Stats["projects"] = tenantIds.flatMap((tenantId, tenant) =>
    names.map((name, at) => ({
      tenantId,
      projectId: at % 4 === 3 ? `${name}-staging` : name,
      userId: userIds[(tenant + at) % (2 + (tenant % 3))] ?? "ann",
      infrastructure: (tenant * 7 + at) % 17 === 5 ? "failed" : (tenant * 5 + at) % 23 === 9 ? "provisioning" : "deployed",
      application: (tenant + at) % 5 === 2 ? "absent" : (tenant * 3 + at) % 29 === 4 ? "deploying" : (tenant * 11 + at) % 31 === 6 ? "failed" : "deployed",
      monthlyCents: 120 + ((tenant * 977 + at * 613) % 3_900),
      expiresAt: at % 6 === 4 ? null : minutes(((tenant * 53 + at * 37) % 700) - 40),
    })),
  );
  const of = (tenantId: string) => projects.filter((project) => project.tenantId === tenantId);
  const cents = (some: Stats["projects"]) => some.reduce((sum, { monthlyCents }) => sum + monthlyCents, 0);
  return statsSchema.parse({
    at,
    tenants: tenantIds.map((tenantId, index) => ({
      tenantId,
      users: 2 + (index % 3) + (index === 0 ? 9 : 0),
      projects: of(tenantId).length,
      applications: of(tenantId).filter(({ application }) => application === "deployed").length,
      monthlyCents: cents(of(tenantId)),
      failed: of(tenantId).filter(({ infrastructure, application }) => infrastructure === "failed" || application === "failed").length,
      expired: of(tenantId).filter(({ expiresAt }) => expiresAt !== null && expiresAt <= at).length,
    })),
    users: tenantIds.flatMap((tenantId, tenant) =>
      userIds.slice(0, 2 + (tenant % 3)).map((userId, index) => {
        const own = of(tenantId).filter((project) => project.userId === userId);
        return {
          tenantId,
          userId,
          projects: own.length,
          projectsLimit: tenant === 0 && index === 0 ? own.length : 10,
          monthlyCents: cents(own),
          monthlyCentsLimit: tenant === 2 ? Math.ceil(cents(own) * 1.04) : 20_000,
        };
      }),
    ),
    projects,
    operations: [
      { id: "op7", tenantId: "acme", projectId: "sales", kind: "deploy", status: "running", openedAt: minutes(-1), finishedAt: null, error: null },
      { id: "op6", tenantId: "corvid", projectId: "tickets", kind: "provision", status: "running", openedAt: minutes(-3), finishedAt: null, error: null },
      { id: "op5", tenantId: "fjord", projectId: "atlas", kind: "destroy", status: "running", openedAt: minutes(-8), finishedAt: null, error: null },
      {
        id: "op4",
        tenantId: "acme",
        projectId: "ledger",
        kind: "provision",
        status: "failed",
        openedAt: minutes(-41),
        finishedAt: minutes(-37),
        error: { code: "aws.access-denied", message: "AWS refuses iam:CreateRole to the role of tenant acme: the permissions boundary is missing" },
      },
      {
        id: "op3",
        tenantId: "delta-labs",
        projectId: "wiki-staging",
        kind: "deploy",
        status: "failed",
        openedAt: minutes(-190),
        finishedAt: minutes(-189),
        error: { code: "deploy.unhealthy", message: `The new version answers 500 to GET /api/health: ${hostile}` },
      },
      {
        id: "op2",
        tenantId: "easel",
        projectId: "survey",
        kind: "destroy",
        status: "failed",
        openedAt: minutes(-410),
        finishedAt: minutes(-380),
        error: {
          code: "terraform.apply",
          message: `Error: deleting S3 Bucket (chart-k3v9q2m7xa-survey-site): operation error S3: DeleteBucket, https response error StatusCode: 409, BucketNotEmpty: The bucket you tried to delete is not empty. ${"You must delete all versions in the bucket. ".repeat(3)}`,
        },
      },
      {
        id: "op1",
        tenantId: "blue-harbour",
        projectId: "quotes",
        kind: "purge",
        status: "interrupted",
        openedAt: minutes(-900),
        finishedAt: null,
        error: null,
      },
    ],
    cleanups: [
      { tenantId: "easel", projectId: "survey", attempts: 4, nextAt: minutes(22), expiresAt: minutes(-410), error: `The bucket isn't empty: ${hostile}` },
      {
        tenantId: "acme",
        projectId: "ledger",
        attempts: 1,
        nextAt: minutes(4),
        expiresAt: null,
        error: "AWS refuses iam:DeleteRole to the role of tenant acme",
      },
      { tenantId: "corvid", projectId: "intake", attempts: 0, nextAt: null, expiresAt: minutes(-12), error: null },
    ],
    overLimits: [
      {
        tenantId: "acme",
        projectId: "sales",
        userId: "ann",
        of: "project",
        month: "2026-03",
        since: minutes(-1_700),
        amount: "61.2034",
        limitCents: 5_000,
        cleanUpAt: minutes(1_180),
        warning: { alertId: "msg_1", graceSeconds: 172_800 },
      },
      {
        tenantId: "fjord",
        projectId: "atlas",
        userId: "bela",
        of: "user",
        month: "2026-03",
        since: minutes(-90),
        amount: "130.07",
        limitCents: 10_000,
        cleanUpAt: null,
        warning: { alertId: "msg_2", graceSeconds: 86_400 },
      },
      {
        tenantId: "fjord",
        projectId: null,
        userId: "bela",
        of: "user",
        month: "2026-03",
        since: minutes(-90),
        amount: "130.07",
        limitCents: 10_000,
        cleanUpAt: null,
        warning: null,
      },
    ],
    alerts: {
      receiver: "set",
      waiting: 2,
      failing: 1,
      givenUp: 1,
      oldestAt: minutes(-300),
      cleanUps: 1,
      lastError: `the receiver answered 503 ${hostile}`,
      reasons: [
        { status: "given-up", error: `the receiver answered 503 ${hostile}`, tried: true, alerts: 1 },
        { status: "failing", error: `the receiver answered 503 ${hostile}`, tried: true, alerts: 1 },
      ],
      untagged: ["acme"],
    },
    jobs: { queued: 4, running: 3, waiting: 1, failedToday: 2 },
    workers: [
      {
        id: "worker.1",
        machine: "dyno-7f3a",
        version: "0.1.0",
        terraform: "terraform 1.11.4",
        startedAt: minutes(-1_600),
        seenAt: minutes(-0.05),
        running: 2,
        alive: true,
      },
      {
        id: "worker.2",
        machine: "dyno-21bc",
        version: "0.1.0",
        terraform: "terraform 1.11.4",
        startedAt: minutes(-1_600),
        seenAt: minutes(-4),
        running: 1,
        alive: false,
      },
      { id: "worker.3", machine: "dyno-90de", version: "0.1.0", terraform: null, startedAt: minutes(-55), seenAt: minutes(-0.02), running: 1, alive: true },
    ],
    billing: [
      { tenantId: "acme", readAt: minutes(-200), nextAt: minutes(1_240), attempts: 0, error: null, hint: null },
      {
        tenantId: "corvid",
        readAt: minutes(-4_000),
        nextAt: minutes(95),
        attempts: 3,
        error: "Cost Explorer is not enabled in this AWS account",
        hint: "an administrator of the account opens Cost Explorer once",
      },
    ],
    limitedCallers: [
      { day: "2026-03-14", caller: `session ${hostile}`, refused: 118, lastAt: minutes(-2) },
      { day: "2026-03-14", caller: "token 5be1c0ffee90aa12 (corvid/ci)", refused: 64, lastAt: minutes(-34) },
      { day: "2026-03-13", caller: "203.0.113.77", refused: 9, lastAt: minutes(-1_020) },
    ],
    days: Array.from({ length: 30 }, (_, index) => ({
      day: new Date(Date.parse(at) - (29 - index) * 86_400_000).toISOString().slice(0, 10),
      cents: Math.round(1_450 + index * 38 + 420 * Math.sin(index * 0.9) + (index === 17 ? 1_300 : 0) - (index === 29 ? 1_500 : 0)),
      billed: index > 27 ? "none" : index > 26 ? "some" : "all",
    })),
  });
}

/** A platform on its first day. */
export const emptyStats = (): Stats =>
  statsSchema.parse({
    at,
    tenants: [],
    users: [],
    projects: [],
    operations: [],
    cleanups: [],
    overLimits: [],
    alerts: { receiver: "none", waiting: 0, failing: 0, givenUp: 0, oldestAt: null, cleanUps: 0, lastError: null, reasons: [], untagged: [] },
    jobs: { queued: 0, running: 0, waiting: 0, failedToday: 0 },
    workers: [],
    billing: [],
    limitedCallers: [],
    days: [],
  });
