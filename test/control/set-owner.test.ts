/** The owner's password, set by whoever has the host: for the first time, and over whatever was. */
import { afterEach, expect, it } from "vitest";
import { hashPassword } from "../../src/control/auth/passwords.ts";
import { addFirstOwner, setOwner } from "../../src/control/store/users.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";

let api: HostedTest | undefined;
afterEach(() => api?.close());

const first = "correct horse battery";
const second = "staple battery horse";

it("makes the owner, then gives another password: the old one, a session and an open link count no more", async () => {
  api = await hostedTest();
  const { db, clock, send } = api;
  const signIn = async (password: string) => await send("POST", "/auth/login", { body: { tenant: "platform", user: "chief", password } });
  await addFirstOwner(db, { id: "chief", passwordHash: null, invitationHash: "a link's", now: clock.now });
  await setOwner(db, { id: "chief", passwordHash: await hashPassword(first), now: clock.now });
  expect(await db.selectFrom("invitations").selectAll().execute()).toEqual([]);
  const session = await signIn(first);
  expect(session.status).toBe(200);
  await db.updateTable("users").set({ status: "disabled" }).where("id", "=", "chief").execute();
  clock.now = new Date(clock.now.getTime() + 2_000);
  await setOwner(db, { id: "chief", passwordHash: await hashPassword(second), now: clock.now });
  expect((await signIn(first)).status).toBe(401);
  expect((await send("GET", "/auth/me", { token: session.body.token })).status).toBe(401);
  expect((await signIn(second)).status).toBe(200);
  const audit = await db.selectFrom("audit").select(["actor", "action"]).where("actor", "=", "host").execute();
  expect(audit).toEqual(Array(2).fill({ actor: "host", action: "user.password-set" }));
});

it("leaves an owner alone who has signed in, whichever id is asked for", async () => {
  api = await hostedTest();
  const { db, clock, send } = api;
  const give = async (id: string, password: string) => await setOwner(db, { id, passwordHash: await hashPassword(password), now: clock.now, ifUnused: true });
  await give("chief", first);
  await give("chief", second); // a setup that died before it signed in
  const session = await send("POST", "/auth/login", { body: { tenant: "platform", user: "chief", password: second } });
  expect(session.status).toBe(200);
  const refused = { kind: "conflict", code: "owner.in-use", message: expect.stringContaining("chief") };
  for (const id of ["chief", "another"]) await expect(give(id, first)).rejects.toMatchObject(refused);
  expect((await send("GET", "/auth/me", { token: session.body.token })).status).toBe(200);
  expect(await db.selectFrom("users").select("id").where("role", "=", "global_owner").execute()).toEqual([{ id: "chief" }]);
});
