/** What a scraper reads of costs, from real books: with what it would wake somebody. */
import { expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import { deliverDue } from "../../src/control/deliver-due.ts";
import { createMetrics } from "../../src/control/serve/metrics.ts";
import { claimBillingRead, recordBillingFailure } from "../../src/control/store/billing-reads.ts";
import { costFigures } from "../../src/control/store/cost-figures.ts";
import type { AlertReceiver } from "../../src/core/costs/limits/deliver-alerts.ts";
import { readBill } from "./bill.ts";
import { provisionOf, testApi } from "./support.ts";

it("counts alerts that aren't delivered, clean-ups that wait for one, bills that can't be read, and who is over a limit", async () => {
  const alertReceiver: AlertReceiver = { id: "r", send: async () => ({ outcome: "failed", why: "500" }) };
  const api = await testApi({ alertReceiver });
  const call = api.call("acme");
  const metrics = createMetrics("0.0.0", async () => ({
    poolUsed: 0,
    poolWaiting: 0,
    jobs: {},
    costs: await costFigures(api.db, alertReceiver, api.clock.now),
  }));
  const read = async () => {
    const lines = (await metrics.text()).split("\n").filter((line) => /^chartctl_(alerts|cleanups|bills|over)/.test(line));
    return Object.fromEntries(lines.map((line) => [line.slice("chartctl_".length, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]));
  };
  const quiet = {
    'alerts_undelivered{state="waiting"}': 0,
    'alerts_undelivered{state="failing"}': 0,
    'alerts_undelivered{state="given_up"}': 0,
    alerts_oldest_undelivered_seconds: 0,
    cleanups_held: 0,
    bills_failing: 0,
    'over_cost{of="project"}': 0,
    'over_cost{of="user"}': 0,
  };
  expect(await read()).toEqual(quiet);

  await call(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } });
  await call(endpoints.setQuota, { body: { overCost: { action: "clean-up", graceSeconds: 3_600 } } });
  const { project } = await api.books("acme").open(provisionOf("sales"));
  await readBill(api, { [project.key]: "101" });
  const by = { tenantId: "acme", claim: "one", now: api.clock.now };
  await claimBillingRead(api.db, { ...by, onlyDue: false, holder: null });
  await recordBillingFailure(api.db, by, { error: "Cost Explorer is not enabled", hint: null });
  const over = { ...quiet, cleanups_held: 1, bills_failing: 1, 'over_cost{of="project"}': 1, 'over_cost{of="user"}': 1 };
  expect(await read()).toEqual({ ...over, 'alerts_undelivered{state="waiting"}': 2 });

  await deliverDue({ alertReceiver: async () => alertReceiver, now: () => api.clock.now }, api.db, { actor: "worker", requestId: "a:1" });
  api.clock.now = new Date(api.clock.now.getTime() + 90_000);
  expect(await read()).toEqual({ ...over, 'alerts_undelivered{state="failing"}': 2, alerts_oldest_undelivered_seconds: 90 });
  api.clock.now = new Date(api.clock.now.getTime() + 6 * 86_400_000);
  await deliverDue({ alertReceiver: async () => alertReceiver, now: () => api.clock.now }, api.db, { actor: "worker", requestId: "a:1" });
  expect(await read()).toMatchObject({ 'alerts_undelivered{state="given_up"}': 2, 'alerts_undelivered{state="failing"}': 0, cleanups_held: 0 });
  await api.close();
});
