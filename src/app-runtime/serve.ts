/**
 * Answers every request of a deployed application: `/api/` by its own handler, everything else from its files. One
 * release's code, manifest and files belong together, so that switching the function's alias switches all of them at once.
 */
import { gunzipSync } from "node:zlib";
import type { AppManifest, ManifestFile } from "../contract/app-manifest.ts";
import { buildHeader } from "../contract/app-manifest.ts";

/** API Gateway's payload 2.0, as far as it is used (developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"). */
export interface HttpEvent {
  rawPath?: string;
  rawQueryString?: string;
  headers?: Record<string, string | undefined>;
  requestContext?: { http?: { method?: string } };
}
export interface HttpAnswer {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
  cookies?: string[];
}
export type Handler = (event: HttpEvent, context: unknown) => unknown;

export interface FileSource {
  read(file: ManifestFile, path: string): Promise<Uint8Array>;
  /** A link that is good for minutes, for what is too large to pass through the function; undefined: passes through. */
  link(file: ManifestFile): Promise<string | undefined>;
}

/** Lambda answers at most 6 MB, and base64 makes four characters of three bytes. */
const largestBody = 4_000_000;
const cacheBytes = 32_000_000;

export function createHandler(manifest: AppManifest, files: FileSource, loadApi: () => Promise<{ handler: Handler }>): Handler {
  const cached = cachedFiles(files);
  let api: Promise<{ handler: Handler }> | undefined;
  return async (event, context) => {
    const path = event.rawPath || "/";
    if (manifest.api && (path === "/api" || path.startsWith("/api/"))) {
      api ??= loadApi();
      return marked(manifest, answerOf(await (await api).handler(event, context)));
    }
    if (path === manifest.health && fileAt(manifest, path) === undefined) return marked(manifest, json(200, { status: "ok" }));
    return marked(manifest, await fileAnswer(manifest, cached, files, event, path));
  };
}

const marked = (manifest: AppManifest, answer: HttpAnswer): HttpAnswer => ({
  ...answer,
  headers: { "x-content-type-options": "nosniff", ...answer.headers, [buildHeader]: manifest.build },
});

/** A handler may return plain data: API Gateway makes a JSON answer of it, and so does this. */
function answerOf(returned: unknown): HttpAnswer {
  if (typeof returned === "object" && returned !== null && "statusCode" in returned) return returned as HttpAnswer;
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: typeof returned === "string" ? returned : JSON.stringify(returned ?? null) };
}

const json = (statusCode: number, body: object): HttpAnswer => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

async function fileAnswer(
  manifest: AppManifest,
  read: FileSource["read"],
  { link }: FileSource,
  { headers = {}, requestContext, rawQueryString }: HttpEvent,
  path: string,
): Promise<HttpAnswer> {
  const method = requestContext?.http?.method ?? "GET";
  if (method !== "GET" && method !== "HEAD") return { ...json(405, { error: "only GET and HEAD" }), headers: { allow: "GET, HEAD" } };
  const found = fileAt(manifest, path);
  if (found === "folder") return { statusCode: 308, headers: { location: `${path}/${rawQueryString ? `?${rawQueryString}` : ""}` } };
  const name = found ?? (Object.hasOwn(manifest.files, "404.html") ? "404.html" : undefined);
  const file = name === undefined ? undefined : manifest.files[name];
  if (name === undefined || !file) return json(404, { error: "there is nothing at this address" });

  const statusCode = found === undefined ? 404 : 200;
  const etag = `W/"${file.hash.slice(0, 32)}"`;
  const about = { "content-type": file.type, "cache-control": file.cache, etag, ...(file.gzip ? { vary: "accept-encoding" } : {}) };
  if (statusCode === 200 && headers["if-none-match"]?.includes(etag)) return { statusCode: 304, headers: about };
  if (file.size > largestBody) {
    const location = await link(file);
    if (location !== undefined) return { statusCode: 302, headers: { location, "cache-control": "no-store" } };
  }
  if (method === "HEAD") return { statusCode, headers: about };
  const stored = await read(file, name);
  const asStored = file.gzip && /\bgzip\b/.test(headers["accept-encoding"] ?? "");
  const body = file.gzip && !asStored ? gunzipSync(stored) : stored;
  return {
    statusCode,
    headers: { ...about, ...(asStored ? { "content-encoding": "gzip" } : {}) },
    body: Buffer.from(body).toString("base64"),
    isBase64Encoded: true,
  };
}

/** `/about` is `about` or `about.html`; `/docs/` is `docs/index.html`, and `/docs` leads there. */
function fileAt({ files }: AppManifest, path: string): string | undefined {
  const has = (name: string): boolean => Object.hasOwn(files, name);
  for (const plain of spellings(path)) {
    const name = plain.slice(1).normalize("NFC");
    if (name === "" || name.endsWith("/")) {
      if (has(`${name}index.html`)) return `${name}index.html`;
      continue;
    }
    const found = [name, `${name}.html`].find(has) ?? (has(`${name}/index.html`) ? "folder" : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Gateways differ in whether they hand a path on decoded: it is looked for both ways. */
function spellings(path: string): string[] {
  try {
    return [...new Set([decodeURIComponent(path), path])];
  } catch {
    return [path]; // a percent sign of its own
  }
}

/** What was read lately stays in memory: files never change under their key. */
function cachedFiles(files: FileSource): FileSource["read"] {
  const kept = new Map<string, Uint8Array>();
  let bytes = 0;
  return async (file, path) => {
    const hit = kept.get(file.key);
    const read = hit ?? (await files.read(file, path));
    kept.delete(file.key); // to the end: the first is the one not asked for longest
    kept.set(file.key, read);
    if (!hit) bytes += read.byteLength;
    for (const [key, oldest] of kept) {
      if (bytes <= cacheBytes) break;
      kept.delete(key);
      bytes -= oldest.byteLength;
    }
    return read;
  };
}
