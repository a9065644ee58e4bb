/** What a person reads of a project and of a clean-up. */
import chalk from "chalk";
import { beforeAll, describe, expect, it } from "vitest";
import type { Project } from "../../src/contract/resources.ts";
import { bytesText } from "../../src/ui/bytes.ts";
import { cleanupText } from "../../src/ui/cleanup.ts";
import { projectText } from "../../src/ui/project.ts";

beforeAll(() => {
  chalk.level = 0;
});

const now = new Date("2026-01-01T12:00:00.000Z");
const project: Project = {
  version: 1,
  key: "abcdefghij",
  id: "sales",
  tenantId: "acme",
  userId: "ana",
  blueprint: "serverless-web",
  region: "us-east-1",
  environment: "development",
  accountId: "123456789012",
  parameters: {},
  monthlyCents: 98,
  infrastructure: "deployed",
  application: "deployed",
  createdAt: "2026-01-01T10:00:00.000Z",
  lastActivityAt: "2026-01-01T11:00:00.000Z",
  ttlSeconds: 3_600,
  expiresAt: "2026-01-01T13:00:00.000Z",
  outputs: { url: "https://abc.execute-api.us-east-1.amazonaws.com" },
  keepFailed: false,
  release: { number: 3, build: "0".repeat(64), files: 1, bytes: 1_536, createdAt: "2026-01-01T10:30:00.000Z" },
  cleanup: null,
  overCost: null,
  operation: null,
};
const text = (more: Partial<Project> = {}) => projectText({ ...project, ...more }, now, 120, (url) => url.replace("https://abc", "http://here"));

describe("a project", () => {
  it("shows its release, and its URL as it is reached from here", () => {
    expect(text()).toContain("3 (1 file, 1.5 kB)");
    expect(text()).toContain("http://here.execute-api");
    expect(text()).not.toContain("Warning");
  });

  it.each([
    ["2026-01-01T12:09:59.000Z", true],
    ["2026-01-01T12:10:00.000Z", false],
    ["2026-01-01T11:00:00.000Z", true],
    [null, false],
  ])("that expires at %s: warned of in words, with the command: %s", (expiresAt, warned) => {
    expect(text({ expiresAt }).includes("keep it: chartctl projects renew -t acme -p sales")).toBe(warned);
  });

  it.each<[Partial<Project>, string]>([
    [{ application: "absent", release: null }, "chartctl deploy-app -t acme -p sales, or chartctl destroy"],
    [{}, "chartctl open -t acme -p sales, or chartctl purge"],
    [{ application: "failed" }, "chartctl purge -t acme -p sales, or chartctl deploy-app"],
    [{ infrastructure: "failed", application: "absent" }, "chartctl provision -t acme -p sales, or chartctl destroy"],
  ])("%j: next %s", (more, next) => expect(text(more)).toContain(next));

  it("says what its clean-up fails at, and when it is tried again", () => {
    expect(text({ cleanup: { attempts: 2, nextAt: "2026-01-01T12:04:00.000Z", error: "AWS is away" } })).toContain(
      "failed 2 times, next at 2026-01-01 12:04 UTC: AWS is away",
    );
  });
});

describe("a project over its limit", () => {
  const over = { of: "project", month: "2026-01", since: "2026-01-01T10:00:00.000Z", amount: "61.2034", limitCents: 5_000 } as const;
  const warning = { alertId: "msg_1", graceSeconds: 172_800 };
  it.each([
    [{ cleanUpAt: null, warning: null }, "it stays, and goes on costing"],
    [{ cleanUpAt: null, warning }, "purged and destroyed 2 d after its alert is delivered (chartctl alerts)"],
    [{ cleanUpAt: "2026-01-02T11:00:00.000Z", warning }, "purged and destroyed in 23 h (2026-01-02 11:00 UTC)"],
    [{ cleanUpAt: "2026-01-01T11:00:00.000Z", warning }, "purged and destroyed at any time now"],
  ])("%j: says what comes of it", (fate, said) => {
    const shown = text({ overCost: { ...over, ...fate } }).replace(/\s+/g, " ");
    expect(shown).toContain("its limit is $50.00 (since 2026-01-01 10:00 UTC)");
    expect(shown).toContain(said);
  });
});

describe("a clean-up", () => {
  const one = { tenantId: "acme", projectId: "sales", action: "destroy", reason: "it expired 5 min ago" } as const;
  it("says what, why, and what to do next", () => {
    expect(cleanupText([], false)).toBe("Nothing to clean up.");
    expect(cleanupText([{ ...one, outcome: "planned" }], true)).toMatchInlineSnapshot(`
      "would  acme/sales: destroy
          because it expired 5 min ago
      Nothing was changed. Do it: chartctl cleanup --yes"
    `);
    expect(cleanupText([{ ...one, outcome: "failed", error: { code: "aws.unreachable", message: "AWS is away" } }], false)).toContain("AWS is away");
    expect(cleanupText([{ ...one, action: "book and destroy", outcome: "found" }], false)).toContain("chartctl cleanup --unbooked --yes");
  });
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [1_536_000, "1.5 MB"],
  [5e12, "5000.0 GB"],
])("%i bytes: %s", (bytes, expected) => expect(bytesText(bytes)).toBe(expected));
