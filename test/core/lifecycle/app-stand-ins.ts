/** An application's host as a literal: a bucket is a set of keys, a function a list of versions and an alias. The books are real. */
import { createHash } from "node:crypto";
import type { Holder } from "../../../src/contract/resources.ts";
import type { AppObject, BuiltApp } from "../../../src/core/app-ports.ts";
import type { DeployPorts } from "../../../src/core/lifecycle/deploy.ts";
import type { PurgePorts } from "../../../src/core/lifecycle/purge.ts";
import type { ProgressEvent } from "../../../src/core/ports.ts";
import type { TestApi } from "../../control/support.ts";

export interface AppWorld {
  ports: DeployPorts & PurgePorts;
  bucket: Set<string>;
  versions: { version: string; codeSha256: string }[];
  /** The version that answers. */
  alias: { version: string; revision: number };
  /** Calls to AWS, in order. */
  did: string[];
  events: ProgressEvent[];
  gentle: AbortController;
  /** What a test sets. */
  set: {
    /** The content of the application's folder. */
    content: string;
    /** Builds (by content) whose health answers 500. */
    broken: Set<string>;
    /** Builds that work when asked directly, and don't through the URL. */
    brokenOutside: Set<string>;
    confirms: boolean;
    holder: Holder;
    alive: boolean;
    /** Called before each call to AWS: a test throws here what AWS says, or dies. */
    before?: (call: string) => void | Promise<void>;
    /** Function settings that a version takes over. */
    settings: string;
  };
}

const sha = (text: string): Buffer => createHash("sha256").update(text).digest();

export function appOf(content: string): BuiltApp {
  const file = (name: string): AppObject => ({
    key: `site/${sha(name + content).toString("hex")}`,
    type: "text/html",
    cache: "",
    gzip: false,
    size: 10,
    read: async () => Buffer.from(content),
  });
  const code = sha(`code ${content}`);
  return {
    build: sha(content).toString("hex"),
    files: [file("a"), file("b")],
    code: { ...file("code"), key: `code/${code.toString("hex")}.zip` },
    codeSha256: code.toString("base64"),
    bytes: 30,
    health: "/api/health",
    source: `folder /${content}`,
  };
}

export function appWorld(api: TestApi): AppWorld {
  const did: string[] = [];
  const events: ProgressEvent[] = [];
  const gentle = new AbortController();
  const bucket = new Set<string>();
  const world: AppWorld = {
    bucket,
    versions: [{ version: "1", codeSha256: "placeholder" }],
    alias: { version: "1", revision: 1 },
    did,
    events,
    gentle,
    set: {
      content: "one",
      broken: new Set(),
      brokenOutside: new Set(),
      confirms: true,
      holder: { machine: "here", pid: 1, startedAt: "boot-1" },
      alive: false,
      settings: "256 MB",
    },
    ports: undefined as never,
  };
  const settings = new Map<string, string>([["1", "256 MB"]]);
  const call = async (name: string): Promise<void> => {
    await world.set.before?.(name);
    did.push(name);
  };
  const contents = new Map<string, string>();
  const buildOf = (version: string): string | undefined => {
    const found = world.versions.find((one) => one.version === version);
    return found && contents.get(found.codeSha256);
  };
  const answerOf = (version: string, broken: Set<string>[]) => {
    const content = buildOf(version);
    if (content === undefined) return { status: 200, build: "placeholder", body: "" };
    const bad = broken.some((set) => set.has(content));
    return { status: bad ? 500 : 200, build: appOf(content).build, body: bad ? "it broke" : "fine" };
  };
  world.ports = {
    books: api.books("acme"),
    clock: {
      now: () => api.clock.now,
      sleep: async (milliseconds, signal) => {
        if (milliseconds >= 15_000) return await new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true })); // the lease's beat
        api.clock.now = new Date(api.clock.now.getTime() + milliseconds);
      },
    },
    processes: { self: () => world.set.holder, look: () => (world.set.alive ? "running" : "gone") },
    credentials: {
      account: async () => "123456789012",
      issue: async () => ({ accessKeyId: "id", secretAccessKey: "secret" }),
      kind: async () => "tenant-role",
    },
    buildApp: async () => {
      const built = appOf(world.set.content);
      contents.set(built.codeSha256, world.set.content);
      return built;
    },
    openHost: () => ({
      stored: async () => {
        await call("list");
        return new Set(bucket);
      },
      upload: async (objects, done) => {
        for (const object of objects) {
          await call(`upload ${object.key.slice(0, 8)}`);
          bucket.add(object.key);
          done(object);
        }
      },
      live: async () => {
        await call("live");
        const { version, revision } = world.alias;
        const codeSha256 = world.versions.find((one) => one.version === version)?.codeSha256 ?? "";
        return { version, revision: String(revision), current: settings.get(version) === world.set.settings, codeSha256 };
      },
      publish: async ({ key, codeSha256 }) => {
        await call("publish");
        if (!bucket.has(key)) throw new Error(`no ${key}`);
        const found = world.versions.find((one) => one.codeSha256 === codeSha256 && settings.get(one.version) === world.set.settings);
        if (found) return found.version;
        const version = String(world.versions.length + 1);
        world.versions.push({ version, codeSha256 });
        settings.set(version, world.set.settings);
        return version;
      },
      ask: async (version) => {
        await call(`ask ${version}`);
        return answerOf(version, [world.set.broken]);
      },
      switchTo: async (version, revision) => {
        await call(`switch ${version}`);
        if (revision !== String(world.alias.revision)) throw new Error("switched by another");
        world.alias = { version, revision: world.alias.revision + 1 };
        return { revision: String(world.alias.revision) };
      },
    }),
    openRemoval: () => ({
      reset: async () => {
        await call("reset");
        world.alias = { version: "1", revision: world.alias.revision + 1 };
        world.versions.splice(1);
      },
      emptyBucket: async () => {
        await call("empty");
        const objects = bucket.size;
        bucket.clear();
        return { objects, uploads: 0, items: 0 };
      },
      clearTable: async () => {
        await call("clear");
        return { objects: 0, uploads: 0, items: 3 };
      },
    }),
    probe: async () => {
      await call("probe");
      return answerOf(world.alias.version, [world.set.broken, world.set.brokenOutside]);
    },
    reach: (url) => url,
    progress: (event) => void events.push(event),
    confirm: async () => world.set.confirms,
    interrupt: { gentle: gentle.signal, now: new AbortController().signal },
  };
  return world;
}
