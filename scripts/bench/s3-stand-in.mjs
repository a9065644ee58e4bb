/**
 * An S3 in memory that waits before each answer: an emulator in Python is the bottleneck of everybody who asks it side by
 * side, and hides how well they ask. Versions and batch deletion, no more; `node s3-stand-in.mjs MILLISECONDS` prints its URL.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:http";

const wait = Number(process.argv[2] ?? 25);
const pageSize = 1_000;
/** bucket → key → version ids, newest first. */
const buckets = new Map();
let lastVersion = 0;

const escaped = (text) => text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
const unescaped = (text) =>
  text
    .replace(/&amp;/g, "&")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));

const answers = {
  list: (bucket, query) => {
    const after = query.get("continuation-token") ?? "";
    const keys = bucket.sorted().filter((key) => key.startsWith(query.get("prefix") ?? "") && key > after);
    const page = keys.slice(0, pageSize);
    const more = keys.length > page.length;
    const contents = page.map(
      (key) =>
        `<Contents><Key>${escaped(key)}</Key><Size>${bucket.get(key)[0].size}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"0"</ETag></Contents>`,
    );
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${escaped(page.at(-1))}</NextContinuationToken>` : ""}${contents.join("")}</ListBucketResult>`;
  },
  versions: (bucket, query) => {
    const [marker, markerVersion] = [query.get("key-marker") ?? "", query.get("version-id-marker") ?? ""];
    const page = [];
    let more = false;
    const prefix = query.get("prefix") ?? "";
    for (const key of bucket.sorted()) {
      if (key < marker || !key.startsWith(prefix)) continue;
      const versions = bucket.get(key);
      const from = key === marker && markerVersion !== "" ? versions.findIndex(({ id }) => id < markerVersion) : 0;
      if (key === marker && (markerVersion === "" || from < 0)) continue;
      for (const version of versions.slice(from)) {
        if (page.length === pageSize) {
          more = true;
          break;
        }
        page.push({ key, ...version });
      }
      if (more) break;
    }
    const last = page.at(-1);
    const next = more ? `<NextKeyMarker>${escaped(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.id}</NextVersionIdMarker>` : "";
    const listed = page.map(
      ({ key, id }) => `<Version><Key>${escaped(key)}</Key><VersionId>${id}</VersionId><IsLatest>true</IsLatest><Size>1</Size></Version>`,
    );
    return `<ListVersionsResult><IsTruncated>${more}</IsTruncated>${next}${listed.join("")}</ListVersionsResult>`;
  },
  deleteMany: (bucket, body) => {
    for (const [, object] of body.matchAll(/<Object>(.*?)<\/Object>/gs)) {
      const key = unescaped(/<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? "");
      bucket.remove(key, /<VersionId>(.*?)<\/VersionId>/.exec(object)?.[1]);
    }
    return "<DeleteResult></DeleteResult>";
  },
};

function bucketOf(name) {
  const made = buckets.get(name);
  if (made) return made;
  const keys = new Map();
  let sorted;
  const bucket = {
    get: (key) => keys.get(key) ?? [],
    sorted: () => {
      sorted ??= [...keys.keys()].sort();
      return sorted;
    },
    put: (key, size) => {
      if (!keys.has(key)) sorted = undefined;
      // Ids go down, as in a list that has the newest first.
      keys.set(
        key,
        [{ id: String(1e12 - ++lastVersion), size }, ...(keys.get(key) ?? [])].sort((a, b) => (a.id < b.id ? 1 : -1)),
      );
    },
    remove: (key, id) => {
      const left = id === undefined || id === "" ? [] : (keys.get(key) ?? []).filter((version) => version.id !== id);
      if (left.length > 0) keys.set(key, left);
      else if (keys.delete(key)) sorted = undefined;
    },
  };
  buckets.set(name, bucket);
  return bucket;
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://s3");
  const [, name = "", ...rest] = url.pathname.split("/");
  const key = decodeURIComponent(rest.join("/"));
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const bucket = bucketOf(name);
    const send = (text = "", status = 200) => setTimeout(() => response.writeHead(status, { "content-type": "application/xml", etag: '"0"' }).end(text), wait);
    // `?fill=N&versions=M`: a full bucket at once, for the benchmark alone. Keys as deploys make them: by content.
    if (url.searchParams.has("fill")) {
      const keys = Array.from(
        { length: Number(url.searchParams.get("fill")) },
        (_, at) => `site/${createHash("sha256").update(String(at)).digest("hex")}.json`,
      );
      for (const key of keys.sort()) for (let version = 0; version < Number(url.searchParams.get("versions") ?? 1); version++) bucket.put(key, 1);
      return send();
    }
    if (url.searchParams.has("uploads")) return send("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>");
    if (url.searchParams.has("versioning")) return send("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    if (url.searchParams.has("versions")) return send(answers.versions(bucket, url.searchParams));
    if (url.searchParams.has("delete")) return send(answers.deleteMany(bucket, body.toString()));
    if (request.method === "PUT") {
      bucket.put(key, body.length);
      return send();
    }
    if (request.method === "DELETE") {
      bucket.remove(key, url.searchParams.get("versionId") ?? undefined);
      return send("", 204);
    }
    return send(answers.list(bucket, url.searchParams));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
