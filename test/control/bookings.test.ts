/** What a month's report is told of the books: ended projects, too, of one tenant alone, and the limits that hold. */
import { afterEach, expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { TestApi } from "./support.ts";
import { proof, provisionOf, testApi } from "./support.ts";

let api: TestApi | undefined;
afterEach(() => api?.close());

it("tells what was booked in a time, when it began and when it ended", async () => {
  api = await testApi();
  const book = async (tenant: string, user: string, project: string): Promise<void> => {
    const opened = await api?.books(tenant, user).open(provisionOf(project));
    await api?.books(tenant, user).finish(opened?.operation as never, { outcome: "succeeded", standing: "something" });
  };
  const ends = async (project: string): Promise<void> => {
    const opened = await api?.books("acme", "ana").open({ ...provisionOf(project), kind: "destroy", desired: undefined });
    await api?.books("acme", "ana").finish(opened?.operation as never, {
      outcome: "succeeded",
      standing: "nothing",
      receipt: proof(),
    });
  };
  api.clock.now = new Date("2026-01-20T12:00:00Z");
  await book("acme", "ana", "early");
  await book("acme", "ana", "long");
  await book("globex", "eve", "theirs");
  api.clock.now = new Date("2026-01-31T00:00:00Z");
  await ends("early");
  api.clock.now = new Date("2026-02-02T00:00:00Z");
  await book("acme", "ben", "later");
  await ends("long");
  const call = api.call("acme");
  await call(endpoints.setQuota, { body: { limits: { userMonthlyCents: 7_000 } } });
  await call(endpoints.setQuota, { body: { limits: { userMonthlyCents: 9_000 }, user: "ben" } });
  const asked = async (from: string, until: string) => await call(endpoints.listBookings, { query: { from, until } });
  const february = await asked("2026-02-01", "2026-03-01");
  expect(february.bookings.map(({ projectId, userId, endedAt }) => [projectId, userId, endedAt])).toEqual([
    ["long", "ana", "2026-02-02T00:00:00.000Z"],
    ["later", "ben", null],
  ]);
  expect(february.limits).toEqual([
    { userId: "ana", userMonthlyCents: 7_000 },
    { userId: "ben", userMonthlyCents: 9_000 },
  ]);
  expect(february.othersMonthlyCents).toBe(7_000); // of a user who booked nothing
  expect((await asked("2026-01-01", "2026-02-01")).bookings.map(({ projectId }) => projectId).sort()).toEqual(["early", "long"]);
  expect((await asked("2025-12-01", "2026-01-01")).bookings).toEqual([]);
});

it("keeps what a booking was estimated at, from when to when, after it has ended", async () => {
  let cents = 0;
  api = await testApi({ cents: () => cents });
  const books = api.books("acme", "ana");
  const book = async (monthlyCents: number): Promise<void> => {
    cents = monthlyCents;
    const opened = await books.open(provisionOf("sales"));
    await books.finish(opened.operation, { outcome: "succeeded", standing: "something" });
  };
  const at = (time: string): string => {
    if (api) api.clock.now = new Date(time);
    return new Date(time).toISOString();
  };
  const days = [at("2026-01-01T00:00:00Z")];
  await book(120);
  days.push(at("2026-01-10T00:00:00Z"));
  await book(900);
  at("2026-01-15T00:00:00Z");
  await book(900);
  days.push(at("2026-01-20T00:00:00Z"));
  await book(120);
  const end = at("2026-01-21T00:00:00Z");
  const opened = await books.open({ ...provisionOf("sales"), kind: "destroy", desired: undefined });
  await books.finish(opened.operation, { outcome: "succeeded", standing: "nothing", receipt: proof() });
  const { bookings } = await api.call("acme")(endpoints.listBookings, { query: { from: "2026-01-01", until: "2026-02-01" } });
  const estimates = [120, 900, 120].map((monthlyCents, which) => ({ since: days[which], monthlyCents }));
  expect(bookings).toEqual([{ projectId: "sales", userId: "ana", estimates, endedAt: end }]);
});
