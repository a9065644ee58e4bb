import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TestApi } from "./support.ts";
import { destroyOf, holder, proof, provisionOf, testApi } from "./support.ts";

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});
afterEach(() => api.close());

const later = (seconds: number): void => {
  api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
};
const refused = (code: string) => expect.objectContaining({ code });

describe("a project's life in the books", () => {
  it("absent → provisioning → deployed → destroying → absent", async () => {
    const books = api.books("acme");
    const { operation, project, fresh } = await books.open(provisionOf("sales"));
    expect({ fresh, status: project.infrastructure, fence: operation.fence, expiresAt: project.expiresAt }).toEqual({
      fresh: true,
      status: "provisioning",
      fence: 1,
      expiresAt: "2026-01-01T13:00:00.000Z",
    });
    await books.saveState(operation, { serial: 1, lineage: "l", body: "{}" });
    const { project: deployed } = await books.finish(operation, {
      outcome: "succeeded",
      standing: "something",
      stateSerial: 1,
      outputs: { url: "https://x" },
      accountId: "123456789012",
    });
    expect(deployed).toMatchObject({
      infrastructure: "deployed",
      outputs: { url: "https://x" },
      accountId: "123456789012",
      operation: { status: "succeeded" },
    });

    const destroying = await books.open(destroyOf("sales"));
    expect(destroying).toMatchObject({ fresh: false, project: { infrastructure: "destroying" }, operation: { fence: 2 } });
    expect((await books.finish(destroying.operation, { outcome: "succeeded", standing: "nothing", receipt: proof() })).project).toBeNull();
    expect(await books.project("sales")).toBeUndefined();
    expect((await books.quota()).used).toEqual({ projects: 0, monthlyCents: 0 });
  });

  it("gives a project made anew another key", async () => {
    const books = api.books("acme");
    const keys = new Set<string>();
    for (let time = 0; time < 20; time++) {
      const { operation, project } = await books.open(provisionOf("sales"));
      keys.add(project.key);
      expect(project.key).toMatch(/^[a-z0-9]{10}$/);
      await books.finish(operation, { outcome: "cancelled", standing: "nothing" });
    }
    expect(keys.size).toBe(20);
  });

  it.each([
    ["cancelled", "nothing", undefined],
    ["failed", "nothing", undefined],
    ["failed", "something", "failed"],
    ["interrupted", "something", "provisioning"],
  ] as const)("a first provision that is %s with %s standing leaves it %s", async (outcome, standing, after) => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.finish(operation, { outcome, standing });
    expect((await books.project("sales"))?.infrastructure).toBe(after);
    expect((await books.quota()).used.projects).toBe(after === undefined ? 0 : 1);
  });

  it("a first provision that changed nothing ends its booking", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.finish(operation, { outcome: "cancelled", standing: "unchanged" });
    expect(await books.project("sales")).toBeUndefined();
  });

  it.each([
    ["destroy", "failed"],
    ["destroy", "interrupted"],
    ["provision", "failed"],
    ["provision", "cancelled"],
  ] as const)("a later %s that %s can't end the booking by just saying that nothing stands", async (kind, outcome) => {
    const books = api.books("acme");
    const first = await books.open(provisionOf("sales"));
    await books.finish(first.operation, { outcome: "succeeded", standing: "something" });
    const { operation } = await books.open(kind === "destroy" ? destroyOf("sales") : provisionOf("sales"));
    expect((await books.finish(operation, { outcome, standing: "nothing" })).project?.infrastructure).toBe("failed");
    expect((await books.quota()).used.projects).toBe(1);
  });

  it.each(["deploy", "purge"] as const)("a %s that failed says nothing of the infrastructure", async (kind) => {
    const books = api.books("acme");
    const first = await books.open(provisionOf("sales"));
    await books.finish(first.operation, { outcome: "succeeded", standing: "something" });
    const { operation } = await books.open(destroyOf("sales", { kind }));
    expect((await books.finish(operation, { outcome: "failed", standing: "nothing" })).project?.infrastructure).toBe("deployed");
  });

  it("refuses to destroy under an active application, and says what to do first", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.finish(operation, { outcome: "succeeded", standing: "something" });
    for (const application of ["deploying", "deployed", "purging", "failed"]) {
      await api.db.updateTable("projects").set({ application }).execute();
      await expect(books.open(destroyOf("sales"))).rejects.toMatchObject({
        kind: "conflict",
        code: "application.active",
        message: expect.stringContaining("purge the application first"),
        hint: expect.stringContaining("chartctl purge -p sales"),
      });
    }
  });

  it("a declined update leaves a deployed project deployed", async () => {
    const books = api.books("acme");
    const first = await books.open(provisionOf("sales"));
    await books.finish(first.operation, { outcome: "succeeded", standing: "something" });
    const second = await books.open(provisionOf("sales"));
    expect(second.project.infrastructure).toBe("provisioning");
    await books.finish(second.operation, { outcome: "cancelled", standing: "unchanged" });
    expect((await books.project("sales"))?.infrastructure).toBe("deployed");
  });

  it("a destroy without a whole proof doesn't end the booking", async () => {
    const books = api.books("acme");
    const first = await books.open(provisionOf("sales"));
    await books.finish(first.operation, { outcome: "succeeded", standing: "something" });
    const { operation } = await books.open(destroyOf("sales"));
    for (const receipt of [undefined, { ...proof(), reads: [] }, proof("present"), { ...proof(), stateResources: 1 }]) {
      await expect(books.finish(operation, { outcome: "succeeded", standing: "nothing", ...(receipt ? { receipt } : {}) })).rejects.toEqual(
        refused("destroy.unproven"),
      );
    }
    expect((await books.quota()).used.projects).toBe(1);
  });

  it("closes only when the newest state is stored", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.saveState(operation, { serial: 3, lineage: "l", body: "three" });
    await expect(books.finish(operation, { outcome: "succeeded", standing: "something", stateSerial: 4 })).rejects.toEqual(refused("state.not-stored"));
    await books.saveState(operation, { serial: 2, lineage: "l", body: "late" });
    expect(await books.state("sales")).toEqual({ serial: 3, lineage: "l", body: "three" });
  });

  it("can't move to another region", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.finish(operation, { outcome: "succeeded", standing: "something" });
    const moved = provisionOf("sales");
    await expect(books.open({ ...moved, desired: { ...moved.desired, region: "us-west-2" } as never })).rejects.toEqual(refused("project.region-fixed"));
  });
});

