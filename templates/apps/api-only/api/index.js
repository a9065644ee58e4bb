/** The whole application: every request below /api/ comes here (API Gateway, payload format 2.0). */

const longestName = 100;

const json = (statusCode, body) => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

export async function handler({ rawPath, requestContext, queryStringParameters: query = {} }) {
  if (requestContext.http.method !== "GET") return json(405, { error: "only GET" });
  if (rawPath === "/api/health") return json(200, { status: "ok" });
  if (rawPath === "/api/hello") {
    const name = (query.name ?? "world").trim();
    if (name === "" || name.length > longestName) return json(400, { error: `name has 1 to ${longestName} characters` });
    return json(200, { message: `Hello, ${name}!` });
  }
  return json(404, { error: `nothing at ${rawPath}` });
}
