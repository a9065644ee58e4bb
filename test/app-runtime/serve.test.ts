/** How a deployed application answers. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { FileSource, HttpAnswer } from "../../src/app-runtime/serve.ts";
import { createHandler } from "../../src/app-runtime/serve.ts";
import type { AppManifest } from "../../src/contract/app-manifest.ts";

const content: Record<string, string> = {
  "index.html": "<h1>home</h1>",
  "about.html": "about",
  "docs/index.html": "docs",
  "ä b.txt": "odd",
  "100%.txt": "percent",
  "style.css": "a{}".repeat(1_000),
  "404.html": "lost",
};
const manifest = (more: Partial<AppManifest> = {}, paths = Object.keys(content)): AppManifest => ({
  build: "b".repeat(64),
  api: true,
  health: "/api/health",
  files: Object.fromEntries(
    paths.map((path) => [
      path,
      { key: `site/${path}`, type: "text/plain", cache: "c", hash: "0".repeat(64), size: content[path]?.length ?? 0, gzip: path === "style.css" },
    ]),
  ),
  ...more,
});
let reads = 0;
const files: FileSource = {
  read: async ({ gzip }, path) => {
    reads++;
    return gzip ? gzipSync(content[path] ?? "") : Buffer.from(content[path] ?? "");
  },
  link: async ({ key }) => `https://bucket/${key}?signed`,
};
const api = async () => ({
  handler: async (event: { rawPath?: string }) =>
    event.rawPath === "/api/plain" ? { plain: true } : { statusCode: 201, headers: { a: "b" }, body: event.rawPath },
});
const handle = createHandler(manifest(), files, api as never);
const get = async (rawPath: string, headers: Record<string, string> = {}, method = "GET", by = handle) =>
  (await by({ rawPath, headers, requestContext: { http: { method } } }, {})) as HttpAnswer;
const text = (answer: HttpAnswer) => Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8").toString();

describe("files", () => {
  it.each([
    ["/", "<h1>home</h1>"],
    ["/index.html", "<h1>home</h1>"],
    ["/about", "about"],
    ["/docs/", "docs"],
    ["/%C3%A4%20b.txt", "odd"],
    ["/ä b.txt", "odd"],
    ["/a\u0308 b.txt", "odd"],
    ["/100%25.txt", "percent"],
    ["/100%.txt", "percent"],
  ])("%s", async (path, body) => {
    const answer = await get(path);
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: { "x-chartctl-build": "b".repeat(64), "x-content-type-options": "nosniff", "cache-control": "c" },
    });
    expect(text(answer)).toBe(body);
  });

  it("leads from a folder's name to the folder, so that relative links work", async () => {
    expect(await get("/docs")).toMatchObject({ statusCode: 308, headers: { location: "/docs/" } });
  });

  it.each(["/nothing", "/../etc/passwd", "/%2e%2e/secret", "/docs/../../x", "/__proto__", "/constructor", "//evil.example/"])(
    "nothing at %s: the application's own 404",
    async (path) => {
      const answer = await get(path);
      expect(answer.statusCode).toBe(404);
      expect(text(answer)).toBe("lost");
    },
  );

  it("without a 404 page, says so plainly", async () => {
    const answer = await get("/nothing", {}, "GET", createHandler(manifest({}, ["index.html"]), files, api as never));
    expect(answer).toMatchObject({ statusCode: 404, headers: { "content-type": "application/json" } });
  });

  it("sends compressed what was stored so, and plain to whom doesn't take it", async () => {
    const packed = await get("/style.css", { "accept-encoding": "br, gzip" });
    expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
    const plain = await get("/style.css");
    expect(plain.headers?.["content-encoding"]).toBeUndefined();
    expect(text(plain)).toBe(content["style.css"]);
  });

  it("answers 304 to whom has it already, and reads nothing", async () => {
    const etag = (await get("/about")).headers?.etag ?? "";
    reads = 0;
    expect(await get("/about", { "if-none-match": `"other", ${etag}` })).toMatchObject({ statusCode: 304 });
    expect(reads).toBe(0);
  });

  it("keeps what it read", async () => {
    reads = 0;
    const fresh = createHandler(manifest(), files, api as never);
    await get("/about", {}, "GET", fresh);
    await get("/about", {}, "GET", fresh);
    expect(reads).toBe(1);
  });

  it("leads to a signed link for what is too large to pass through", async () => {
    const large = manifest();
    for (const file of Object.values(large.files)) file.size = 5_000_000;
    expect(await get("/about", {}, "GET", createHandler(large, files, api as never))).toMatchObject({
      statusCode: 302,
      headers: { location: "https://bucket/site/about.html?signed", "cache-control": "no-store" },
    });
  });

  it("answers HEAD without a body, and refuses to be written", async () => {
    expect(await get("/about", {}, "HEAD")).toMatchObject({ statusCode: 200 });
    expect((await get("/about", {}, "HEAD")).body).toBeUndefined();
    expect(await get("/about", {}, "POST")).toMatchObject({ statusCode: 405, headers: { allow: "GET, HEAD" } });
  });
});

describe("the API", () => {
  it("gets everything below /api, and its answers say which build gave them", async () => {
    expect(await get("/api/things")).toMatchObject({ statusCode: 201, body: "/api/things", headers: { a: "b", "x-chartctl-build": "b".repeat(64) } });
    expect(await get("/api/plain")).toMatchObject({ statusCode: 200, body: '{"plain":true}', headers: { "content-type": "application/json" } });
  });

  it("is loaded once, and not at all for files", async () => {
    let loads = 0;
    const counting = createHandler(manifest(), files, async () => {
      loads++;
      return (await api()) as never;
    });
    await get("/about", {}, "GET", counting);
    expect(loads).toBe(0);
    await get("/api/a", {}, "GET", counting);
    await get("/api/b", {}, "GET", counting);
    expect(loads).toBe(1);
  });

  it("health answers by itself where there is no API", async () => {
    const site = createHandler(manifest({ api: false }), files, api as never);
    expect(await get("/api/health", {}, "GET", site)).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
    expect((await get("/api/other", {}, "GET", site)).statusCode).toBe(404);
  });
});
