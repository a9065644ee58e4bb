/**
 * What answers on a project's URL until an application is deployed, and on `/api/health` right away.
 * Files in the site bucket are served on every other path. Runs on Lambda's own AWS SDK; no dependency of ours.
 */
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({});

const page = (title, text) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 1.05rem/1.6 system-ui, sans-serif }
  body { display: grid; min-height: 100vh; margin: 0; place-content: center; padding: 1.5rem; box-sizing: border-box }
  main { max-width: 34rem }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem }
  code { padding: .1rem .35rem; border-radius: .3rem; background: #8883 }
</style>
<main><h1>${title}</h1>${text}</main>
</html>`;

const answer = (statusCode, type, body, extra = {}) => ({
  statusCode,
  headers: { "content-type": type, "x-content-type-options": "nosniff", ...extra },
  body,
});

const ready = () =>
  answer(200, "text/html; charset=utf-8", page("The infrastructure is ready", "<p>No application is deployed yet.</p>"), { "cache-control": "no-store" });

async function file(path) {
  const key = path.endsWith("/") ? `${path.slice(1)}index.html` : path.slice(1);
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: process.env.SITE_BUCKET, Key: decodeURIComponent(key) }));
    const bytes = await object.Body.transformToByteArray();
    return {
      ...answer(200, object.ContentType ?? "application/octet-stream", Buffer.from(bytes).toString("base64"), {
        "cache-control": object.CacheControl ?? "no-cache",
        ...(object.ETag ? { etag: object.ETag } : {}),
      }),
      isBase64Encoded: true,
    };
  } catch (error) {
    if (error.name === "NoSuchKey" || error.name === "URIError" || error.$metadata?.httpStatusCode === 403) return undefined;
    throw error;
  }
}

export async function handler(event) {
  const path = event.rawPath ?? "/";
  if (path === "/api/health") return answer(200, "application/json", JSON.stringify({ status: "ok", application: "placeholder" }));
  if (path.startsWith("/api/")) return answer(404, "application/json", JSON.stringify({ status: "no application is deployed" }));
  const found = await file(path);
  if (found) return found;
  return path === "/" ? ready() : answer(404, "text/html; charset=utf-8", page("Not found", "<p>There is nothing at this address.</p>"));
}
