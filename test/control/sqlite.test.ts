import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sql } from "kysely";
import Libsql from "libsql";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keyFromFile, sealWith } from "../../src/control/store/seal.ts";
import { openSqlite, storeError } from "../../src/control/store/sqlite.ts";
import { provisionOf, testApi } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "chartctl-sqlite-"));
/** Inside the checkout: libsql, a native package, is found from there. */
const worker = fileURLToPath(new URL(`../../node_modules/.chartctl-test-worker-${process.pid}.mjs`, import.meta.url));
let file: string;
let count = 0;

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("./worker.ts", import.meta.url))],
    outfile: worker,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["libsql"],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(worker, { force: true });
});
beforeEach(() => {
  file = join(folder, String(count++), "chartctl.db");
});

const run = (...args: string[]) => {
  const child = spawn(process.execPath, [worker, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  return {
    child,
    ended: new Promise<{ code: number | null; text: string }>((resolve) => child.on("close", (code) => resolve({ code, text }))),
    said: () => text,
  };
};

describe("the SQLite store", () => {
  it("is made by several processes at once, and each can book: exactly the limit, over all", async () => {
    const runs = await Promise.all(Array.from({ length: 6 }, (_, number) => run(file, String(number), "10").ended));
    expect(runs.map(({ code, text }) => (code === 0 ? "" : text))).toEqual(runs.map(() => ""));
    expect(runs.reduce((sum, { text }) => sum + Number(text), 0)).toBe(10);
  });

  it("keeps every answered booking when its process is killed", async () => {
    const { child, ended, said } = run(file, "0", "100000", "say");
    while (said().split("\n").length < 30) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGKILL");
    const { text } = await ended;
    const answered = text.split("\n").slice(0, -1).length; // the last line may be cut
    const db = openSqlite(file);
    const { booked } = await db
      .selectFrom("projects")
      .select((select) => select.fn.countAll<number>().as("booked"))
      .executeTakeFirstOrThrow();
    expect(booked).toBeGreaterThanOrEqual(answered);
    expect(booked).toBeLessThanOrEqual(answered + 1);
    await db.destroy();
  });

  it("admits exactly what fits in dollars of 50 bookings at once from several processes", async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, (_, number) => run(file, String(number), "5", "", "3000").ended));
    expect(runs.map(({ code }) => code)).toEqual(runs.map(() => 0));
    // $100 a user at $30 each
    expect(runs.reduce((sum, { text }) => sum + Number(text), 0)).toBe(3);
  });

  it("is made whole when many processes open a new file at once, and is for its owner's eyes only", async () => {
    for (let round = 0; round < 3; round++) {
      file = join(folder, `many-${round}`, "chartctl.db");
      const runs = await Promise.all(Array.from({ length: 8 }, (_, number) => run(file, String(number), "0").ended));
      expect(runs).toEqual(runs.map(() => ({ code: 0, text: "0" })));
    }
    const db = openSqlite(file);
    await db.deleteFrom("quotas").execute();
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(file, ".."))) expect(`${name} ${(statSync(join(file, "..", name)).mode & 0o777).toString(8)}`).toBe(`${name} 600`);
    await db.destroy();
  });

  it("holds the write lock from a transaction's first read on: what was read still holds when it writes", async () => {
    const db = openSqlite(file);
    const other = new Libsql(file, { timeout: 0 });
    await db.transaction().execute(async (tx) => {
      await tx.selectFrom("projects").selectAll().execute();
      expect(() => other.exec("delete from quotas")).toThrow(/locked/);
    });
    other.exec("delete from quotas");
    other.close();
    await db.destroy();
  });

  it.runIf(process.platform === "linux")("comes back from a file system that takes no folders", () => {
    expect(() => openSqlite("/proc/chartctl/data/chartctl.db")).toThrow(expect.objectContaining({ code: "store.unwritable" }));
  });

  it("refuses a damaged key file instead of sealing with it", () => {
    const key = join(file, "..", "master.key");
    mkdirSync(join(file, ".."));
    writeFileSync(key, "short\n");
    expect(() => keyFromFile(key)).toThrow(expect.objectContaining({ code: "store.key-damaged" }));
  });

  it.each([
    ["database is locked", "store.busy"],
    ["disk I/O error", "store.io"],
    ["database or disk is full", "store.disk-full"],
    ["attempt to write a readonly database", "store.unwritable"],
    ["database disk image is malformed", "store.corrupt"],
  ])("knows SQLite's words %j as %s", (words, code) => {
    expect(storeError(new Error(words), file)).toMatchObject({ code, kind: "failed", hint: expect.any(String) });
  });

  it("refuses a schema that is newer than the program", () => {
    mkdirSync(join(file, ".."));
    const db = new Libsql(file);
    db.exec("pragma user_version = 999");
    db.close();
    expect(() => openSqlite(file)).toThrow(expect.objectContaining({ code: "store.newer-schema", hint: expect.stringContaining("npm install") }));
  });

  it.each([
    [
      "a file that is no database",
      "store.corrupt",
      () => {
        mkdirSync(join(file, ".."));
        writeFileSync(file, "no database at all ".repeat(500));
      },
    ],
    ["a folder that can't be made", "store.unwritable", () => writeFileSync(join(file, ".."), "a file stands here")],
  ])("says what is wrong with %s", (_, code, prepare) => {
    prepare();
    expect(() => openSqlite(file)).toThrow(expect.objectContaining({ code, kind: "failed" }));
  });
});

describe("seals", () => {
  it("open with their key and place alone", () => {
    const key = join(folder, "keys", "master.key");
    const seal = sealWith(keyFromFile(key));
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const sealed = seal.seal("secret state", "project/a");
    expect(sealed).not.toContain("secret");
    expect(sealWith(keyFromFile(key)).open(sealed, "project/a")).toBe("secret state");
    expect(() => seal.open(sealed, "project/b")).toThrow(expect.objectContaining({ code: "store.sealed" }));
    expect(() => sealWith(Buffer.alloc(32)).open(sealed, "project/a")).toThrow(expect.objectContaining({ code: "store.sealed" }));
    expect(() => seal.open(`${sealed.slice(0, -4)}AAAA`, "project/a")).toThrow(expect.objectContaining({ code: "store.sealed" }));
  });
});

it("says that a full disk is full, and keeps what was booked", async () => {
  const api = await testApi({ limits: { projectsPerUser: 10_000, userMonthlyCents: 1e9 } });
  await sql`pragma max_page_count = 150`.execute(api.db);
  let booked = 0;
  const fill = async () => {
    for (; booked < 5_000; booked++) await api?.books("acme").open(provisionOf(`p${booked}`));
  };
  await expect(fill()).rejects.toMatchObject({ code: "store.disk-full", hint: expect.stringContaining("free some space") });
  expect(await api.books("acme").quota()).toMatchObject({ used: { projects: booked } });
  await sql`pragma max_page_count = 100000`.execute(api.db);
  await api.books("acme").open(provisionOf("again"));
});
