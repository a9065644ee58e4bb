/** A small application in a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface TestApp {
  folder: string;
  write(path: string, content: string | Uint8Array): void;
  remove(): void;
}

/** Its API counts what it was asked, answers its own name, and keeps notes in the table. */
export const handlerOf = (name: string, health = 200): string => `
import { table } from "chartctl/app";
export async function handler(event: { rawPath: string; requestContext: { http: { method: string } }; body?: string }) {
  const { rawPath, requestContext, body } = event;
  if (rawPath === "/api/health") return { statusCode: ${health}, body: JSON.stringify({ name: ${JSON.stringify(name)} }) };
  if (rawPath === "/api/name") return { name: ${JSON.stringify(name)} };
  if (rawPath === "/api/notes" && requestContext.http.method === "POST") {
    await table.put({ pk: "notes", sk: String(Date.now()), text: body });
    return { statusCode: 201, body: "kept" };
  }
  if (rawPath === "/api/notes") return await table.query("notes", { newestFirst: true });
  console.log("nothing at", rawPath);
  return { statusCode: 404, body: "no" };
}
`;

/** Long enough to be stored compressed. */
export const longCss = "p { color: red }\n".repeat(200);

export function newApp(name = "first"): TestApp {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-app-"));
  const write: TestApp["write"] = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  write("chartctl.json", JSON.stringify({ app: { site: "site", api: "api/index.ts" } }));
  write("site/index.html", `<!doctype html><title>${name}</title><h1>${name}</h1><script src="/assets/app.js"></script>`);
  write("site/assets/app.js", `document.title = ${JSON.stringify(name)};`);
  write("site/däta file.csv", "a,b\n1,2\n");
  write("site/assets/long.css", longCss);
  write("api/index.ts", handlerOf(name));
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
