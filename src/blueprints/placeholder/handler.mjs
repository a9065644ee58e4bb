/** What answers on a project's URL until an application is deployed, and after it was purged. Depends on nothing. */

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
</style>
<main><h1>${title}</h1>${text}</main>
</html>`;

const answer = (statusCode, type, body) => ({
  statusCode,
  headers: { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff", "x-chartctl-build": "placeholder" },
  body,
});

export async function handler(event) {
  const path = event.rawPath ?? "/";
  if (path === "/api/health") return answer(200, "application/json", JSON.stringify({ status: "ok", application: "placeholder" }));
  if (path.startsWith("/api/")) return answer(404, "application/json", JSON.stringify({ error: "no application is deployed" }));
  return path === "/"
    ? answer(200, "text/html; charset=utf-8", page("The infrastructure is ready", "<p>No application is deployed yet.</p>"))
    : answer(404, "text/html; charset=utf-8", page("Not found", "<p>There is nothing at this address.</p>"));
}
