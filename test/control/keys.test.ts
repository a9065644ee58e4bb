/** Keys of the seals: several at once, rotated without a break. */
import { randomBytes } from "node:crypto";
import { decodeJwt, importJWK, SignJWT } from "jose";
import { afterEach, expect, it } from "vitest";
import { sessionsOf } from "../../src/control/auth/sessions.ts";
import { loadState } from "../../src/control/store/operations.ts";
import { resealAll } from "../../src/control/store/reseal.ts";
import { keysFromText, sealWith } from "../../src/control/store/seal.ts";
import { signingKeys } from "../../src/control/store/signing-keys.ts";
import { tenantConnection } from "../../src/control/store/tenants.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest, issuer } from "./hosted.ts";
import { provisionOf } from "./support.ts";

let api: HostedTest | undefined;
afterEach(() => api?.close());

const key = (): string => randomBytes(32).toString("base64");

it("the first key seals, any opens, and a text says which one", () => {
  const [older, newer] = [key(), key()];
  const before = sealWith(keysFromText(older));
  const between = sealWith(keysFromText(`k2:${newer} k1:${older}`));
  const after = sealWith(keysFromText(`k2:${newer}`));
  const sealed = before.seal("secret", "here");
  expect(between.open(sealed, "here")).toBe("secret");
  expect([before.isNewest(sealed), between.isNewest(sealed)]).toEqual([true, false]);
  expect(after.open(between.seal("secret", "here"), "here")).toBe("secret");
  expect(() => after.open(sealed, "here")).toThrow(expect.objectContaining({ code: "store.sealed" }));
});

it.each(["", "short", `k1:${key()} k1:${key()}`, `K!:${key()}`, `${key()}x`])("refuses %j, and doesn't repeat it", (text) => {
  expect(() => keysFromText(text)).toThrow(expect.objectContaining({ code: "store.key-invalid", message: expect.not.stringContaining(text || "nothing") }));
});

it("a rotation seals everything anew: what an older key has sealed is gone, and all still opens", async () => {
  api = await hostedTest();
  const { db, seal, clock } = api;
  await api.user("acme", "boss", "admin");
  const token = await api.token("acme", "boss", "admin");
  const { operation } = (await api.send("POST", "/operations", { token, body: provisionOf("sales") })).body;
  await api.send("PUT", `/operations/${operation.id}/state`, { token, body: { fence: 1, serial: 3, lineage: "l", body: "a state" } });
  await api.send("POST", "/tokens", { token, body: { name: "x" }, headers: { "idempotency-key": "k" } });
  await api.sessions.rotate();

  // The test's own seal has the embedded key's name; a second key comes before it.
  const newest = keysFromText(`k2:${key()}`)[0];
  const both = {
    ...sealWith([newest]),
    open: (sealed: string, context: string) => (sealed.startsWith("k2.") ? sealWith([newest]) : seal).open(sealed, context),
  };
  expect(await resealAll(db, both)).toEqual({ tenants: 2, states: 1, signingKeys: 1, answers: 1 });
  expect(await resealAll(db, both)).toEqual({ tenants: 0, states: 0, signingKeys: 0, answers: 0 });

  const alone = sealWith([newest]);
  expect((await tenantConnection(db, alone, "acme")).externalId).toBe("e");
  expect((await loadState(db, alone, operation.projectKey))?.body).toBe("a state");
  const sessions = sessionsOf({ db, seal: alone, issuer, now: () => clock.now });
  const boss = await db.selectFrom("users").selectAll().where("id", "=", "boss").executeTakeFirstOrThrow();
  expect((await sessions.verify((await sessions.issue(boss, "session", "admin")).token)).sub).toBe("boss");
});

it("a key that was replaced verifies what it signed before, and nothing that it signs after", async () => {
  api = await hostedTest();
  const { db, seal, clock, sessions } = api;
  await api.user("acme", "boss", "admin");
  const boss = await db.selectFrom("users").selectAll().where("id", "=", "boss").executeTakeFirstOrThrow();
  const before = await sessions.issue(boss, "session", "admin");
  const [stolen] = await signingKeys(db, seal);
  if (!stolen) throw new Error("no key");
  await sessions.rotate();
  expect((await sessions.verify(before.token)).sub).toBe("boss");
  clock.now = new Date(clock.now.getTime() + 60_000);
  const claims = decodeJwt(before.token);
  const forge = async (key: typeof stolen): Promise<string> =>
    await new SignJWT({ ...claims, iat: clock.now.getTime() / 1_000 })
      .setProtectedHeader({ alg: "EdDSA", kid: key.kid })
      .sign(await importJWK(key.privateJwk, "EdDSA"));
  await expect(sessions.verify(await forge(stolen))).rejects.toMatchObject({ code: "auth.invalid" });
  const [newest] = await signingKeys(db, seal);
  expect((await sessions.verify(await forge(newest as typeof stolen))).sub).toBe("boss");
});

it("sessions can be ended with their keys: whoever knows an old one signs nothing, whatever time they write", async () => {
  api = await hostedTest();
  const { db, seal, clock, sessions } = api;
  await api.user("acme", "boss", "admin");
  const boss = await db.selectFrom("users").selectAll().where("id", "=", "boss").executeTakeFirstOrThrow();
  const elsewhere = sessionsOf({ db, seal, issuer, now: () => clock.now });
  const before = await sessions.issue(boss, "session", "admin");
  expect((await elsewhere.verify(before.token)).sub).toBe("boss");
  await sessions.rotate({ endAll: true });
  await expect(sessions.verify(before.token)).rejects.toMatchObject({ code: "auth.invalid" });
  clock.now = new Date(clock.now.getTime() + 61_000); // another process knows it a minute later
  await expect(elsewhere.verify(before.token)).rejects.toMatchObject({ code: "auth.invalid" });
  expect((await elsewhere.verify((await elsewhere.issue(boss, "session", "admin")).token)).sub).toBe("boss");
});
