/** What goes to the webhook, against a real server that believes the specification's own library. */
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alertReceiver } from "../../src/adapters/alert-webhook.ts";
import { alertWebhook } from "../../src/control/serve/config.ts";
import { alertSecrets } from "../../src/core/costs/limits/alert-settings.ts";
import { onLoopback } from "../support/loopback.ts";
import type { WebhookReceiver } from "../support/webhook-receiver.ts";
import { newWebhookSecret, webhookReceiver } from "../support/webhook-receiver.ts";

let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await webhookReceiver();
});
afterEach(() => receiver.close());

const alert = { id: "msg_1", body: JSON.stringify({ type: "cost.project.over_limit", timestamp: "2026-11-20T12:00:00.000Z", data: { tenantId: "acmé" } }) };
const sender = (secret = receiver.secret, now = () => new Date()) => alertReceiver({ url: receiver.url, secrets: alertSecrets(secret) }, now, 1_500);

describe("a webhook", () => {
  it("is signed so that the specification's library believes it, with the body as it is kept", async () => {
    expect(await sender().send(alert)).toEqual({ outcome: "delivered" });
    expect(receiver.got).toMatchObject([{ id: "msg_1", event: JSON.parse(alert.body) }]);
    expect(Math.abs((receiver.got[0]?.at ?? 0) - Date.now() / 1_000)).toBeLessThan(5);
  });

  it("with another secret, or as of another time, isn't believed", async () => {
    expect(await sender(newWebhookSecret()).send(alert)).toMatchObject({ outcome: "failed", why: "the receiver answered 401" });
    expect(await sender(receiver.secret, () => new Date(Date.now() - 3_600_000)).send(alert)).toMatchObject({ outcome: "failed" });
    expect([receiver.got, receiver.refused.length]).toEqual([[], 2]);
  });

  it("is signed with both secrets while one takes the other's place", async () => {
    expect(await sender(`${newWebhookSecret()} ${receiver.secret}`).send(alert)).toEqual({ outcome: "delivered" });
  });

  it("is not followed elsewhere: whoever is there is told nothing", async () => {
    let elsewhere = 0;
    const other = await onLoopback(createServer((_, response) => response.writeHead(204).end(String(elsewhere++))));
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.next.push({ status, headers: { location: `${other.url}/there` } });
      expect(await sender().send(alert)).toMatchObject({
        outcome: "failed",
        why: expect.stringContaining(`answered ${status}, a redirect, which is not followed`),
      });
    }
    await other.close();
    expect(elsewhere).toBe(0);
  });

  it.each([
    [200, { outcome: "delivered" }],
    [299, { outcome: "delivered" }],
    [400, { outcome: "failed", why: "the receiver answered 400" }],
    [500, { outcome: "failed", why: "the receiver answered 500" }],
    [410, { outcome: "gone" }],
    [
      { status: 429, headers: { "retry-after": "120" } },
      { outcome: "failed", retryAfterSeconds: 120 },
    ],
    [
      { status: 503, headers: { "retry-after": "soon" } },
      { outcome: "failed", retryAfterSeconds: undefined },
    ],
    ["cut", { outcome: "failed", why: expect.stringMatching(/^the receiver can't be reached \(\w+\)$/) }],
    ["lost", { outcome: "failed", why: expect.stringMatching(/^the receiver can't be reached \(\w+\)$/) }],
    ["silent", { outcome: "failed", why: "the receiver did not answer in 1.5 s" }],
  ] as const)("%j is %j", async (behaviour, sent) => {
    receiver.next.push(behaviour);
    expect(await sender().send(alert)).toMatchObject(sent);
  });

  it("tells what went wrong without the address, which may hold a token", async () => {
    const nowhere = alertReceiver({ url: "http://127.0.0.1:9/hooks/t0ken", secrets: alertSecrets(receiver.secret) }, () => new Date(), 1_500);
    expect(JSON.stringify(await nowhere.send(alert))).not.toMatch(/t0ken|hooks/);
    expect(nowhere.id).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("the webhook's settings", () => {
  const secret = newWebhookSecret();
  it.each([
    ["http://hooks.example.org/x", secret, /ALERT_WEBHOOK_URL must be an https URL/],
    ["https://user:pass@hooks.example.org/x", secret, /ALERT_WEBHOOK_URL must name no user or password/],
    ["ftp://127.0.0.1/x", secret, /must be an https URL/],
    ["hooks", secret, /must be an https URL/],
    ["https://hooks.example.org/x", "", /ALERT_WEBHOOK_SECRET is not set/],
    ["https://hooks.example.org/x", "hunter2", /ALERT_WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes/],
    ["https://hooks.example.org/x", `whsec_${Buffer.alloc(23).toString("base64")}`, /24 to 64 bytes/],
    ["https://hooks.example.org/x", `whsec_${Buffer.alloc(65).toString("base64")}`, /24 to 64 bytes/],
    ["https://hooks.example.org/x", `${secret} whsec_x`, /24 to 64 bytes/],
  ])("%s with %s", (url, given, message) => {
    const refused = () => alertWebhook({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: given });
    expect(refused).toThrow(message);
    expect(refused).not.toThrow(/pass@|hunter2/);
  });

  it("are an https URL, or one of this machine, and one or two secrets; or nothing", () => {
    expect(alertWebhook({})).toBeUndefined();
    for (const url of ["https://hooks.example.org/x", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x"])
      expect(alertWebhook({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: `${secret} ${secret}` })?.secrets).toEqual([secret.slice(6), secret.slice(6)]);
    for (const bytes of [24, 25, 26, 64])
      expect(alertWebhook({ ALERT_WEBHOOK_URL: "https://x.org", ALERT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(bytes).toString("base64")}` })).toBeDefined();
  });
});
