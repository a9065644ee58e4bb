/** Alerts from the outbox to a real server: at least once, with one id, whatever fails, dies or is done twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alertReceiver } from "../../src/adapters/alert-webhook.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import { deliverDue } from "../../src/control/deliver-due.ts";
import { transact } from "../../src/control/store/transact.ts";
import { writeBill } from "../../src/control/store/write-bill.ts";
import { alertSecrets } from "../../src/core/costs/limits/alert-settings.ts";
import type { AlertReceiver } from "../../src/core/costs/limits/deliver-alerts.ts";
import { allTold } from "../support/alerts.ts";
import type { Behaviour, WebhookReceiver } from "../support/webhook-receiver.ts";
import { webhookReceiver } from "../support/webhook-receiver.ts";
import { readBill, review } from "./bill.ts";
import type { TestApi } from "./support.ts";
import { provisionOf, testApi } from "./support.ts";

const by = { actor: "platform/worker", requestId: "alerts:1" };
let api: TestApi;
let receiver: WebhookReceiver;
let to: AlertReceiver;

beforeEach(async () => {
  receiver = await webhookReceiver();
  // As a signature wants it, the time is the real one; what is due goes by the books' clock.
  to = alertReceiver({ url: receiver.url, secrets: alertSecrets(receiver.secret) }, () => new Date(), 1_500);
  api = await testApi({ alertReceiver: to });
});
afterEach(async () => {
  await receiver.close();
  await api.close();
});

const booked = async (...ids: string[]): Promise<Record<string, string>> => {
  const keys = [];
  for (const id of ids) keys.push((await api.books("acme", id).open(provisionOf(id))).project.key);
  return Object.fromEntries(keys.map((key) => [key, "55"]));
};
const over = async (...ids: string[]): Promise<void> => readBill(api, await booked(...ids));
const deliver = () => deliverDue({ alertReceiver: async () => to, now: () => api.clock.now }, api.db, by);
const standing = async () => (await api.call("acme")(endpoints.adminStats, {})).alerts;
const later = (seconds: number): void => {
  api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
};
const ids = (): string[] => receiver.got.map(({ id }) => id);

describe("an alert", () => {
  it("is delivered once, and told as delivered", async () => {
    await over("sales");
    expect(await deliver()).toEqual({ delivered: 1, failed: 0, givenUp: 0, gone: false });
    await review(api.db, api.clock.now);
    later(3_600);
    expect(await deliver()).toMatchObject({ delivered: 0 });
    expect(receiver.got).toMatchObject([{ event: { type: "cost.project.over_limit", data: { projectId: "sales", amount: "55", limit: "50.00" } } }]);
    const { alerts } = await api.call("acme")(endpoints.listAlerts, {});
    expect(alerts).toMatchObject([{ id: ids()[0], status: "delivered", attempts: 1, projectId: "sales", endedAt: expect.any(String) }]);
    expect(await standing()).toEqual(allTold);
  });

  const failures: [string, Behaviour, boolean][] = [
    ["a 500", 500, true],
    ["a 404", 404, true],
    ["a 429", { status: 429, headers: { "retry-after": "90" } }, true],
    ["a redirect", { status: 308, headers: { location: "https://elsewhere.example.org/" } }, true],
    ["a time-out", "silent", true],
    ["a connection that is cut", "cut", false],
    ["an answer that is lost", "lost", true],
  ];
  it.each(failures)("after %s is delivered again with the same id, later, and only then told as delivered", async (_, behaviour, arrived) => {
    await over("sales");
    receiver.next.push(behaviour);
    expect(await deliver()).toMatchObject({ delivered: 0, failed: 1 });
    expect(await standing()).toMatchObject({ waiting: 1, failing: 1, lastError: expect.stringMatching(/^the receiver /) });
    expect(await deliver()).toMatchObject({ delivered: 0, failed: 0 }); // not yet
    later(91);
    expect(await deliver()).toMatchObject({ delivered: 1 });
    expect(new Set(ids()).size).toBe(1);
    expect(ids()).toHaveLength(arrived ? 2 : 1);
    expect(new Set(receiver.got.map(({ event }) => JSON.stringify(event))).size).toBe(1);
    expect(await standing()).toMatchObject({ waiting: 0, lastError: null });
  });

  it("is tried for five days, ever later; then it is given up and stays to be seen, until it is sent again", async () => {
    await over("sales");
    receiver.next.push(...Array.from({ length: 100 }, () => 503));
    let tries = 0;
    for (let hour = 0; hour < 6 * 24 * 4; hour++) {
      const { failed, givenUp } = await deliver();
      tries += failed + givenUp;
      later(900);
    }
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(30);
    expect(await standing()).toEqual({
      receiver: "set",
      waiting: 0,
      failing: 0,
      givenUp: 1,
      oldestAt: expect.any(String),
      cleanUps: 0,
      lastError: "the receiver answered 503",
      reasons: [{ status: "given-up", error: "the receiver answered 503", tried: true, alerts: 1 }],
      untagged: [],
    });
    receiver.next.splice(0);
    expect(await deliver()).toMatchObject({ delivered: 0 });
    expect(await api.call("acme")(endpoints.deliverAlerts, { body: { again: true } })).toMatchObject({ delivered: 1, standing: { givenUp: 0 } });
    expect(new Set(ids()).size).toBe(1);
  });

  it("isn't sent to a receiver that said 410, nor is any other; a new one, or --again, gets them all", async () => {
    await over("a", "b", "c");
    receiver.next.push(410);
    expect(await deliver()).toEqual({ delivered: 0, failed: 0, givenUp: 0, gone: true });
    later(86_400);
    expect(await deliver()).toMatchObject({ delivered: 0, gone: false });
    expect(ids()).toHaveLength(1);
    expect(await standing()).toMatchObject({ receiver: "gone", waiting: 3, givenUp: 0 });
    const another = await webhookReceiver();
    const moved = alertReceiver({ url: another.url, secrets: alertSecrets(another.secret) }, () => new Date(), 1_500);
    later(60);
    expect(await deliverDue({ alertReceiver: async () => moved, now: () => api.clock.now }, api.db, by)).toMatchObject({ delivered: 3 });
    await another.close();
    await over("d");
    expect(await api.call("acme")(endpoints.deliverAlerts, { body: { again: true } })).toMatchObject({ delivered: 1, standing: { receiver: "set" } });
  });

  it("of many, a receiver that is down is asked three times, not for each", async () => {
    await over("a", "b", "c", "d", "e");
    receiver.next.push(503, 503, 503, 503);
    expect(await deliver()).toMatchObject({ failed: 3 });
    receiver.next.splice(0);
    later(31);
    expect(await deliver()).toMatchObject({ delivered: 5 });
    expect(new Set(ids()).size).toBe(5);
  });
});

describe("whoever delivers", () => {
  it("twice at once, and four times: each alert goes out once", async () => {
    await over("a", "b", "c", "d", "e", "f");
    const done = await Promise.all(Array.from({ length: 4 }, deliver));
    expect(done.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(6);
    expect(ids()).toHaveLength(6);
    expect(new Set(ids()).size).toBe(6);
  });

  it("that dies between the send and its note leaves it to the next, with the same id", async () => {
    await over("sales");
    const dying = { ...to, send: async (alert: Parameters<AlertReceiver["send"]>[0]) => to.send(alert).then(() => new Promise<never>(() => {})) };
    void deliverDue({ alertReceiver: async () => dying, now: () => api.clock.now }, api.db, by);
    while (ids().length === 0) await sleep(10);
    later(30);
    expect(await deliver()).toMatchObject({ delivered: 0 }); // it may still live
    later(31);
    expect(await deliver()).toMatchObject({ delivered: 1 });
    expect(ids()).toHaveLength(2);
    expect(new Set(ids()).size).toBe(1);
  });

  it("and whose claim ended changes nothing that another said", async () => {
    await over("sales");
    let wake = (): void => {};
    const slow = {
      ...to,
      send: async () => new Promise<{ outcome: "failed"; why: string }>((resolve) => (wake = () => resolve({ outcome: "failed", why: "late" }))),
    };
    const late = deliverDue({ alertReceiver: async () => slow, now: () => api.clock.now }, api.db, by);
    await sleep(50);
    later(61);
    expect(await deliver()).toMatchObject({ delivered: 1 });
    wake();
    await late;
    expect((await api.call("acme")(endpoints.listAlerts, {})).alerts).toMatchObject([{ status: "delivered", error: null }]);
  });
});

describe("a bill that says nothing of projects", () => {
  const bill = async (key: string | null, dollars: string): Promise<void> => {
    const amounts = [{ period: "2026-01-01", key, kind: "usage" as const, currency: "USD", amount: dollars }];
    const price = { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false };
    const read = { from: "2026-01-01", until: "2026-01-02", source: "ce" as const, openFrom: null, byProject: amounts, byService: amounts, price };
    await transact(api.db, async (tx) => await writeBill(tx, "acme", read, api.clock.now));
  };
  it("is why no limit acts, where projects are booked, and only there", async () => {
    const untagged = async () => (await standing()).untagged;
    await api.call("acme")(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } });
    await bill(null, "531.52");
    expect(await untagged()).toEqual([]); // nothing is booked
    const [key = ""] = Object.keys(await booked("sales"));
    expect(await untagged()).toEqual(["acme"]);
    await bill(null, "0");
    expect(await untagged()).toEqual([]);
    await bill(key, "3");
    expect(await untagged()).toEqual([]);
  });
});

describe("without a receiver", () => {
  it("alerts of long ago are given up when one comes, and sent when they are asked for", async () => {
    await readBill({ ...api, receives: false }, await booked("sales"));
    later(6 * 86_400);
    await over("other");
    expect(await deliver()).toMatchObject({ delivered: 1 });
    expect(receiver.got.map(({ event }) => event.data.projectId)).toEqual(["other"]);
    const untold = "nobody was there to be told in time";
    expect(await standing()).toMatchObject({ givenUp: 1, reasons: [{ status: "given-up", error: untold, tried: false, alerts: 1 }] });
    expect(await api.call("acme")(endpoints.deliverAlerts, { body: { again: true } })).toMatchObject({ delivered: 1, standing: { givenUp: 0 } });
  });

  it("alerts wait, and stats say that nobody is told", async () => {
    await api.close();
    api = await testApi();
    await over("sales");
    expect(await api.call("acme")(endpoints.deliverAlerts, { body: {} })).toEqual({
      delivered: 0,
      failed: 0,
      givenUp: 0,
      standing: { receiver: "none", waiting: 1, failing: 0, givenUp: 0, oldestAt: expect.any(String), cleanUps: 0, lastError: null, reasons: [], untagged: [] },
    });
  });
});
