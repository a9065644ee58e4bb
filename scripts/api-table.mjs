/** docs/API.md: who may call what, from the same table of endpoints that the server checks with. */
const roles = ["member", "admin", "owner", "global_owner"];

export function apiTable(endpoints) {
  const rows = Object.values(endpoints).map(({ method, path, allow, summary }) => {
    const may = roles.map((role) => (allow === "anyone" || roles.indexOf(role) >= roles.indexOf(allow) ? "yes" : "–"));
    return `| \`${method} /api${path}\` | ${summary.replaceAll("|", "\\|")} | ${allow === "anyone" ? "yes" : "–"} | ${may.join(" | ")} |`;
  });
  return `# The control API: who may do what

Written by \`npm run build\` from \`src/contract/\`; a test walks every line with every role. The whole document is
\`schemas/openapi.json\`, served at \`/api/openapi.json\`.

A **member** works on their own projects and sees the tenant's; an **admin** works on everybody's of the tenant, sets limits,
manages members, admins and pipelines, reads the audit log, and may act for a user (\`--user\`); an **owner** also manages
owners; a **global_owner** belongs to the tenant \`platform\`, manages tenants, and works in any of them by naming it
(\`--tenant\`). Nobody gives, takes or resets a role above their own. An API token gives at most the role that it was made
for, and at most what its user has at that moment: roles are read from the database at each request. Another tenant's
objects are answered with 404.

Of another user's project a member sees what it is: status, parameters, release, expiry, and its estimate (\`monthlyCents\`), which
anybody can work out from the parameters and AWS's list prices. What AWS billed is told to the project's owner and the tenant's
admins alone, so others find \`overCost\` null, and why a clean-up took it away, or a clean-up or a job failed, not in words.

Besides these: \`GET /api/openapi.json\` (anyone), \`GET /api/jobs/:jobId/events\` (as \`/api/jobs/:jobId\`; server-sent events),
\`GET /metrics\` (the bearer token \`METRICS_TOKEN\` alone), and the pages \`/admin/stats\`, \`/admin/costs\` (global_owner), \`/sign-in\` and
\`/invitation\` (anyone).

| endpoint | what | not signed in | member | admin | owner | global_owner |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}
