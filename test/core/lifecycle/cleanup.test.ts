/** The clean-up against real books, and literals for AWS and Terraform. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endpoints } from "../../../src/contract/endpoints.ts";
import { decide } from "../../../src/core/lifecycle/clean-up-rules.ts";
import type { CleanUpPorts } from "../../../src/core/lifecycle/cleanup.ts";
import { cleanUp } from "../../../src/core/lifecycle/cleanup.ts";
import { deploy } from "../../../src/core/lifecycle/deploy.ts";
import type { ProvisionInput } from "../../../src/core/lifecycle/provision.ts";
import { provision } from "../../../src/core/lifecycle/provision.ts";
import type { Unbooked } from "../../../src/core/ports.ts";
import { ChartctlError } from "../../../src/errors.ts";
import { readBill } from "../../control/bill.ts";
import type { TestApi } from "../../control/support.ts";
import { holder, testApi } from "../../control/support.ts";
import type { AppWorld } from "./app-stand-ins.ts";
import { appOf, appWorld } from "./app-stand-ins.ts";
import type { World } from "./stand-ins.ts";
import { blueprint, world } from "./stand-ins.ts";

let api: TestApi;
let infra: World;
let app: AppWorld;
let ports: CleanUpPorts;
let unbooked: Unbooked[];

beforeEach(async () => {
  api = await testApi();
  infra = world(api);
  app = appWorld(api);
  unbooked = [];
  ports = { ...infra.ports, openHost: app.ports.openHost, openRemoval: app.ports.openRemoval, findUnbooked: async () => unbooked };
});
afterEach(() => api.close());

const input = (more: Partial<ProvisionInput> = {}): ProvisionInput => ({
  projectId: "sales",
  blueprint: "serverless-web",
  region: "us-east-1",
  environment: "development",
  set: [],
  keepFailed: false,
  idempotencyKey: randomUUID(),
  ...more,
});
const stands = async (more: Partial<ProvisionInput> = {}) => await provision(infra.ports, input(more));
const deployed = async () => await deploy(app.ports, { projectId: "sales", what: { from: { folder: "." } }, idempotencyKey: randomUUID() });
const run = (more: { dryRun?: boolean; unbooked?: boolean; compare?: boolean; withJobs?: Set<string> } = {}) =>
  cleanUp(ports, { dryRun: false, unbooked: false, compare: true, ...more, onResult: () => {} });
const later = (seconds: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
};
const project = () => ports.books.project("sales");
const opened = (kind: "deploy" | "purge" | "destroy" | "provision") => ports.books.open({ idempotencyKey: randomUUID(), kind, projectId: "sales", holder });

describe("clean-up", () => {
  it("leaves alone what is as it should be", async () => {
    await stands();
    await deployed();
    expect(await run()).toEqual([]);
    expect((await project())?.application).toBe("deployed");
  });

  it("purges and destroys what has expired, with the reason in the audit, and nothing is left", async () => {
    await stands();
    await deployed();
    later(3_601);
    expect(await run({ dryRun: true })).toMatchObject([
      { projectId: "sales", action: "destroy", outcome: "planned", reason: expect.stringContaining("it expired") },
    ]);
    expect((await project())?.application).toBe("deployed");
    expect(await run()).toMatchObject([{ action: "destroy", outcome: "done" }]);
    expect(await project()).toBeUndefined();
    expect([infra.aws.size, app.bucket.size]).toEqual([0, 0]);
    const audit = await api.db.selectFrom("audit").select(["action", "after"]).execute();
    for (const action of ["operation.purge.opened", "operation.destroy.opened"])
      expect(audit.find((line) => line.action === action)?.after).toContain("it expired");
  });

  it("leaves what died, expired or vanished to the job that works on it", async () => {
    await stands();
    await opened("destroy");
    later(3_601);
    infra.aws.clear();
    expect(await run({ withJobs: new Set(["sales"]) })).toEqual([]);
    expect(await run({ withJobs: new Set(["others"]) })).toMatchObject([{ action: "destroy", outcome: "done" }]);
  });

  it("activity wins: renewed between the look and the lock, it stays", async () => {
    await stands();
    later(3_601);
    const { renewLease } = ports.books;
    const books = {
      ...ports.books,
      renewLease,
      open: async (request: Parameters<typeof ports.books.open>[0]) => {
        await api.db
          .updateTable("projects")
          .set({ expires_at: new Date(api.clock.now.getTime() + 60_000).toISOString() })
          .execute();
        return await ports.books.open(request);
      },
    };
    expect(await cleanUp({ ...ports, books }, { dryRun: false, unbooked: false, compare: true, onResult: () => {} })).toMatchObject([{ outcome: "active" }]);
    expect((await project())?.infrastructure).toBe("deployed");
  });

  it.each([3_600, -3_600])("a clock of ours that is off by %i s destroys nothing before its time: the books have the last word", async (seconds) => {
    await stands();
    await deployed();
    await opened("purge").then(({ operation }) => ports.books.finish(operation, { outcome: "failed", standing: "unchanged" }));
    const { operation } = await opened("deploy");
    infra.set.alive = true;
    ports = { ...ports, clock: { ...ports.clock, now: () => new Date(api.clock.now.getTime() + seconds * 1_000 + (seconds > 0 ? 60_000 : 0)) } };
    for (const { outcome } of await run()) expect(outcome).toBe("active");
    expect(await project()).toMatchObject({ infrastructure: "deployed", application: "deploying", operation: { id: operation.id, status: "running" } });
    await ports.books.renewLease(operation); // its holder never noticed
  });

  it("never expires what is to be kept", async () => {
    await stands({ ttlSeconds: null });
    later(10 * 365 * 86_400);
    expect(await run()).toEqual([]);
  });

  it("destroys a failed provision that left something; not one that its owner wants to look at, until it expires", async () => {
    infra.set.applyFails = new ChartctlError({ kind: "external", code: "aws.throttled", message: "slow" });
    infra.set.afterCreating = 1;
    await expect(stands({ keepFailed: true })).rejects.toThrow("slow");
    expect(await run()).toEqual([]);
    later(3_601);
    expect(await run()).toMatchObject([{ action: "destroy", outcome: "done" }]);
    expect(await project()).toBeUndefined();
  });

  it("never destroys for a failure what has stood: it has data", async () => {
    await stands();
    infra.state.delete(blueprint[2] ?? "");
    infra.set.applyFails = new ChartctlError({ kind: "external", code: "aws.throttled", message: "slow" });
    await expect(stands()).rejects.toThrow("slow");
    expect((await project())?.infrastructure).toBe("failed");
    expect(await run()).toEqual([]);
  });

  it("ends the booking of what failed once AWS has nothing of it, where it is known in which account that is", async () => {
    await stands();
    infra.set.applyFails = new ChartctlError({ kind: "external", code: "aws.throttled", message: "slow" });
    infra.state.delete(blueprint[2] ?? "");
    await expect(stands()).rejects.toThrow("slow");
    await expect(stands({ projectId: "elsewhere", keepFailed: true })).rejects.toThrow("slow");
    infra.aws.clear();
    const inAccount = async (account_id: string) => await api.db.updateTable("projects").set({ account_id }).where("id", "=", "sales").execute();
    const known = (await project())?.accountId;
    await inAccount("999988887777");
    expect(await run()).toEqual([]); // these credentials reach another account
    await inAccount(known ?? "");
    expect(await run({ compare: false })).toEqual([]);
    expect(await run()).toMatchObject([{ projectId: "sales", outcome: "done", reason: expect.stringContaining("AWS has nothing of it") }]);
    expect((await ports.books.projects()).map(({ id }) => id)).toEqual(["elsewhere"]);
  });

  it("goes on with what died: a first provision is destroyed, an update provisioned, a destroy and a purge finished", async () => {
    await stands();
    await deployed();
    await opened("purge");
    expect(await run()).toMatchObject([{ action: "purge", outcome: "done" }]);
    expect((await project())?.application).toBe("absent");

    const { books } = ports;
    await books.open({
      idempotencyKey: randomUUID(),
      kind: "provision",
      projectId: "sales",
      holder,
      desired: { blueprint: "serverless-web", region: "us-east-1", environment: "development", parameters: {} },
    });
    expect(await run()).toMatchObject([{ action: "provision", outcome: "done" }]);
    expect((await project())?.infrastructure).toBe("deployed");

    await opened("destroy");
    expect(await run()).toMatchObject([{ action: "destroy", outcome: "done" }]);
    expect(await project()).toBeUndefined();

    await books.open({
      idempotencyKey: randomUUID(),
      kind: "provision",
      projectId: "sales",
      holder,
      desired: { blueprint: "serverless-web", region: "us-east-1", environment: "development", parameters: {} },
    });
    expect(await run()).toMatchObject([{ action: "destroy", outcome: "done", reason: "its provision stopped before its end" }]);
    expect(await project()).toBeUndefined();
  });

  it("a running operation whose holder lives is left alone, until its lease ends", async () => {
    await stands();
    infra.set.alive = true;
    const { operation } = await opened("destroy");
    expect(await run()).toEqual([]);
    later(61);
    expect(await run()).toMatchObject([{ action: "destroy", outcome: "done" }]);
    await expect(ports.books.renewLease(operation)).rejects.toMatchObject({ code: "operation.fenced" });
  });

  it("after a deploy that died with the switch done, the release that the books call live answers again", async () => {
    await stands();
    await deployed();
    app.set.content = "two";
    const dead = new Promise<void>((resolve) => {
      app.set.before = async (call) => {
        if (call !== "probe") return;
        resolve();
        await new Promise(() => {}); // dead
      };
    });
    void deployed().catch(() => {});
    await dead;
    delete app.set.before;
    expect(app.alias.version).toBe("3");
    expect(await run()).toMatchObject([{ action: "settle", outcome: "done" }]);
    expect(app.alias.version).toBe("2");
    expect(await project()).toMatchObject({ application: "deployed", release: { number: 1, build: appOf("one").build } });
    expect(await run()).toEqual([]);
  });

  it("a failure is counted, waits longer each time, and keeps nobody else waiting", async () => {
    await stands();
    await stands({ projectId: "other" });
    infra.aws.clear();
    later(3_601);
    ports = {
      ...ports,
      openStack: async (spec, stackPorts) => {
        if (spec.identity.projectId === "other") throw new ChartctlError({ kind: "external", code: "aws.unreachable", message: "AWS is away" });
        return await infra.ports.openStack(spec, stackPorts);
      },
    };
    const first = await run();
    expect(first.map(({ projectId, outcome }) => `${projectId} ${outcome}`)).toEqual(["other failed", "sales done"]);
    expect(first[0]?.error).toEqual({ code: "aws.unreachable", message: "AWS is away" });
    expect((await ports.books.project("other"))?.cleanup).toMatchObject({ attempts: 1, error: "AWS is away" });
    expect(await run()).toMatchObject([{ projectId: "other", outcome: "waiting" }]);
    later(61);
    expect(await run()).toMatchObject([{ outcome: "failed" }]);
    expect((await ports.books.project("other"))?.cleanup?.attempts).toBe(2);
    later(121);
    ports = { ...ports, openStack: infra.ports.openStack };
    expect(await run()).toMatchObject([{ outcome: "done" }]);
  });

  it("what is booked and gone from AWS is proven gone, and its booking ends", async () => {
    await stands();
    infra.aws.clear();
    infra.state.clear();
    expect(await run()).toMatchObject([{ action: "destroy", outcome: "done", reason: expect.stringContaining("AWS has nothing of it") }]);
    expect(await project()).toBeUndefined();
  });

  it("what is in AWS and in no book is told; destroyed only when asked", async () => {
    unbooked = [
      {
        key: "abcdefghij",
        project: "lost",
        userId: "ana",
        region: "us-east-1",
        environment: "development",
        createdAt: "2026-01-01T00:00:00.000Z",
        names: ["bucket x"],
      },
    ];
    expect(await run()).toEqual([]); // the tagging API lists what is long gone
    for (const address of blueprint) infra.aws.add(address);
    expect(await run()).toMatchObject([{ projectId: "lost", outcome: "found", reason: expect.stringContaining("abcdefghij") }]);
    expect(infra.aws.size).toBe(3);
    expect(await run({ unbooked: true, dryRun: true })).toMatchObject([{ outcome: "planned" }]);
    expect(await run({ unbooked: true })).toMatchObject([{ action: "book and destroy", outcome: "done" }]);
    expect(infra.aws.size).toBe(0);
    expect((await ports.books.quota()).used.projects).toBe(0);
    expect(await run({ unbooked: true })).toEqual([]);
  });
});

it("a holder on another machine keeps its operation as long as its lease", async () => {
  await stands();
  const { project: held } = await opened("destroy");
  const now = api.clock.now;
  expect(decide(held, now, () => "elsewhere")).toBeUndefined();
  expect(decide(held, new Date(now.getTime() + 61_000), () => "elsewhere")).toMatchObject({ action: "destroy" });
});

describe("over its limit on actual costs", () => {
  const day = 86_400;
  const policy = async (overCost: { action: "alert" | "clean-up"; graceSeconds: number }, limits = {}) =>
    await api.call("acme")(endpoints.setQuota, { body: { overCost, limits } });
  const costs = async (amount: string) => readBill(api, { [(await project())?.key ?? ""]: amount });
  const keeps = { ttlSeconds: 20 * day };

  it("is told and stays, without another policy", async () => {
    await stands(keeps);
    await costs("75");
    later(10 * day);
    expect(await run()).toEqual([]);
  });

  it("waits for the end of the grace time, is shown with the time left, then is purged and destroyed, whatever activity there is", async () => {
    await policy({ action: "clean-up", graceSeconds: day });
    await stands(keeps);
    await deployed();
    await costs("61.2034");
    const why = "AWS has billed it $61.21 this month, its limit is $50.00";
    later(day - 3_600);
    expect(await run({ dryRun: true })).toEqual([
      { projectId: "sales", action: "wait", outcome: "waiting", reason: `${why}; it is destroyed in 1 h, at 2026-01-02T12:00:00.000Z` },
    ]);
    expect(await run()).toMatchObject([{ outcome: "waiting" }]);
    await deployed(); // activity doesn't save it
    expect((await project())?.application).toBe("deployed");
    later(3_600);
    expect(await run({ dryRun: true })).toMatchObject([{ action: "destroy", outcome: "planned" }]);
    expect(await run()).toMatchObject([{ action: "destroy", outcome: "done" }]);
    expect([await project(), infra.aws.size, app.bucket.size]).toEqual([undefined, 0, 0]);
    const audit = await api.db.selectFrom("audit").select(["action", "after"]).execute();
    for (const action of ["operation.purge.opened", "operation.destroy.opened"]) expect(audit.find((line) => line.action === action)?.after).toContain(why);
  });

  it("waits for its alert, where somebody is to be told, and says so", async () => {
    await policy({ action: "clean-up", graceSeconds: day });
    await stands(keeps);
    await readBill({ ...api, receives: true }, { [(await project())?.key ?? ""]: "75" });
    later(10 * day);
    const why = "AWS has billed it $75.00 this month, its limit is $50.00";
    expect(await run()).toEqual([
      { projectId: "sales", action: "wait", outcome: "waiting", reason: `${why}; it is destroyed 1 d after its alert is delivered` },
    ]);
  });

  it.each([
    ["the limit is raised", async () => policy({ action: "clean-up", graceSeconds: day }, { projectMonthlyCents: 8_000 })],
    ["the policy is taken back", async () => policy({ action: "alert", graceSeconds: day })],
    ["the bill is corrected", async () => costs("10")],
  ])("%s between the decision and the operation: nothing is purged, nothing destroyed", async (_, change) => {
    await policy({ action: "clean-up", graceSeconds: day });
    await stands(keeps);
    await deployed();
    await costs("75");
    later(day);
    const books: typeof ports.books = {
      ...ports.books,
      open: async (request) => {
        await change();
        return await ports.books.open(request);
      },
    };
    expect(await cleanUp({ ...ports, books }, { dryRun: false, unbooked: false, compare: true, onResult: () => {} })).toMatchObject([{ outcome: "active" }]);
    expect(await project()).toMatchObject({ infrastructure: "deployed", application: "deployed", operation: { kind: "deploy" }, cleanup: null });
    expect(infra.aws.size).toBeGreaterThan(0);
  });

  it("a clean-up that fails is counted, and goes on later; a purge alone is half of it", async () => {
    await policy({ action: "clean-up", graceSeconds: day });
    await stands(keeps);
    await deployed();
    await costs("75");
    later(day);
    infra.set.leftovers = [{ kind: "thing", name: "a role", ours: true }];
    expect(await run()).toMatchObject([{ outcome: "failed" }]);
    expect(await project()).toMatchObject({ application: "absent", cleanup: { attempts: 1, error: expect.stringContaining("a role") } });
    infra.set.leftovers = [];
    later(61);
    expect(await run()).toMatchObject([{ outcome: "done" }]);
    expect(await project()).toBeUndefined();
  });

  it("counts no more when the month turns, and an expiry counts first", async () => {
    await policy({ action: "clean-up", graceSeconds: day });
    await stands(keeps);
    await costs("75");
    const marked = await project();
    if (!marked) throw new Error("no project");
    const gone = () => "gone" as const;
    expect(decide(marked, new Date("2026-01-31T23:59:59.000Z"), gone)).toMatchObject({ only: { onlyExpired: true } });
    expect(decide(marked, new Date("2026-01-31T23:59:59.000Z"), gone, true)).toMatchObject({ only: { onlyOverCost: true } }); // whatever jobs there are
    const kept = { ...marked, expiresAt: null };
    expect(decide(kept, new Date("2026-01-31T23:59:59.000Z"), gone)).toMatchObject({ action: "destroy", only: { onlyOverCost: true } });
    expect(decide(kept, new Date("2026-02-01T00:00:00.000Z"), gone)).toBeUndefined();
  });
});
