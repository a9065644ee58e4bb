/**
 * A stand-in for Heroku: its Platform API, the store of sources and the log streams. It judges each request by Heroku's
 * published schema, answers as documented (builds, add-ons and releases take their time), and can fail any call.
 */
import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AddOn, App, Build, Dyno, Formation, Release } from "@heroku-cli/schema";
import { faultsOfAnswer, faultsOfRequest } from "./heroku-schema.ts";

/** `before`: dropped, and not done. `after`: done, and the answer is lost. */
export type HerokuFault = "before" | "after" | "429" | "500" | "500-after";

export interface HerokuCall {
  method: string;
  path: string;
  body: unknown;
}

export interface Hosted {
  app: Partial<App> & { name: string };
  buildpacks: string[];
  addons: (Partial<AddOn> & { looks: number })[];
  config: Record<string, string>;
  builds: {
    id: string;
    status: Build["status"];
    created_at: string;
    output_stream_url: string;
    source_blob: { url: string; version: string; checksum: string };
    release: { id: string } | null;
    source: Buffer;
    looks: number;
  }[];
  releases: (Partial<Release> & { looks: number })[];
  formation: Map<string, { quantity: number; size: string }>;
  dynos: (Partial<Dyno> & { looks: number })[];
  /** By name: each runs on as it was for one look after it was started anew, and starts for another one. */
  processes: Map<string, { now: Partial<Dyno>; before: Partial<Dyno> | undefined; looks: number }>;
  logs: string[];
}

export interface HerokuStandIn {
  url: string;
  token: string;
  apps: Map<string, Hosted>;
  /** Every call that reached it, in order; the store's and the streams' too. */
  calls: HerokuCall[];
  /** What the schema had against them. */
  faults: string[];
  /** Asked at each call, by its number from 0. */
  fail: (index: number, call: HerokuCall) => HerokuFault | undefined;
  /** Names that are somebody else's. */
  taken: Set<string>;
  /** Fails the next builds, or the releases that come of them. */
  failNext: { build?: boolean; release?: boolean; addon?: boolean };
  /** What the router of each app shows; the test's own platform otherwise. */
  webUrl: (name: string) => string;
  /** Runs a one-off dyno's command; its exit status. */
  run: (command: string, env: Record<string, string>, app: Hosted) => Promise<number> | number;
  /** When a build has worked, with its unpacked source. */
  built: (source: Buffer, app: Hosted) => Promise<void> | void;
  /** Processes that never come up, by name. */
  crashed: Set<string>;
  /** After each change of config or formation, and when it is asked for: processes start anew. */
  restarted: (app: Hosted) => Promise<void> | void;
  remaining: number;
  close(): Promise<void>;
}

const now = (): string => new Date().toISOString();
const account = { id: randomUUID(), email: "operator@example.org" };
const types = ["web", "worker"];
/** A test's own platform is on this machine, and Heroku's never are. */
const asOnHeroku = (document: unknown): unknown =>
  /^http:/.test((document as { web_url?: string }).web_url ?? "") ? { ...(document as object), web_url: "https://some.herokuapp.com/" } : document;
const buildOutput = ["-----> Building on the Heroku-24 stack", "-----> Node.js app detected"];

