/** Deploys and purges against real books and a literal host: what happens in which order, and what holds when it stops in between. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeployWhat } from "../../../src/core/lifecycle/deploy.ts";
import { deploy } from "../../../src/core/lifecycle/deploy.ts";
import { purge } from "../../../src/core/lifecycle/purge.ts";
import { ChartctlError } from "../../../src/errors.ts";
import type { TestApi } from "../../control/support.ts";
import { provisionOf, testApi } from "../../control/support.ts";
import type { AppWorld } from "./app-stand-ins.ts";
import { appOf, appWorld } from "./app-stand-ins.ts";

let api: TestApi;
let at: AppWorld;

beforeEach(async () => {
  api = await testApi();
  at = appWorld(api);
  const { operation } = await at.ports.books.open(provisionOf("sales"));
  await at.ports.books.finish(operation, { outcome: "succeeded", standing: "something", outputs: { url: "https://app" }, accountId: "123456789012" });
});
afterEach(() => api.close());

const run = (what: DeployWhat = { from: { folder: "." } }) => deploy(at.ports, { projectId: "sales", what, idempotencyKey: randomUUID() });
const clear = (data = false) => purge(at.ports, { projectId: "sales", data, idempotencyKey: randomUUID() });
const project = async () => await at.ports.books.project("sales");
const releases = async () => (await at.ports.books.releases("sales")).map(({ number, status }) => `${number} ${status}`);
/** The content that answers on the URL, or the placeholder. */
const answering = async () => (await at.ports.probe("https://app/api/health", at.gentle.signal)).build;

