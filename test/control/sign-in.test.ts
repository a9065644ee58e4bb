/** Signing in: passwords, invitations, API tokens, pipelines, and the first owner. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { hashSecret } from "../../src/control/auth/secrets.ts";
import { rateLimits } from "../../src/control/limits.ts";
import { addFirstOwner } from "../../src/control/store/users.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest, issuer, password } from "./hosted.ts";

let api: HostedTest;
afterEach(() => api?.close());

const later = (hours: number): void => {
  api.clock.now = new Date(api.clock.now.getTime() + hours * 3_600_000);
};
const login = (user = "ana", given = password, tenant = "acme") => api.send("POST", "/auth/login", { body: { tenant, user, password: given } });

describe("a password", () => {
  it("signs in for eight hours; ending the sessions ends them all at once", async () => {
    api = await hostedTest();
    await api.user("acme", "ana", "admin");
    const { status, body } = await login();
    expect({ status, user: body.user, expiresAt: body.expiresAt }).toEqual({
      status: 200,
      user: { tenantId: "acme", userId: "ana", role: "admin", via: "session" },
      expiresAt: "2026-01-01T20:00:00.000Z",
    });
    const other = (await login()).body.token;
    expect((await api.send("GET", "/auth/me", { token: body.token })).body).toMatchObject({ role: "admin", via: "session" });
    later(1);
    expect((await api.send("POST", "/auth/logout", { token: body.token })).status).toBe(200);
    for (const token of [body.token, other]) expect((await api.send("GET", "/auth/me", { token })).body.code).toBe("auth.invalid");
    const again = (await login()).body.token;
    expect((await api.send("GET", "/auth/me", { token: again })).status).toBe(200);
    later(8.1);
    expect((await api.send("GET", "/auth/me", { token: again })).body.code).toBe("auth.expired");
  });

  it("wrong, unknown, disabled and invited get one answer, and nothing is kept in clear", async () => {
    api = await hostedTest();
    await api.user("acme", "ana", "member");
    await api.user("acme", "off", "member");
    await api.db.updateTable("users").set({ status: "disabled" }).where("id", "=", "off").execute();
    const answers = [await login("ana", "wrong password!"), await login("nobody"), await login("off"), await login("ana", password, "globex")];
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, body: { code: "auth.wrong" } });
    const [{ password_hash } = { password_hash: "" }] = await api.db.selectFrom("users").selectAll().execute();
    expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(await api.db.selectFrom("audit").selectAll().execute())).not.toContain(password);
  });

  it("is tried ten times in a quarter of an hour, and no more", async () => {
    const limits = rateLimits({ perAddress: 1_000, perCaller: 1_000, signIns: 10 }, undefined, () => {});
    api = await hostedTest({ limits });
    await api.user("acme", "ana", "member");
    await api.user("acme", "ben", "member");
    for (let time = 0; time < 10; time++) expect((await login("ana", "a wrong password")).status).toBe(401);
    const refused = await login("ana");
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 429, code: "rate.limited" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(600);
    expect((await login("ben")).status).toBe(200);
  });
});

describe("an invitation", () => {
  const invite = async (): Promise<string> => {
    api = await hostedTest();
    await api.user("acme", "boss", "admin");
    const { status, body } = await api.send("POST", "/users", { token: await api.token("acme", "boss", "admin"), body: { id: "ana", role: "member" } });
    expect({ status, user: body.user.status, url: body.invitation.url }).toEqual({
      status: 201,
      user: "invited",
      url: `${issuer}/invitation#${body.invitation.token}`,
    });
    return body.invitation.token;
  };
  const accept = (invitation: string, chosen = "a new long password") => api.send("POST", "/auth/accept", { body: { invitation, password: chosen } });

  it("sets the password, once", async () => {
    const invitation = await invite();
    expect((await accept(invitation, "short")).status).toBe(422);
    expect((await accept(invitation)).body.user).toMatchObject({ userId: "ana", role: "member" });
    expect((await accept(invitation)).body.code).toBe("invitation.invalid");
    expect((await login("ana", "a new long password")).status).toBe(200);
    expect(JSON.stringify(await api.db.selectFrom("invitations").selectAll().execute())).not.toContain(invitation);
  });

  it("of twenty at once sets one", async () => {
    const invitation = await invite();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => accept(invitation, `a long password ${at}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("ends after a day, and with the next one", async () => {
    const first = await invite();
    const boss = await api.token("acme", "boss", "admin");
    const second = (await api.send("POST", "/users/ana/invitation", { token: boss })).body.invitation.token;
    expect((await accept(first)).body.code).toBe("invitation.invalid");
    later(25);
    expect((await accept(second)).body.code).toBe("invitation.invalid");
  });

  it("is nobody's way up", async () => {
    await invite();
    await api.user("acme", "chief", "owner");
    const boss = await api.token("acme", "boss", "admin");
    for (const [method, path, body] of [
      ["POST", "/users/chief/invitation", {}],
      ["POST", "/users", { id: "x", role: "owner" }],
      ["PATCH", "/users/chief", { role: "member" }],
      ["PATCH", "/users/boss", { role: "owner" }],
    ] as const)
      expect((await api.send(method, path, { token: boss, body })).body, path).toMatchObject({ status: 403, code: "role.above" });
    expect((await api.send("POST", "/users", { token: await api.token("acme", "chief", "owner"), body: { id: "x", role: "global_owner" } })).body.code).toBe(
      "role.above",
    );
  });
});

describe("an API token", () => {
  it("is shown once, used, dated, and revoked at once", async () => {
    api = await hostedTest();
    await api.user("acme", "ana", "owner");
    const { body: session } = await login();
    const made = await api.send("POST", "/tokens", { token: session.token, body: { name: "ci", role: "member", expiresInDays: 1 } });
    expect({ status: made.status, expiresAt: made.body.expiresAt, token: made.body.token }).toEqual({
      status: 201,
      expiresAt: "2026-01-02T12:00:00.000Z",
      token: expect.stringMatching(/^cct_[0-9a-f]{16}_[\w-]{43}$/),
    });
    expect((await api.send("GET", "/auth/me", { token: made.body.token })).body).toEqual({ tenantId: "acme", userId: "ana", role: "member", via: "token" });
    const listed = (await api.send("GET", "/tokens", { token: session.token })).body;
    expect(listed).toMatchObject([{ id: made.body.id, lastUsedAt: "2026-01-01T12:00:00.000Z" }]);
    expect(JSON.stringify([listed, await api.db.selectFrom("api_tokens").selectAll().execute()])).not.toContain(made.body.token.slice(-43));
    await api.send("DELETE", `/tokens/${made.body.id}`, { token: session.token });
    expect((await api.send("GET", "/auth/me", { token: made.body.token })).body.code).toBe("auth.revoked");
  });

  it("that another one made ends with it, at the latest", async () => {
    api = await hostedTest();
    await api.user("acme", "ana", "owner");
    const token = await api.token("acme", "ana", "member", { expiresAt: "2026-01-08T12:00:00.000Z" });
    const make = async (expiresInDays: number) =>
      (await api.send("POST", "/tokens", { token, body: { name: "x", role: "member", expiresInDays } })).body.expiresAt;
    expect([await make(2), await make(365)]).toEqual(["2026-01-03T12:00:00.000Z", "2026-01-08T12:00:00.000Z"]);
  });
});

describe("a pipeline", () => {
  it("signs in by its issuer's word, and by nothing else", async () => {
    api = await hostedTest();
    await api.user("acme", "boss", "admin");
    await api.user("acme", "ci", "member");
    await api.user("platform", "root", "global_owner");
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const stranger = await generateKeyPair("RS256");
    let asked = 0;
    const server = createServer(async (request, response) => {
      asked++;
      const { port } = server.address() as AddressInfo;
      const at = `http://127.0.0.1:${port}`;
      response.end(
        JSON.stringify(
          request.url === "/.well-known/openid-configuration"
            ? { issuer: at, jwks_uri: `${at}/keys` }
            : { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" }] },
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const subject = "repo:acme/shop:ref:refs/heads/main";
    const signed = (change: (jwt: SignJWT) => SignJWT = (jwt) => jwt, key = privateKey) =>
      change(
        new SignJWT({})
          .setProtectedHeader({ alg: "RS256", kid: "1" })
          .setIssuer(from)
          .setAudience(issuer)
          .setSubject(subject)
          .setIssuedAt(api.clock.now)
          .setExpirationTime(new Date(api.clock.now.getTime() + 300_000)),
      ).sign(key);
    const enter = async (token: string, tenant = "acme") => await api.send("POST", "/auth/workload", { body: { tenant, token } });
    try {
      expect((await enter(await signed())).body.code).toBe("workload.invalid");
      expect(asked).toBe(0); // nobody trusts it, so nobody asks it
      const trust = { userId: "ci", issuer: from, subject };
      expect((await api.send("POST", "/workloads", { token: await api.token("acme", "boss", "admin"), body: trust })).body.code).toBe("role.global_owner");
      const root = await api.token("platform", "root", "global_owner");
      expect((await api.send("POST", "/workloads", { token: root, body: trust, headers: { "x-chartctl-tenant": "acme" } })).status).toBe(201);
      const { status, body } = await enter(await signed());
      expect({ status, user: body.user, expiresAt: body.expiresAt }).toEqual({
        status: 200,
        user: { tenantId: "acme", userId: "ci", role: "member", via: "workload" },
        expiresAt: "2026-01-01T13:00:00.000Z",
      });
      expect((await api.send("GET", "/projects", { token: body.token })).status).toBe(200);
      const refused = [
        await signed((jwt) => jwt.setSubject("repo:acme/shop:ref:refs/heads/other")),
        await signed((jwt) => jwt.setAudience("https://elsewhere.test")),
        await signed((jwt) => jwt.setExpirationTime(new Date(api.clock.now.getTime() - 1_000))),
        await signed((jwt) => jwt, stranger.privateKey),
        await signed((jwt) => jwt.setIssuer("https://other.test")),
        "no token",
      ];
      for (const token of refused) expect((await enter(token)).status).toBe(401);
      expect((await enter(await signed(), "globex")).status).toBe(401);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe("the first owner", () => {
  it("is made once, by one of many processes; a link that was not used is made anew", async () => {
    api = await hostedTest();
    const first = (secret: string) => addFirstOwner(api.db, { id: "owner", passwordHash: null, invitationHash: hashSecret(secret), now: api.clock.now });
    const made = await Promise.all(["a", "b", "c", "d"].map(first));
    expect(made.every(Boolean)).toBe(true);
    expect(await api.db.selectFrom("users").selectAll().execute()).toHaveLength(1);
    expect(await api.db.selectFrom("invitations").selectAll().execute()).toHaveLength(1);
    const [{ hash } = { hash: "" }] = await api.db.selectFrom("invitations").selectAll().execute();
    const secret = ["a", "b", "c", "d"].find((one) => hashSecret(one) === hash) ?? "";
    expect((await api.send("POST", "/auth/accept", { body: { invitation: secret, password } })).body.user.role).toBe("global_owner");
    expect(await first("e")).toBeUndefined();
  });

  it("can't be the last to go", async () => {
    api = await hostedTest();
    await api.user("platform", "root", "global_owner");
    const root = await api.token("platform", "root", "global_owner");
    expect((await api.send("PATCH", "/users/root", { token: root, body: { disabled: true } })).body.code).toBe("user.last-owner");
    await api.user("platform", "second", "global_owner");
    expect((await api.send("PATCH", "/users/second", { token: root, body: { disabled: true } })).body.status).toBe("disabled");
  });
});

describe("signing keys", () => {
  it("change, and what the old one signed counts until it ends; the private half is sealed", async () => {
    api = await hostedTest();
    await api.user("acme", "ana", "member");
    const before = (await login()).body.token;
    later(0.1);
    const kid = await api.sessions.rotate();
    const after = (await login()).body.token;
    expect(JSON.parse(Buffer.from(after.split(".")[0], "base64url").toString())).toEqual({ alg: "EdDSA", kid, typ: "JWT" });
    for (const token of [before, after]) expect((await api.send("GET", "/auth/me", { token })).status).toBe(200);
    const rows = await api.db.selectFrom("signing_keys").selectAll().execute();
    expect(rows).toHaveLength(2);
    for (const { private_jwk } of rows) expect(private_jwk).toMatch(/^k1\./);
  });
});
