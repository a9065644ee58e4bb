/** Whose word counts for which control API is asked: a cloned folder's file is the weakest. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveSettings, writeContexts } from "../../src/adapters/settings.ts";

const url = "https://chartctl.example.org";
let home: string;
let cwd: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "chartctl-settings-"));
  cwd = join(home, "cloned");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "chartctl.json"), JSON.stringify({ apiUrl: url, tenant: "acme" }));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const resolved = (more: Partial<Parameters<typeof resolveSettings>[0]> = {}) =>
  resolveSettings({ flags: {}, context: undefined, newContext: false, env: { CHARTCTL_HOME: home }, cwd, ...more });

describe("a control API that only a project's file names", () => {
  it("is not asked: tokens and passwords would go there", () => {
    expect(() => resolved()).toThrow(expect.objectContaining({ kind: "usage", code: "api.unknown", hint: expect.stringContaining(url) }));
  });

  it("counts when a context knows it, with or without a slash at its end", async () => {
    await writeContexts(home, () => ({ current: undefined, contexts: { work: { apiUrl: `${url}/` } } }));
    expect(resolved()).toMatchObject({ apiUrl: url, tenant: "acme" });
  });

  it("gives way to the environment and to flags", () => {
    expect(resolved({ env: { CHARTCTL_HOME: home, CHARTCTL_API_URL: url } }).apiUrl).toBe(url);
    expect(resolved({ flags: { apiUrl: "https://other.example.org" } }).apiUrl).toBe("https://other.example.org");
  });

  it("is nothing to the sandbox", () => {
    expect(resolved({ context: "sandbox" })).not.toHaveProperty("apiUrl", url);
  });
});