describe("deploy", () => {
  it("uploads, publishes, asks, switches, asks outside, records: in this order", async () => {
    const done = await run();
    expect(at.did).toEqual([
      "live",
      "list",
      expect.stringMatching(/^upload site/),
      expect.stringMatching(/^upload site/),
      expect.stringMatching(/^upload code/),
      "publish",
      "ask 2",
      "ask 2",
      "switch 2",
      "probe",
    ]);
    expect(done).toMatchObject({ outcome: "deployed", release: { number: 1 }, uploaded: 3, project: { application: "deployed", release: { number: 1 } } });
    expect((await at.ports.books.releases("sales"))[0]).toMatchObject({ status: "live", version: "2", source: "folder /one" });
  });

  it("the same folder again changes nothing, and makes no release", async () => {
    await run();
    at.did.length = 0;
    expect(await run()).toMatchObject({ outcome: "unchanged", release: { number: 1 }, uploaded: 0 });
    expect(at.did).toEqual(["live", "list"]);
    expect(await releases()).toEqual(["1 live"]);
  });

  it("the same folder on a function with other settings publishes a version with those", async () => {
    await run();
    at.set.settings = "512 MB";
    expect(await run()).toMatchObject({ outcome: "deployed", release: { number: 2 }, uploaded: 0 });
    expect(at.alias.version).toBe("3");
  });

  it("uploads only what isn't there", async () => {
    await run();
    at.bucket.delete(appOf("one").files[0]?.key ?? "");
    at.set.content = "two";
    await run();
    at.set.content = "one";
    expect((await run()).uploaded).toBe(1);
  });

  it("a release that fails when asked directly is never switched to; the old one answers all along", async () => {
    await run();
    at.set.content = "two";
    at.set.broken.add("two");
    at.did.length = 0;
    await expect(run()).rejects.toMatchObject({
      kind: "failed",
      code: "app.unhealthy",
      message: expect.stringContaining("answered 500"),
      hint: expect.stringContaining("logs"),
    });
    expect(at.did.some((call) => call.startsWith("switch"))).toBe(false);
    expect(await answering()).toBe(appOf("one").build);
    expect(await releases()).toEqual(["2 failed", "1 live"]);
    expect((await project())?.application).toBe("deployed");
  });

  it("a release that fails through the URL is switched back", async () => {
    await run();
    at.set.content = "two";
    at.set.brokenOutside.add("two");
    await expect(run()).rejects.toMatchObject({ code: "app.unhealthy", message: expect.stringContaining("within 30 s") });
    expect(at.did.filter((call) => call.startsWith("switch"))).toEqual(["switch 2", "switch 3", "switch 2"]);
    expect(await answering()).toBe(appOf("one").build);
    expect(await releases()).toEqual(["2 failed", "1 live"]);
  });

  it("a broken first release leaves the placeholder, and something to purge", async () => {
    at.set.broken.add("one");
    await expect(run()).rejects.toMatchObject({ code: "app.unhealthy" });
    expect(at.alias.version).toBe("1");
    expect((await project())?.application).toBe("failed");
    expect(await clear()).toMatchObject({ outcome: "purged", emptied: { objects: 3 } });
    expect((await project())?.application).toBe("absent");
  });

  it("goes back to an earlier release without building or uploading", async () => {
    await run();
    at.set.content = "two";
    await run();
    at.did.length = 0;
    expect(await run({ rollback: 1 })).toMatchObject({ outcome: "deployed", release: { number: 3, build: appOf("one").build }, uploaded: 0 });
    expect(at.did).toEqual(["live", "list", "publish", "ask 2", "ask 2", "switch 2", "probe"]);
    expect(await releases()).toEqual(["3 live", "2 retired", "1 retired"]);
    expect(await answering()).toBe(appOf("one").build);
  });

  it.each([
    [9, "release.not-found"],
    [2, "release.never-good"],
  ])("refuses to go back to release %i: %s, and says which there are", async (rollback, code) => {
    await run();
    at.set.content = "two";
    at.set.broken.add("two");
    await run().catch(() => {});
    await expect(run({ rollback })).rejects.toMatchObject({ code, hint: expect.stringContaining("there is: 1") });
  });

  it("tries a failed release again, keeping what is uploaded", async () => {
    at.set.before = (call) => {
      if (call === "publish") throw new ChartctlError({ kind: "external", code: "aws.throttled", message: "slow" });
    };
    await expect(run()).rejects.toMatchObject({ code: "aws.throttled" });
    delete at.set.before;
    at.did.length = 0;
    expect(await run({ retry: true })).toMatchObject({ outcome: "deployed", release: { number: 2 }, uploaded: 0 });
    expect(await releases()).toEqual(["2 live", "1 failed"]);
    await expect(run({ retry: true })).rejects.toMatchObject({ code: "release.nothing-to-retry" });
  });

  it("tries again without its folder when all of it was uploaded, and says so when it wasn't", async () => {
    const gone = async () => {
      throw new ChartctlError({ kind: "usage", code: "app.no-folder", message: "gone" });
    };
    at.set.before = (call) => {
      if (call === "publish") throw new ChartctlError({ kind: "external", code: "aws.throttled", message: "slow" });
    };
    await run().catch(() => {});
    delete at.set.before;
    const { buildApp } = at.ports;
    at.ports = { ...at.ports, buildApp: gone };
    const code = [...at.bucket].find((key) => key.startsWith("code/")) ?? "";
    at.bucket.delete(code);
    await expect(run({ retry: true })).rejects.toMatchObject({ code: "release.source-gone", hint: expect.stringContaining("--source") });
    at.bucket.add(code);
    expect(await run({ retry: true })).toMatchObject({ outcome: "deployed", uploaded: 0 });
    at.ports = { ...at.ports, buildApp };
  });

  it("of a project that isn't there, or has nothing to deploy on, opens nothing", async () => {
    await expect(deploy(at.ports, { projectId: "none", what: { from: { folder: "." } }, idempotencyKey: randomUUID() })).rejects.toMatchObject({
      code: "project.not-found",
      hint: expect.stringContaining("provision"),
    });
    expect(at.did).toEqual([]);
  });

  it("Ctrl-C before the switch: interrupted, the old release answers, the next run goes on", async () => {
    at.set.before = (call) => {
      if (call === "ask 2") at.gentle.abort();
    };
    await expect(run()).rejects.toMatchObject({ kind: "interrupted" });
    expect(at.alias.version).toBe("1");
    at = Object.assign(appWorld(api), { bucket: at.bucket });
    expect((await project())?.operation?.status).toBe("interrupted");
  });

  it("another release that was switched to in between is left alone", async () => {
    at.set.before = (call) => {
      if (call.startsWith("switch")) at.alias.revision++;
    };
    await expect(run()).rejects.toThrow("switched by another");
    expect(at.alias.version).toBe("1");
  });
});

describe("the control API", () => {
  const unreachable = () => Promise.reject(new ChartctlError({ kind: "external", code: "api.unreachable", message: "no answer" }));
  const steps = ["recordRelease", "journal", "renewLease", "finish"] as const;

  it.each(steps)("that is away at `%s`: the old release answers or the new one, whole; the next run goes on", async (method) => {
    await run();
    at.set.content = "two";
    const { books } = at.ports;
    at.ports = { ...at.ports, books: { ...books, [method]: unreachable, ...(method === "finish" ? {} : { finish: unreachable }) } };
    await expect(run()).rejects.toMatchObject({ code: "api.unreachable" });
    expect([appOf("one").build, appOf("two").build]).toContain(await answering());
    at.ports = { ...at.ports, books };
    // The operation stays open until its lease ends, or its holder is seen to be gone.
    at.set.holder = { ...at.set.holder, pid: 2 };
    expect(await run()).toMatchObject({ outcome: "deployed" });
    expect(await answering()).toBe(appOf("two").build);
    expect((await releases())[0]).toMatch(/live$/);
  });

  it("that answers late is waited for", async () => {
    const { books } = at.ports;
    const late =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return await call(...args);
      };
    at.ports = { ...at.ports, books: { ...books, open: late(books.open), recordRelease: late(books.recordRelease), finish: late(books.finish) } };
    expect(await run()).toMatchObject({ outcome: "deployed" });
  });
});

