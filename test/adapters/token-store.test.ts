import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Keyring } from "../../src/adapters/token-store.ts";
import { tokenStore } from "../../src/adapters/token-store.ts";

let config: string;
let file: string;
beforeEach(() => {
  config = join(mkdtempSync(join(tmpdir(), "chartctl-tokens-")), "deep", "config");
  file = join(config, "tokens.json");
});
afterEach(() => rmSync(join(config, "..", ".."), { recursive: true, force: true }));

const url = "https://api.example.org";
const token = { token: "cct_1", from: "login", expiresAt: null } as const;
const keyringOf = (entries: Map<string, string>): Keyring => ({
  get: async (account) => entries.get(account) ?? null,
  set: async (account, text) => void entries.set(account, text),
  delete: async (account) => void entries.delete(account),
});
const locked: Keyring = {
  get: () => Promise.reject(new Error("locked")),
  set: () => Promise.reject(new Error("locked")),
  delete: () => Promise.reject(new Error("locked")),
};
const absent = () => Promise.reject(new Error("no secret service"));

describe("with a keyring", () => {
  it("keeps nothing in a file", async () => {
    const entries = new Map<string, string>();
    const store = tokenStore({ config, ownHome: false, keyring: async () => keyringOf(entries) });
    expect(await store.keep(`${url}/`, token)).toContain("keyring");
    expect([...entries.keys()]).toEqual([url]);
    expect(existsSync(file)).toBe(false);
    expect(await store.kept(url)).toMatchObject(token);
    await store.forget(url);
    expect([await store.kept(url), entries.size]).toEqual([undefined, 0]);
  });

  it("two homes have two tokens of one API", async () => {
    const entries = new Map<string, string>();
    const keyring = async () => keyringOf(entries);
    await tokenStore({ config: "/one", ownHome: true, keyring }).keep(url, token);
    expect(await tokenStore({ config: "/other", ownHome: true, keyring }).kept(url)).toBeUndefined();
  });

  it("takes over what a file had, and says when a token can't be deleted", async () => {
    const entries = new Map<string, string>();
    await tokenStore({ config, ownHome: false, keyring: undefined }).keep(url, token);
    const store = tokenStore({ config, ownHome: false, keyring: async () => keyringOf(entries) });
    await store.keep(url, { ...token, token: "cct_2" });
    expect(readFileSync(file, "utf8")).not.toContain("cct_");
    const stuck = tokenStore({ config, ownHome: false, keyring: async () => ({ ...keyringOf(entries), delete: locked.delete }) });
    await expect(stuck.forget(url)).rejects.toMatchObject({ code: "token.kept" });
  });
});

describe.each([
  ["without a keyring", absent],
  ["with a locked one", async () => locked],
  ["with none wanted", undefined],
])("%s", (_, keyring) => {
  it("keeps the token in a private file in a private folder, beside those of other APIs", async () => {
    const store = tokenStore({ config, ownHome: false, keyring });
    expect(await store.keep(url, token)).toBe(file);
    await store.keep("http://127.0.0.1:5001", { ...token, token: "cct_2" });
    expect([statSync(file).mode & 0o777, statSync(config).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(config)).toEqual(["tokens.json"]);
    expect(await store.kept(url)).toEqual({ ...token, place: file });
    await store.forget(url);
    await store.forget(url);
    expect([await store.kept(url), (await store.kept("http://127.0.0.1:5001"))?.token]).toEqual([undefined, "cct_2"]);
  });
});

it("a file that somebody broke is named", async () => {
  mkdirSync(config, { recursive: true });
  writeFileSync(file, "{");
  const store = tokenStore({ config, ownHome: false, keyring: undefined });
  await expect(store.kept(url)).rejects.toMatchObject({ code: "config.corrupt" });
  await expect(store.kept("no url")).rejects.toMatchObject({ kind: "failed" });
});