describe("leases and fences", () => {
  it("a live lease is a conflict; renewed, it lives on; ended, it is taken over and its holder is fenced", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    const other = { ...holder, pid: 2 };
    await expect(books.open(provisionOf("sales", { holder: other }))).rejects.toEqual(refused("operation.running"));
    later(50);
    await books.renewLease(operation);
    later(50);
    await expect(books.open(provisionOf("sales", { holder: other }))).rejects.toEqual(refused("operation.running"));
    later(11);
    const taken = await books.open(destroyOf("sales", { holder: other }));
    expect(taken).toMatchObject({ takenOver: { id: operation.id, status: "interrupted" }, operation: { fence: 2 }, fresh: false });
    for (const write of [
      () => books.renewLease(operation),
      () => books.journal(operation, { step: "apply", phase: "done" }),
      () => books.saveState(operation, { serial: 9, lineage: "l", body: "old" }),
      () => books.finish(operation, { outcome: "succeeded", standing: "something" }),
    ]) {
      await expect(write()).rejects.toEqual(refused("operation.fenced"));
    }
    expect(await books.state("sales")).toBeUndefined();
  });

  it("a dead holder on the same machine has lost it at once; nobody else can say so", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    const holderGone = { operationId: operation.id };
    await expect(books.open(provisionOf("sales", { holder: { ...holder, machine: "elsewhere" }, holderGone }))).rejects.toEqual(refused("operation.running"));
    await expect(books.open(provisionOf("sales", { holderGone: { operationId: "op-other" } }))).rejects.toEqual(refused("operation.running"));
    expect((await books.open(provisionOf("sales", { holderGone }))).takenOver?.id).toBe(operation.id);
  });

  it.each([
    // who asks, what they saw, seconds since the lease began, credentials' seconds, taken over?
    ["here", false, 59, undefined, false],
    ["here", false, 60, undefined, true],
    ["here", false, 60, 900, true],
    ["here", true, 1, 900, true],
    ["elsewhere", true, 1, undefined, false],
    ["elsewhere", true, 61, 900, false],
    ["elsewhere", false, 60, undefined, true],
    ["elsewhere", false, 60, 30, true],
    ["elsewhere", false, 899, 900, false],
    ["elsewhere", false, 900, 900, true],
  ] as const)("take-over from %s (saw it gone: %s) after %i s, credentials for %s s: %s", async (machine, sawGone, seconds, credentials, taken) => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.renewLease(operation, credentials === undefined ? undefined : new Date(api.clock.now.getTime() + credentials * 1_000));
    later(seconds);
    const asked = books.open(provisionOf("sales", { holder: { ...holder, machine }, ...(sawGone ? { holderGone: { operationId: operation.id } } : {}) }));
    if (taken) expect((await asked).takenOver).toMatchObject({ id: operation.id, status: "interrupted" });
    else await expect(asked).rejects.toMatchObject({ code: "operation.running", details: { operationId: operation.id, holder } });
  });

  it("another machine waits until the old holder's credentials have ended", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.renewLease(operation, new Date(api.clock.now.getTime() + 900_000));
    const elsewhere = { ...holder, machine: "elsewhere" };
    later(61);
    await expect(books.open(provisionOf("sales", { holder: elsewhere }))).rejects.toEqual(refused("operation.running"));
    later(840);
    expect((await books.open(provisionOf("sales", { holder: elsewhere }))).takenOver?.id).toBe(operation.id);
  });

  it("the same key gets the same answer, and another body is refused", async () => {
    const books = api.books("acme");
    const request = provisionOf("sales");
    const first = await books.open(request);
    expect(await books.open(request)).toEqual(first);
    await expect(books.open({ ...request, projectId: "other" })).rejects.toEqual(refused("idempotency.mismatch"));
  });
});

describe("tenants", () => {
  it("see nothing of each other", async () => {
    await api.books("acme").open(provisionOf("sales"));
    const other = api.books("globex");
    expect(await other.project("sales")).toBeUndefined();
    await expect(other.open(destroyOf("sales"))).rejects.toEqual(refused("project.not-found"));
    expect((await other.open(provisionOf("sales"))).fresh).toBe(true);
  });

  it("can't write another tenant's operation", async () => {
    const { operation } = await api.books("acme").open(provisionOf("sales"));
    await expect(api.books("globex").renewLease(operation)).rejects.toEqual(refused("operation.fenced"));
    await expect(api.books("globex").finish(operation, { outcome: "failed", standing: "nothing" })).rejects.toEqual(refused("operation.fenced"));
  });
});
