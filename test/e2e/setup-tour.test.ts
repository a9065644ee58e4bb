/** `chartctl setup` alone, in a real terminal: gone through, left with Ctrl-C, and gone on with. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Billing } from "../support/billing.ts";
import { startBilling } from "../support/billing.ts";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";
import type { Answer } from "../support/terminal.ts";
import { atTerminal } from "../support/terminal.ts";

let emulator: TestEmulator;
let billing: Billing;
let home: Home;
beforeAll(async () => {
  [emulator, billing] = await Promise.all([startEmulator(), startBilling()]);
  home = newHome({
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ENDPOINT_URL_BUDGETS: billing.url,
    AWS_ENDPOINT_URL_COST_EXPLORER: billing.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    TERM: "xterm-256color",
  });
}, 60_000);
afterAll(async () => {
  await Promise.all([emulator?.stop(), billing?.close()]);
  home?.remove();
});

const down = "\u001b[B";
const session = async (answers: Answer[], ...flags: string[]): Promise<{ code: number | null; screen: string }> => {
  const { code, screen } = await atTerminal(home, ["setup", ...flags], answers);
  return { code, screen: stripVTControlCharacters(screen) };
};
const state = (): boolean => existsSync(join(home.path, "setup-tour.json"));

describe("the tour", { timeout: 120_000 }, () => {
  it("is left with Ctrl-C at a question: exit 130, what was answered is kept, nothing is made", async () => {
    const { code, screen } = await session([
      [/Where is the platform to run/, `${down}${down}\r`],
      [/Set account 123456789012 up\?/, "\r"],
      [/Monthly budget/, "\u0003"],
    ]);
    expect(code, screen).toBe(130);
    expect(screen).toContain("The tour goes on here: chartctl setup");
    expect(state()).toBe(true);
    expect(billing.budgets.size).toBe(0);
  });

  it("goes on there, takes no nonsense, does all parts, and forgets itself", async () => {
    const { code, screen } = await session([
      [/Monthly budget/, "lots\r"],
      [/An amount in dollars/, "\u0015250\r"],
      [/Who hears/, "ops@example.org\r"],
      [/Its short name/, "acme\r"],
    ]);
    expect(code, screen).toBe(0);
    expect(screen).toContain("Going on where you left the tour.");
    expect(screen).not.toContain("Where is the platform to run");
    expect(screen).toContain("arn:aws:iam::123456789012:role/chartctl-broker");
    expect(screen).toContain("That is all.");
    expect(billing.budgets.get("chartctl-monthly")?.budget.BudgetLimit.Amount).toBe("250.00");
    expect(readdirSync(join(home.path, "chartctl-platform"))).toContain("compose.yaml");
    expect(dataOf<{ id: string }[]>(await home.run("tenants", "--json")).map(({ id }) => id)).toEqual(["acme"]);
    expect(state()).toBe(false);
  });

  it("offers the budget and the address of this shell's variables, which Enter takes", async () => {
    const there = newHome({ ...home.env, CHARTCTL_HOME: home.path, AWS_COST_BUDGET_LIMIT: "321.50", ALERT_EMAIL: "finance@example.org" });
    const { code, screen } = await atTerminal(
      there,
      ["setup"],
      [
        [/Where is the platform to run/, "\r"],
        [/Set account 123456789012 up\?/, "\r"],
        [/AWS_COST_BUDGET_LIMIT/, "\r"],
        [/ALERT_EMAIL/, "\r"],
        [/Its short name/, "\r"],
      ],
    );
    there.remove();
    expect(code, screen).toBe(0);
    const { budget, alerts } = billing.budgets.get("chartctl-monthly") as NonNullable<ReturnType<typeof billing.budgets.get>>;
    expect(budget.BudgetLimit.Amount).toBe("321.50");
    expect(new Set(alerts.flatMap(({ subscribers }) => subscribers.map(({ Address }) => Address)))).toEqual(new Set(["finance@example.org"]));
  });

  it("begins again when it is asked to, and with a closed terminal ends by itself", async () => {
    const { screen } = await session([[/Where is the platform to run/, "close"]], "--restart");
    expect(screen).toContain("A platform has three parts");
  });
});
