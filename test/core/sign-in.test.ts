import { describe, expect, it } from "vitest";
import type { CallApi } from "../../src/contract/endpoints.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { KeptToken, SignInPorts } from "../../src/core/sign-in.ts";
import { parseInvitation, signIn, signOut } from "../../src/core/sign-in.ts";
import { ChartctlError } from "../../src/errors.ts";

const url = "https://api.example.org";
const made = `cct_${"a".repeat(16)}_new`;
const old = `cct_${"b".repeat(16)}_old`;

/** An API that answers, or fails where a test says so; it notes who revoked what. */
function ports(kept?: KeptToken, failing: { login?: Error; revoke?: Error } = {}) {
  const tokens = new Map(kept ? [[url, kept]] : []);
  const revoked: unknown[] = [];
  const user = { tenantId: "acme", userId: "ann", role: "admin", via: "session" } as const;
  const apiAt = (_: string, token?: string): CallApi =>
    (async (endpoint: unknown, input: { params?: unknown; body?: unknown }) => {
      if (endpoint === endpoints.login && failing.login) throw failing.login;
      if (endpoint === endpoints.login) return { token: "jwt", expiresAt: "soon", user };
      if (endpoint === endpoints.createToken) return { ...(input.body as object), token: made, expiresAt: "later" };
      if (endpoint === endpoints.me) return { ...user, via: "token" };
      if (failing.revoke) throw failing.revoke;
      return revoked.push([token, input.params]);
    }) as CallApi;
  const given: SignInPorts = {
    apiAt,
    machine: "laptop",
    workloadToken: async () => "jwt",
    tokens: {
      kept: async (at) => {
        const token = tokens.get(at);
        return token && { ...token, place: "here" };
      },
      keep: async (at, token) => {
        tokens.set(at, token);
        return "here";
      },
      forget: async (at) => void tokens.delete(at),
    },
  };
  return { given, tokens, revoked };
}
const byPassword = { by: "password", tenant: "acme", user: "ann", password: "secret" } as const;
const login = (token: string): KeptToken => ({ token, from: "login", expiresAt: null });

describe("signing in", () => {
  it("keeps a token of its own, and revokes the one of before by itself", async () => {
    const { given, tokens, revoked } = ports(login(old));
    expect(await signIn(given, url, byPassword)).toMatchObject({ me: { userId: "ann" }, place: "here", expiresAt: "later" });
    expect(tokens.get(url)).toEqual({ token: made, from: "login", expiresAt: "later" });
    expect(revoked).toEqual([[old, { tokenId: "b".repeat(16) }]]);
  });
  it("revokes no token that was given: it may be used elsewhere", async () => {
    const { given, revoked } = ports({ ...login(old), from: "given" });
    await signIn(given, url, byPassword);
    expect(revoked).toEqual([]);
  });
  it("keeps what there was when the proof isn't taken", async () => {
    const { given, tokens } = ports(login(old), { login: new Error("wrong") });
    await expect(signIn(given, url, byPassword)).rejects.toThrow("wrong");
    expect(tokens.get(url)?.token).toBe(old);
  });
});

describe("signing out", () => {
  const unreachable = new ChartctlError({ kind: "external", code: "api.unreachable", message: "gone" });
  const revokedBefore = new ChartctlError({ kind: "auth", code: "auth.revoked", message: "revoked" });
  it.each([
    ["revoked", login(old), {}],
    ["revoked", login(old), { revoke: revokedBefore }],
    ["unproven", login(old), { revoke: unreachable }],
    ["ends", { ...login("a.jwt.of"), from: "workload" as const }, {}],
    ["none", undefined, {}],
  ])("%s: the token is forgotten in any case", async (outcome, kept, failing) => {
    const { given, tokens } = ports(kept, failing);
    expect(await signOut(given, url)).toMatchObject({ outcome });
    expect(tokens.size).toBe(0);
  });
});

describe("an invitation", () => {
  const secret = "s".repeat(43);
  it.each([
    [`https://api.example.org/invitation#${secret}`, "https://api.example.org"],
    [`https://example.org/team/chartctl/invitation#${secret}`, "https://example.org/team/chartctl"],
    [secret, undefined],
  ])("%s", (text, at) => expect(parseInvitation(text)).toEqual({ url: at, secret }));
  it("that is none is refused", () => expect(() => parseInvitation("https://api.example.org/invitation")).toThrow("no invitation"));
});