export async function startHeroku(): Promise<HerokuStandIn> {
  const sources = new Map<string, Buffer>();
  const sessions = new Map<string, string[]>();
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      standIn.faults.push(`the stand-in failed: ${String(error)}`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const standIn: HerokuStandIn = {
    url,
    token: `HRKU-${randomUUID()}`,
    apps: new Map(),
    calls: [],
    faults: [],
    fail: () => undefined,
    taken: new Set(),
    failNext: {},
    crashed: new Set(),
    webUrl: (name) => `https://${name}-0123456789ab.herokuapp.com/`,
    run: () => 0,
    built: () => {},
    restarted: () => {},
    remaining: 4_500,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await bytesOf(request);
    const method = request.method ?? "GET";
    const path = new URL(request.url ?? "/", url).pathname;
    const outside = /^\/(sources|streams|logs)-/.test(path);
    const body: unknown = bytes.length > 0 && !outside ? JSON.parse(bytes.toString("utf8")) : undefined;
    const call = { method, path: outside ? path.replace(/[0-9a-f-]{36}$/, "ID") : path, body };
    const index = standIn.calls.push(call) - 1;
    const fault = standIn.fail(index, call);
    if (fault === "before") return void request.socket.destroy();
    if (fault === "429") return send(response, 429, { id: "rate_limit", message: "Your account reached the API rate limit" }, { "retry-after": "1" });
    if (fault === "500") return send(response, 500, { id: "internal_server_error", message: "Internal server error." });
    const answer = outside ? stored(method, path, bytes) : await api(method, path, body, request);
    if (fault === "after") return void request.socket.destroy();
    if (fault === "500-after") return send(response, 503, { id: "unavailable", message: "Try again." });
    if (typeof answer.document === "string") return void response.writeHead(answer.status, { "content-type": "text/plain" }).end(answer.document);
    send(response, answer.status, answer.document);
  }

  function send(response: ServerResponse, status: number, document: unknown, headers: Record<string, string> = {}): void {
    standIn.remaining--;
    const all = { "content-type": "application/json", "ratelimit-remaining": String(Math.max(0, standIn.remaining)), "request-id": randomUUID(), ...headers };
    response.writeHead(status, all).end(JSON.stringify(document ?? {}));
  }

  function stored(method: string, path: string, bytes: Buffer): Answer {
    const id = path.slice(path.indexOf("-") + 1);
    if (path.startsWith("/sources-") && method === "PUT") {
      sources.set(id, bytes);
      return { status: 200, document: "" };
    }
    const lines = path.startsWith("/streams-") ? buildOutput : sessions.get(id);
    if (lines === undefined || method !== "GET") return { status: 404, document: "" };
    return { status: 200, document: lines.map((line) => `${line}\n`).join("") };
  }

  async function api(method: string, path: string, body: unknown, request: IncomingMessage): Promise<Answer> {
    const wrong = faultsOfRequest(method, path, body);
    if (request.headers.accept !== "application/vnd.heroku+json; version=3") wrong.push(`${method} ${path} accepts ${request.headers.accept}`);
    if (body !== undefined && request.headers["content-type"] !== "application/json") wrong.push(`${method} ${path} sends ${request.headers["content-type"]}`);
    standIn.faults.push(...wrong);
    if (wrong.length > 0) return refused(400, "bad_request", wrong.join("; "));
    if (request.headers.authorization !== `Bearer ${standIn.token}`) return refused(401, "unauthorized", "Invalid credentials provided.");
    const answer = await route(method, path.split("/").slice(1).map(decodeURIComponent), (body ?? {}) as Record<string, never>);
    if (answer.resource && answer.status < 400)
      for (const one of Array.isArray(answer.document) ? answer.document : [answer.document])
        standIn.faults.push(...faultsOfAnswer(answer.resource, asOnHeroku(one)));
    return answer;
  }

  async function route(method: string, [first, name = "", part, id]: string[], body: Record<string, never>): Promise<Answer> {
    if (first === "account") return ok("account", { ...account, verified: true, created_at: now() });
    if (first === "sources") {
      const source = randomUUID();
      return ok("source", { source_blob: { get_url: `${url}/sources-${source}`, put_url: `${url}/sources-${source}` } }, 201);
    }
    if ((first === "apps" && name === "") || first === "teams") return createApp(body);
    const hosted = standIn.apps.get(name);
    if (!hosted)
      return standIn.taken.has(name) ? refused(403, "forbidden", "You do not have access to the app") : refused(404, "not_found", "Couldn't find that app.");
    const parts: Record<string, () => Answer | Promise<Answer>> = {
      "": () => ofApp(method, hosted, body),
      "buildpack-installations": () => buildpacks(method, hosted, body),
      addons: () => addons(method, hosted, body, id),
      "config-vars": () => configVars(method, hosted, body),
      builds: () => builds(method, hosted, body, id),
      releases: () => releases(hosted, id),
      formation: () => formation(method, hosted, body),
      dynos: () => dynos(method, hosted, body, id),
      "log-sessions": () => logSession(hosted, body),
    };
    return (await parts[part ?? ""]?.()) ?? refused(404, "not_found", "The requested API endpoint was not found.");
  }

  function createApp({ name, stack, region, team }: Record<string, string | undefined>): Answer {
    if (!name) return refused(422, "invalid_params", "Name is missing");
    if (standIn.taken.has(name) || standIn.apps.has(name)) return refused(422, "invalid_params", `Name ${name} is already taken`);
    const app: Hosted["app"] = {
      id: randomUUID(),
      name,
      web_url: standIn.webUrl(name),
      build_stack: { id: randomUUID(), name: stack ?? "heroku-24" },
      region: { id: randomUUID(), name: region ?? "us" },
      team: team ? { id: randomUUID(), name: team } : null,
      slug_size: null,
      created_at: now(),
    };
    standIn.apps.set(name, {
      app,
      buildpacks: [],
      addons: [],
      config: {},
      builds: [],
      releases: [],
      formation: new Map(),
      dynos: [],
      processes: new Map(),
      logs: [],
    });
    return ok("app", app, 201);
  }

  function ofApp(method: string, { app }: Hosted, { build_stack }: { build_stack?: string }): Answer {
    if (method === "DELETE") standIn.apps.delete(app.name);
    if (build_stack) app.build_stack = { id: randomUUID(), name: build_stack };
    return ok("app", app);
  }

  function buildpacks(method: string, hosted: Hosted, { updates = [] }: { updates?: { buildpack: string }[] }): Answer {
    if (method === "PUT") hosted.buildpacks = updates.map(({ buildpack }) => buildpack);
    return ok(
      "buildpack-installation",
      hosted.buildpacks.map((name, ordinal) => ({ ordinal, buildpack: { name, url: `urn:buildpack:${name}` } })),
    );
  }

  function addons(method: string, hosted: Hosted, { plan }: { plan?: string }, id: string | undefined): Answer {
    if (method === "POST" && plan) {
      const service = plan.split(":")[0] ?? plan;
      const made = {
        id: randomUUID(),
        name: `${service}-cubic-${hosted.addons.length + 1}`,
        state: "provisioning" as const,
        addon_service: { id: randomUUID(), name: service },
        plan: { id: randomUUID(), name: plan.includes(":") ? plan : `${plan}:free` },
        app: { id: hosted.app.id ?? "", name: hosted.app.name },
        created_at: now(),
        looks: 2,
      };
      hosted.addons.push(made);
      return ok("add-on", shown(made), 201);
    }
    for (const addon of hosted.addons) {
      if (addon.state !== "provisioning" || --addon.looks > 0) continue;
      addon.state = standIn.failNext.addon ? "deprovisioned" : "provisioned";
      standIn.failNext.addon = false;
      if (addon.state === "provisioned" && addon.addon_service?.name === "heroku-postgresql")
        hosted.config.DATABASE_URL ??= "postgres://user:secret@db.example.org:5432/db";
    }
    return ok("add-on", id ? hosted.addons.filter((one) => one.id === id).map(shown)[0] : hosted.addons.map(shown));
  }

  async function configVars(method: string, hosted: Hosted, body: Record<string, string | null>): Promise<Answer> {
    if (method === "PATCH") {
      for (const [name, value] of Object.entries(body)) {
        if (value === null) delete hosted.config[name];
        else hosted.config[name] = value;
      }
      meant(hosted, 0); // they ran before
      release(hosted, `Set ${Object.keys(body).join(", ")} config vars`);
      await startAnew(hosted);
    }
    return { status: 200, document: hosted.config };
  }

  async function builds(
    method: string,
    hosted: Hosted,
    { source_blob }: { source_blob?: { url: string; version: string; checksum: string } },
    id: string | undefined,
  ): Promise<Answer> {
    if (method === "POST" && source_blob) {
      const source = sources.get(source_blob.url.slice(source_blob.url.lastIndexOf("/sources-") + 9));
      const right = source && source_blob.checksum === `SHA256:${createHash("sha256").update(source).digest("hex")}`;
      if (!right) return refused(422, "invalid_params", "The source is not there, or not what its checksum says");
      const made: Hosted["builds"][number] = {
        id: randomUUID(),
        status: "pending",
        created_at: new Date(Date.now() + hosted.builds.length).toISOString(),
        output_stream_url: "",
        source_blob,
        release: null,
        looks: 2,
        source,
      };
      made.output_stream_url = `${url}/streams-${made.id}`;
      hosted.builds.push(made);
      return ok("build", shownBuild(made), 201);
    }
    for (const build of hosted.builds) {
      if (build.status !== "pending" || --build.looks > 0) continue;
      build.status = standIn.failNext.build ? "failed" : "succeeded";
      standIn.failNext.build = false;
      if (build.status !== "succeeded") continue;
      await standIn.built(build.source, hosted);
      hosted.app.slug_size = build.source.length;
      const made = release(hosted, "Deploy", standIn.failNext.release ? "failed" : "pending");
      standIn.failNext.release = false;
      build.release = { id: made.id ?? "" };
      for (const type of types) if (!hosted.formation.has(type)) hosted.formation.set(type, { quantity: type === "web" ? 1 : 0, size: "Basic" });
      renew(hosted);
    }
    return ok("build", id ? hosted.builds.filter((one) => one.id === id).map(shownBuild)[0] : hosted.builds.map(shownBuild));
  }

  function releases(hosted: Hosted, id: string | undefined): Answer {
    for (const one of hosted.releases) if (one.status === "pending" && --one.looks <= 0) one.status = "succeeded";
    return ok("release", id ? hosted.releases.filter((one) => one.id === id).map(shown)[0] : hosted.releases.slice(-1).map(shown));
  }

  function release(hosted: Hosted, description: string, status: Release["status"] = "succeeded"): Partial<Release> {
    const version = hosted.releases.length + 1;
    const made: Partial<Release> = {
      id: randomUUID(),
      version,
      status,
      description,
      current: status === "succeeded",
      created_at: now(),
      output_stream_url: null,
    };
    hosted.releases.push({ ...made, looks: 2 });
    return made;
  }

  async function formation(
    method: string,
    hosted: Hosted,
    { updates = [] }: { updates?: { type: string; quantity?: number; dyno_size?: { name: string } }[] },
  ): Promise<Answer> {
    if (method === "PATCH") {
      for (const { type, quantity, dyno_size } of updates) {
        const there = hosted.formation.get(type);
        if (!there) return refused(404, "not_found", `Couldn't find that process type (${type}).`);
        hosted.formation.set(type, { quantity: quantity ?? there.quantity, size: dyno_size?.name ?? there.size });
      }
      meant(hosted, 1);
      await standIn.restarted(hosted);
    }
    const all = [...hosted.formation].map(
      ([type, { quantity, size }]): Partial<Formation> => ({
        id: randomUUID(),
        type,
        quantity,
        size,
        dyno_size: { id: randomUUID(), name: size },
        command: `node_modules/.bin/chartctl ${type}`,
        app: { id: hosted.app.id ?? "", name: hosted.app.name },
        created_at: now(),
        updated_at: now(),
      }),
    );
    return ok("formation", all);
  }

  async function dynos(
    method: string,
    hosted: Hosted,
    { command, env = {} }: { command?: string; env?: Record<string, string> },
    id: string | undefined,
  ): Promise<Answer> {
    if (method === "POST" && command) {
      const name = `run.${1000 + hosted.dynos.length}`;
      const status = await standIn.run(command, env, hosted);
      hosted.logs.push(
        `${now()} heroku[${name}]: Starting process with command \`${command}\``,
        `${now()} heroku[${name}]: Process exited with status ${status}`,
      );
      const made = { ...dyno(hosted, name, "run", command), looks: 2 };
      hosted.dynos.push(made);
      return ok("dyno", shown(made), 201);
    }
    if (method === "DELETE") {
      hosted.logs.push(`${now()} heroku[web.1]: Restarting`);
      await startAnew(hosted);
      return { status: 202, document: {} };
    }
    if (id) {
      const one = hosted.dynos.find((candidate) => candidate.name === id);
      return one && --one.looks > 0 ? ok("dyno", shown(one)) : refused(404, "not_found", "Couldn't find that dyno.");
    }
    meant(hosted, 0);
    return ok(
      "dyno",
      [...hosted.processes].map(([name, one]) => {
        const looks = Math.max(0, one.looks--);
        if (looks === 2 && one.before) return { ...one.before, state: "up" };
        return { ...one.now, state: standIn.crashed.has(name) ? "crashed" : looks > 0 ? "starting" : "up" };
      }),
    );
  }

  function dyno(hosted: Hosted, name: string, type: string, command: string): Partial<Dyno> {
    return {
      id: randomUUID(),
      name,
      type,
      state: "starting",
      command,
      attach_url: null,
      app: { id: hosted.app.id ?? "", name: hosted.app.name },
      release: { id: randomUUID(), version: hosted.releases.at(-1)?.version ?? 0 },
      size: "Basic",
      created_at: now(),
      updated_at: now(),
    };
  }

  /** As many processes as the formation says; new ones start for so many looks. */
  function meant(hosted: Hosted, looks: number): void {
    const { formation, processes } = hosted;
    const names = [...formation].flatMap(([type, { quantity }]) => Array.from({ length: quantity }, (_, at) => `${type}.${at + 1}`));
    for (const name of processes.keys()) if (!names.includes(name)) processes.delete(name);
    for (const name of names)
      if (!processes.has(name)) {
        const [type = ""] = name.split(".");
        processes.set(name, { now: dyno(hosted, name, type, type), before: undefined, looks });
      }
  }

  function renew(hosted: Hosted): void {
    meant(hosted, 0);
    for (const [name, one] of hosted.processes) {
      const type = one.now.type ?? "";
      hosted.processes.set(name, { now: dyno(hosted, name, type, type), before: one.now, looks: 2 });
    }
  }

  async function startAnew(hosted: Hosted): Promise<void> {
    renew(hosted);
    await standIn.restarted(hosted);
  }

  function logSession(hosted: Hosted, { dyno_name, lines = 100 }: { dyno_name?: string; lines?: number }): Answer {
    const id = randomUUID();
    sessions.set(id, hosted.logs.filter((line) => !dyno_name || line.includes(`[${dyno_name}]`)).slice(-lines));
    return ok("log-session", { id, logplex_url: `${url}/logs-${id}`, created_at: now(), updated_at: now() }, 201);
  }
  return standIn;
}

interface Answer {
  status: number;
  document: unknown;
  resource?: string;
}

const ok = (resource: string, document: unknown, status = 200): Answer =>
  document === undefined ? refused(404, "not_found", "Not found.") : { status, document, resource };
const refused = (status: number, id: string, message: string): Answer => ({ status, document: { id, message } });
const shown = <T extends { looks: number }>({ looks: _, ...one }: T): Omit<T, "looks"> => one;
const shownBuild = <T extends { looks: number; source: Buffer }>({ looks: _, source: __, ...one }: T): Omit<T, "looks" | "source"> => one;

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
