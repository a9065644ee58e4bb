/** `chartctl setup aws` on the built CLI: read it as a terminal session. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SetupReport } from "../../src/core/setup/steps.ts";
import type { AwsProxy } from "../support/aws-proxy.ts";
import { proxyAws } from "../support/aws-proxy.ts";
import type { Billing } from "../support/billing.ts";
import { startBilling } from "../support/billing.ts";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";

let emulator: TestEmulator;
let billing: Billing;
let proxy: AwsProxy;
let home: Home;
const platform = ["--principal", "arn:aws:iam::123456789012:user/platform"];
const errorOf = (ran: Ran) => (JSON.parse(ran.stdout) as { error: { code: string; message: string; hint: string | null } }).error;

beforeAll(async () => {
  [emulator, billing] = await Promise.all([startEmulator(), startBilling()]);
  proxy = await proxyAws(emulator.url);
  home = newHome({
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ENDPOINT_URL_BUDGETS: billing.url,
    AWS_ENDPOINT_URL_COST_EXPLORER: billing.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-west-2",
  });
}, 60_000);
afterAll(async () => {
  home?.remove();
  await Promise.all([proxy?.close(), billing?.close()]);
  await emulator?.stop();
});

describe("setup aws", { timeout: 120_000 }, () => {
  it("prints the policies, and asks AWS nothing", async () => {
    const printed = await home.run("setup", "aws", "--print");
    expect([printed.code, printed.stderr, proxy.seen]).toEqual([0, "", []]);
    const policies = JSON.parse(printed.stdout) as Record<string, { trust?: object; policy: { Statement: object[] } }>;
    expect(Object.keys(policies)).toEqual(["chartctl-boundary", "chartctl-broker", "chartctl-provisioning"]);
    expect(JSON.stringify(policies["chartctl-broker"]?.trust)).toContain("PLATFORM_PRINCIPAL_ARN");
    const named = await home.run("setup", "aws", "--print", "--account-id", "111122223333", "--principal", "arn:aws:iam::111122223333:role/web");
    expect(named.stdout).toContain('"arn:aws:iam::111122223333:role/web"');
    expect(named.stdout).not.toMatch(/ACCOUNT_ID|PLATFORM_PRINCIPAL/);
  });

  it.each([
    [["--budget", "500"], "alert-email.invalid"],
    [["--budget", "500", "--alert-email", "ops"], "alert-email.invalid"],
    [["--alert-email", "ops"], "alert-email.invalid"],
    [["--budget", "0", "--alert-email", "ops@example.org"], "budget.invalid"],
    [["--budget", "lots"], "money.invalid"],
    [["--principal", "arn:aws:iam::123456789012:root"], "principal.invalid"],
    [["--print", "--teardown"], "usage"],
    [["--print", "--dry-run"], "usage"],
  ])("%j → %s, exit 64", async (flags, code) => {
    const ran = await home.run("--json", "setup", "aws", ...flags);
    expect([ran.code, errorOf(ran).code]).toEqual([64, code]);
  });

  it.each([
    [{ AWS_COST_BUDGET_LIMIT: "500", ALERT_EMAIL: "" }, 64, "A budget without an address tells nobody"],
    [{ AWS_COST_BUDGET_LIMIT: "", ALERT_EMAIL: "ops" }, 64, 'The address "ops" is not an e-mail address'],
    [{ AWS_COST_BUDGET_LIMIT: "", ALERT_EMAIL: "" }, 0, ""],
  ])("%j: an empty variable is none", async (env, code, message) => {
    const other = newHome({ ...home.env, ...env });
    const ran = await other.run("--json", "setup", "aws", ...platform, "--dry-run");
    other.remove();
    expect([ran.code, ran.code === 0 ? "" : errorOf(ran).message]).toEqual([code, expect.stringContaining(message)]);
    expect(ran.stdout).not.toContain("CreateBudget");
  });

  it("refuses another account than the one that is meant", async () => {
    const ran = await home.run("--json", "setup", "aws", ...platform, "--account-id", "999999999999");
    expect([ran.code, errorOf(ran).code]).toEqual([3, "account.mismatch"]);
  });

  it("shows every call before it makes any, then makes them; again, it finds all", async () => {
    const shown = await home.run("setup", "aws", ...platform, "--dry-run");
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(/1\. iam:CreatePolicy[\s\S]+2\. iam:CreateRole[\s\S]+calls would be made, in this order\. Nothing was changed\./);
    expect(proxy.seen.filter((what) => /^(Create|Put|Update)/.test(what))).toEqual([]);

    const made = await home.run("setup", "aws", ...platform, "--budget", "500", "--alert-email", "ops@example.org");
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toMatch(/Tenants trust\s+arn:aws:iam::123456789012:role\/chartctl-broker/);
    expect(billing.budgets.get("chartctl-monthly")?.budget.BudgetLimit.Amount).toBe("500.00");
    const again = dataOf<SetupReport>(await home.run("--json", "setup", "aws", ...platform));
    expect(again.steps.map(({ outcome }) => outcome)).toEqual(["found", "found", "found", "waits", "found"]);
  });

  it("finds all again as whoever made it, too", async () => {
    expect((await home.run("--yes", "setup", "aws", "--teardown")).code).toBe(0);
    for (const outcome of ["made", "found"]) {
      const { steps, principal } = dataOf<SetupReport & { principal: { arn: string } }>(await home.run("--json", "setup", "aws"));
      expect([steps[1]?.outcome, principal.arn]).toEqual([outcome, "arn:aws:iam::123456789012:user/moto"]);
    }
  });

  it("keeps the budget's amount where an address alone is named, and has a default where there is none", async () => {
    const amount = () => billing.budgets.get("chartctl-monthly")?.budget.BudgetLimit.Amount;
    const told = () => billing.budgets.get("chartctl-monthly")?.alerts.flatMap(({ subscribers }) => subscribers.map(({ Address }) => Address));
    expect((await home.run("setup", "aws", "--alert-email", "ops@example.org")).code).toBe(0);
    expect([amount(), told()]).toEqual(["1000.00", ["ops@example.org", "ops@example.org"]]);
    expect((await home.run("setup", "aws", ...platform, "--budget", "500", "--alert-email", "ops@example.org")).code).toBe(0);
    expect((await home.run("setup", "aws", "--alert-email", "two@example.org")).code).toBe(0);
    expect([amount(), told()]).toEqual(["500.00", ["two@example.org", "two@example.org"]]);
  });

  it("takes budget and address from the environment, as the old platform names them; a flag wins, and an empty variable is none", async () => {
    const named = (env: NodeJS.ProcessEnv): Home => newHome({ ...home.env, CHARTCTL_HOME: home.path, ...env });
    const run = async (env: NodeJS.ProcessEnv, ...flags: string[]): Promise<Ran> => {
      const elsewhere = named(env);
      const ran = await elsewhere.run("--json", "setup", "aws", ...platform, ...flags);
      elsewhere.remove();
      return ran;
    };
    const both = { AWS_COST_BUDGET_LIMIT: "1000", ALERT_EMAIL: "finance@example.org" };
    expect(dataOf<SetupReport>(await run(both)).steps.at(-1)).toMatchObject({ outcome: "changed" });
    const { budget, alerts } = billing.budgets.get("chartctl-monthly") ?? {};
    expect([budget?.BudgetLimit.Amount, JSON.stringify(alerts)]).toEqual(["1000.00", expect.stringContaining("finance@example.org")]);
    expect((await run(both, "--budget", "500", "--alert-email", "ops@example.org")).code).toBe(0);
    expect(billing.budgets.get("chartctl-monthly")?.budget.BudgetLimit.Amount).toBe("500.00");
    expect(dataOf<SetupReport>(await run({ AWS_COST_BUDGET_LIMIT: "", ALERT_EMAIL: "" })).steps.at(-1)).toMatchObject({ outcome: "found" });
    expect(errorOf(await run({ AWS_COST_BUDGET_LIMIT: "1000" })).code).toBe("alert-email.invalid");
  });

  it("is what setup check finds, and whom a tenant's template trusts", async () => {
    const checks = (ran: Ran) =>
      Object.fromEntries(dataOf<{ checks: { part: string; name: string; state: string }[] }>(ran).checks.map(({ name, state }) => [name, state]));
    const found = await home.run("setup", "check", "--json");
    expect(found.code, found.stdout).toBe(0);
    expect(checks(found)).toMatchObject({
      "policy chartctl-boundary": "ok",
      "role chartctl-broker": "ok",
      "role chartctl-provisioning": "ok",
      "cost allocation tags": "waits",
      Platform: "waits",
    });
    const elsewhere = newHome({ ...home.env, CHARTCTL_HOME: home.path, CHARTCTL_BROKER_ROLE_ARN: "arn:aws:iam::123456789012:role/chartctl-broker" });
    const connected = await elsewhere.run("tenants", "connect", "later", "--json");
    elsewhere.remove();
    expect(dataOf<{ stack: { parameters: Record<string, string> } }>(connected).stack.parameters.PlatformPrincipalArn).toBe(
      "arn:aws:iam::123456789012:role/chartctl-broker",
    );
  });

  it("is not taken away while a project is booked, nor without a yes", async () => {
    expect((await home.run("tenants", "add", "acme")).code).toBe(0);
    const provisioned = await home.run("-t", "acme", "-p", "sales", "--yes", "provision");
    expect(provisioned.code, provisioned.stderr).toBe(0);
    const refused = await home.run("--json", "--yes", "setup", "aws", "--teardown");
    expect(refused.code).toBe(5);
    expect(errorOf(refused)).toMatchObject({
      code: "projects.live",
      message: expect.stringContaining("acme/sales"),
      hint: expect.stringContaining("chartctl -t acme -p sales destroy"),
    });
    expect((await home.run("-t", "acme", "-p", "sales", "--yes", "destroy")).code).toBe(0);

    // Another platform that this machine knows, and can't ask, may work with the same roles.
    expect((await home.run("config", "set", "apiUrl", "http://127.0.0.1:9", "--context", "far")).code).toBe(0);
    expect(errorOf(await home.run("--json", "--yes", "--context", "default", "setup", "aws", "--teardown"))).toMatchObject({
      code: "host.projects-unknown",
      hint: expect.stringContaining("chartctl config unset apiUrl --context far"),
    });
    expect((await home.run("config", "unset", "apiUrl", "--context", "far")).code).toBe(0);

    expect(errorOf(await home.run("--json", "setup", "aws", "--teardown")).code).toBe("confirmation.missing");

    const gone = dataOf<SetupReport>(await home.run("--json", "--yes", "setup", "aws", "--teardown"));
    expect(gone.steps.map(({ outcome }) => outcome)).toEqual(["removed", "removed", "removed", "found", "removed"]);
    expect(billing.budgets.size).toBe(0);
  });
});
