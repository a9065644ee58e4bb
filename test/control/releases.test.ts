/** Releases in the books: numbered, live one at a time, never lost, and the application's status that follows from them. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenOperation, RecordRelease } from "../../src/contract/lifecycle-endpoints.ts";
import type { Books } from "../../src/core/ports.ts";
import type { TestApi } from "./support.ts";
import { destroyOf, holder, provisionOf, testApi } from "./support.ts";

let api: TestApi;
let books: Books;

beforeEach(async () => {
  api = await testApi();
  books = api.books("acme");
  const { operation } = await books.open(provisionOf("sales"));
  await books.finish(operation, { outcome: "succeeded", standing: "something", outputs: { url: "https://app" } });
});
afterEach(() => api.close());

const open = (kind: OpenOperation["kind"], more: Partial<OpenOperation> = {}) =>
  books.open({ idempotencyKey: randomUUID(), kind, projectId: "sales", holder, ...more });
const facts = (build: string): RecordRelease => ({
  build: build.repeat(64),
  codeSha256: build,
  files: 3,
  bytes: 100,
  source: "folder /app",
  health: "/api/health",
});
const status = async () => (await books.project("sales"))?.application;

/** A deploy that went well. */
async function deployed(build: string): Promise<void> {
  const { operation } = await open("deploy");
  await books.recordRelease(operation, facts(build));
  await books.finish(operation, { outcome: "succeeded", standing: "something", version: build });
}

describe("releases", () => {
  it("are numbered from 1; a good one is live and retires the one before", async () => {
    await deployed("1");
    await deployed("2");
    expect((await books.releases("sales")).map(({ number, status: is, version }) => [number, is, version])).toEqual([
      [2, "live", "2"],
      [1, "retired", "1"],
    ]);
    expect(await books.project("sales")).toMatchObject({ application: "deployed", release: { number: 2, files: 3 } });
    expect((await books.projects())[0]?.release?.number).toBe(2);
  });

  it("are one an operation, however often they are recorded", async () => {
    const { operation } = await open("deploy");
    const first = await books.recordRelease(operation, facts("1"));
    expect(await books.recordRelease(operation, facts("1"))).toEqual(first);
    expect(await books.releases("sales")).toHaveLength(1);
  });

  it("a failed one leaves the old one live", async () => {
    await deployed("1");
    const { operation } = await open("deploy");
    expect(await status()).toBe("deploying");
    await books.recordRelease(operation, facts("2"));
    await books.finish(operation, { outcome: "failed", standing: "something", error: { code: "app.unhealthy", message: "no" } });
    expect((await books.releases("sales")).map((release) => release.status)).toEqual(["failed", "live"]);
    expect((await books.releases("sales"))[0]?.error?.code).toBe("app.unhealthy");
    expect(await status()).toBe("deployed");
  });

  it("a failed first one leaves something to purge; one that recorded nothing leaves nothing", async () => {
    const none = await open("deploy");
    await books.finish(none.operation, { outcome: "failed", standing: "unchanged" });
    expect(await status()).toBe("absent");
    const first = await open("deploy");
    await books.recordRelease(first.operation, facts("1"));
    await books.finish(first.operation, { outcome: "failed", standing: "something" });
    expect(await status()).toBe("failed");
    await expect(books.open(destroyOf("sales"))).rejects.toMatchObject({ code: "application.active" });
  });

  it("a dead deploy's is failed when another run takes over, and the old one still is live", async () => {
    await deployed("1");
    const { operation } = await open("deploy");
    await books.recordRelease(operation, facts("2"));
    const next = await open("deploy", { holderGone: { operationId: operation.id } });
    expect(next.takenOver?.id).toBe(operation.id);
    expect(next.project.release?.number).toBe(1);
    expect((await books.releases("sales"))[0]).toMatchObject({ number: 2, status: "failed", error: { code: "interrupted" } });
    await expect(books.recordRelease(operation, facts("3"))).rejects.toMatchObject({ code: "operation.fenced" });
    await books.finish(next.operation, { outcome: "failed", standing: "unchanged" });
    expect(await status()).toBe("deployed");
  });

  it("only a deploy makes one, and it can't succeed without", async () => {
    const purge = await open("purge");
    await expect(books.recordRelease(purge.operation, facts("1"))).rejects.toMatchObject({ code: "release.kind" });
    await books.finish(purge.operation, { outcome: "failed", standing: "unchanged" });
    const deploy = await open("deploy");
    await expect(books.finish(deploy.operation, { outcome: "succeeded", standing: "something" })).rejects.toMatchObject({ code: "release.missing" });
  });

  it("a purge ends all of them, and the project can be destroyed", async () => {
    await deployed("1");
    await expect(books.open(destroyOf("sales"))).rejects.toMatchObject({
      code: "application.active",
      message: expect.stringContaining("release 1 with 3 files"),
    });
    const { operation } = await open("purge");
    expect(await status()).toBe("purging");
    await books.finish(operation, { outcome: "succeeded", standing: "something" });
    expect(await books.project("sales")).toMatchObject({ application: "absent", release: null });
    expect((await books.releases("sales")).map((release) => release.status)).toEqual(["purged"]);
    expect((await books.open(destroyOf("sales"))).project.infrastructure).toBe("destroying");
  });

  it("an interrupted purge is gone on with: nothing else passes for the application", async () => {
    await deployed("1");
    const { operation } = await open("purge");
    await books.finish(operation, { outcome: "interrupted", standing: "something" });
    expect(await status()).toBe("purging");
    await expect(books.open(destroyOf("sales"))).rejects.toMatchObject({ code: "application.active" });
    const again = await open("purge");
    await books.finish(again.operation, { outcome: "succeeded", standing: "something" });
    expect(await status()).toBe("absent");
  });

  it("needs infrastructure that stands", async () => {
    const { operation } = await books.open(provisionOf("half"));
    await books.finish(operation, { outcome: "failed", standing: "something" });
    await expect(open("deploy", { projectId: "half" })).rejects.toMatchObject({ code: "project.not-deployed", hint: "chartctl provision -p half" });
    await expect(open("deploy", { projectId: "none" })).rejects.toMatchObject({ code: "project.not-found" });
  });
});

describe("clean-up in the books", () => {
  it("acts only on what has expired: activity wins under the lock", async () => {
    await expect(open("purge", { onlyExpired: true, reason: "expired" })).rejects.toMatchObject({ code: "project.active-again" });
    api.clock.now = new Date(api.clock.now.getTime() + 3_600_000);
    const { operation, project } = await open("purge", { onlyExpired: true, reason: "expired" });
    expect(Date.parse(project.expiresAt ?? "")).toBe(api.clock.now.getTime()); // what a machine does is no activity
    await books.finish(operation, { outcome: "succeeded", standing: "something" });
    expect(Date.parse((await books.project("sales"))?.expiresAt ?? "")).toBe(api.clock.now.getTime());
  });

  it("waits longer after each failure, up to six hours, and forgets when an operation succeeds", async () => {
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt++) {
      const { cleanup } = await books.recordCleanup("sales", "AWS is down");
      expect(cleanup).toMatchObject({ attempts: attempt, error: "AWS is down" });
      waits.push((Date.parse(cleanup?.nextAt ?? "") - api.clock.now.getTime()) / 60_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
    const { operation } = await open("purge");
    await books.finish(operation, { outcome: "succeeded", standing: "something" });
    expect((await books.project("sales"))?.cleanup).toBeNull();
  });
});
