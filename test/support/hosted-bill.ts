/** A hosted control API whose books have a bill: an admin, a member with a project each, and 90 days of what AWS billed. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blueprintParameters } from "../../src/contract/blueprints.ts";
import { claimBillingRead, recordBill } from "../../src/control/store/billing-reads.ts";
import type { Db } from "../../src/control/store/database.ts";
import { openPostgres } from "../../src/control/store/postgres.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import { addDays, dayOf, periodsOf } from "../../src/core/costs/actual/period.ts";
import type { Home } from "./cli.ts";
import { newHome } from "./cli.ts";
import type { TestHosting } from "./hosted.ts";
import { startHosting } from "./hosted.ts";
import { wholeDay } from "./whole-day.ts";

const password = "correct horse battery staple";

export interface HostedBill {
  api: TestHosting;
  db: Db;
  /** `root` owns the platform; in tenant acme `ann` is an admin with project sales, `bob` a member with project wiki. */
  root: Home;
  ann: Home;
  bob: Home;
  /** The first day of the bill, and yesterday, its last. */
  days: { first: string; last: string };
  stop(): Promise<void>;
}

/** Each day sales costs 3 dollars, wiki 1, and what has no project a half: 4 of AWS Lambda, and half a dollar of tax. */
export async function startHostedBill(env: NodeJS.ProcessEnv = {}): Promise<HostedBill> {
  // The bill ends yesterday: on the other side of midnight that would be another day.
  await wholeDay();
  const api = await startHosting(env);
  const homes = { root: newHome({ CHARTCTL_KEYRING: "0" }), ann: newHome({ CHARTCTL_KEYRING: "0" }), bob: newHome({ CHARTCTL_KEYRING: "0" }) };
  const { root, ann, bob } = homes;
  const { db } = openPostgres({ url: api.databaseUrl, poolSize: 2, onIdleError: () => {} });
  const linkIn = (text: string): string => /http\S+#\S+/.exec(text)?.[0] ?? "";
  const signIn = async (home: Home, link: string): Promise<void> => {
    const { code, stderr } = await home.pipe(password, "login", "--invitation", link, "--password-stdin");
    if (code !== 0) throw new Error(stderr);
  };
  await signIn(root, api.ownerLink);
  await root.run("tenants", "add", "acme");
  await signIn(ann, linkIn((await root.run("-t", "acme", "users", "add", "ann", "--role", "admin")).stdout));
  await signIn(bob, linkIn((await ann.run("users", "add", "bob")).stdout));
  const keys = { sales: await projectOf(api, ann, "sales"), wiki: await projectOf(api, bob, "wiki") };
  const today = dayOf(new Date());
  const days = { first: addDays(today, -90), last: addDays(today, -1) };
  const each = (amounts: Omit<CostAmount, "period" | "currency">[]): CostAmount[] =>
    periodsOf({ from: days.first, until: today }, "day").flatMap((period) => amounts.map((amount) => ({ ...amount, period, currency: "USD" })));
  const since = `${addDays(today, -100)}T00:00:00.000Z`;
  for (const { key, monthly_cents: monthlyCents } of await db.selectFrom("projects").select(["key", "monthly_cents"]).execute())
    await db
      .updateTable("projects")
      .set({ created_at: since, estimates: JSON.stringify([{ since, monthlyCents }]) })
      .where("key", "=", key)
      .execute();
  const by = { tenantId: "acme", claim: "by-hand", now: new Date() };
  await claimBillingRead(db, { ...by, onlyDue: false, holder: null });
  const bill = {
    from: days.first,
    until: today,
    source: "ce",
    openFrom: null,
    byProject: each([
      { key: keys.sales, kind: "usage", amount: "3" },
      { key: keys.wiki, kind: "usage", amount: "1" },
      { key: null, kind: "tax", amount: "0.5" },
    ]),
    byService: each([
      { key: "AWS Lambda", kind: "usage", amount: "4" },
      { key: "Tax", kind: "tax", amount: "0.5" },
    ]),
    price: { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false },
  } as const;
  await recordBill(db, by, bill, new Date(Date.now() + 86_400_000));
  const stop = async (): Promise<void> => {
    await db.destroy();
    await api.stop();
    for (const home of Object.values(homes)) home.remove();
  };
  return { api, db, ...homes, days, stop };
}

/** Books it, as a provision does that never ended. Its key. */
async function projectOf({ url }: TestHosting, home: Home, projectId: string): Promise<string> {
  const [kept] = Object.values(JSON.parse(readFileSync(join(home.path, "tokens.json"), "utf8")) as Record<string, { token: string }>);
  const answer = await fetch(`${url}/api/operations`, {
    method: "POST",
    headers: { authorization: `Bearer ${kept?.token}`, "content-type": "application/json" },
    body: JSON.stringify({
      idempotencyKey: randomUUID(),
      kind: "provision",
      projectId,
      holder: { machine: "test", pid: 1, startedAt: "boot-1" },
      desired: {
        blueprint: "serverless-web",
        region: "us-east-1",
        environment: "development",
        parameters: blueprintParameters["serverless-web"].parse({}),
      },
    }),
  });
  const { project } = (await answer.json()) as { project?: { key: string } };
  if (!project) throw new Error(`no project ${projectId}: ${answer.status}`);
  return project.key;
}