describe("killed at any call to AWS", () => {
  class Killed extends Error {}
  /** The calls of a deploy over a live release, of a rollback and of a purge. */
  const scenarios: [string, () => Promise<unknown>, () => Promise<void>][] = [
    [
      "deploy",
      async () => {
        at.set.content = "two";
        return await run();
      },
      async () => {
        expect(await answering()).toBe(appOf("two").build);
        expect((await releases())[0]).toMatch(/live$/);
      },
    ],
    [
      "rollback",
      () => run({ rollback: 1 }),
      async () => {
        expect(await answering()).toBe(appOf("one").build);
      },
    ],
    [
      "purge",
      () => clear(true),
      async () => {
        expect(at.bucket.size).toBe(0);
        expect(at.versions).toHaveLength(1);
        expect((await project())?.application).toBe("absent");
      },
    ],
  ];

  it.each(scenarios)("%s: an answer is always whole, and a second run converges", async (name, act, holds) => {
    for (let dies = 1; ; dies++) {
      at.set.content = "one";
      await run();
      if (name === "rollback") {
        at.set.content = "between";
        await run();
      }
      let calls = 0;
      let never: (() => void) | undefined;
      const dead = new Promise<"dead">((resolve) => {
        // Dead is dead: it writes nothing any more, neither to AWS nor to the books.
        at.set.before = async () => {
          if (++calls < dies) return;
          resolve("dead");
          await new Promise<void>((_, reject) => {
            never = () => reject(new Killed());
          });
        };
      });
      const running = act();
      running.catch(() => {});
      const ended = await Promise.race([running.then(() => "done" as const), dead]);
      delete at.set.before;
      if (ended === "dead") {
        const between = await answering();
        expect([appOf("one").build, appOf("two").build, appOf("between").build, "placeholder"]).toContain(between);
        at.set.holder = { ...at.set.holder, pid: at.set.holder.pid + 1 };
        await act();
      }
      await holds();
      never?.(); // its writes are refused: another run has taken over
      await running.catch(() => {});
      await holds();
      if (ended === "done") {
        expect(dies).toBeGreaterThan(3);
        return;
      }
    }
  });
});

describe("purge", () => {
  it("lets the placeholder answer before anything is deleted; the table only when asked", async () => {
    await run();
    at.did.length = 0;
    expect(await clear()).toMatchObject({ outcome: "purged", emptied: { objects: 3, items: 0 } });
    expect(at.did).toEqual(["reset", "empty"]);
    expect(await clear(true)).toMatchObject({ emptied: { objects: 0, items: 3 } });
    expect(await answering()).toBe("placeholder");
  });

  it("asks, and does nothing without a yes", async () => {
    await run();
    at.did.length = 0;
    at.set.confirms = false;
    expect(await clear()).toMatchObject({ outcome: "declined" });
    expect(at.did).toEqual([]);
    expect((await project())?.application).toBe("deployed");
  });

  it("that is refused by AWS leaves the application failed, and the next one goes on", async () => {
    await run();
    at.set.before = (call) => {
      if (call === "empty") throw new ChartctlError({ kind: "refused", code: "purge.locked", message: "a.csv (locked until 2030)" });
    };
    await expect(clear()).rejects.toMatchObject({ code: "purge.locked" });
    expect((await project())?.application).toBe("failed");
    delete at.set.before;
    await clear();
    expect((await project())?.application).toBe("absent");
  });

  it("two at once: one works, the other is told", async () => {
    at.set.alive = true;
    // The first is held where it has begun: otherwise it may be over before the second is opened.
    let letGo = (): void => {};
    const goesOn = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let first: ReturnType<typeof clear> | undefined;
    const begun = new Promise<void>((resolve) => {
      at.set.before = async (call) => {
        if (call !== "empty") return;
        resolve();
        await goesOn;
      };
      first = clear();
    });
    await begun;
    await expect(clear()).rejects.toMatchObject({ code: "operation.running" });
    letGo();
    await expect(first).resolves.toMatchObject({ outcome: "purged" });
  });
});
