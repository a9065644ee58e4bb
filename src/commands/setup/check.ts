/** `chartctl setup check`: what is configured, and what is missing. Nothing is changed. */
import type { Command } from "commander";
import { endpoints } from "../../contract/endpoints.ts";
import { accountOf, setUpAws } from "../../core/setup/aws/set-up.ts";
import type { Checked } from "../../core/setup/check.ts";
import { checkSteps, isComplete } from "../../core/setup/check.ts";
import { isChartctlError, messageOf } from "../../errors.ts";
import { checkedText } from "../../ui/setup.ts";
import type { Cli } from "../cli.ts";
import { credentialHints } from "./aws.ts";

export function register(topic: Command, cli: Cli): void {
  topic
    .command("check")
    .description("what is set up and what is missing; changes nothing")
    .action(async () => {
      const checked = (await Promise.all([machine(cli), account(cli), host(cli), tenants(cli)])).flat();
      const complete = isComplete(checked);
      cli.exitCode(complete ? 0 : 1);
      cli.io.result("SetupCheck", { complete, checks: checked }, () => checkedText(checked, complete, cli.io.width));
    });
}

const machineStates = { ok: "ok", warn: "waits", fail: "missing" } as const;

const machine = async ({ connect }: Cli): Promise<Checked[]> =>
  (await connect.checks()).map(({ name, result, found, mend }) => ({ part: "This machine", name, state: machineStates[result], found, mend }));

async function account(cli: Cli): Promise<Checked[]> {
  const part = "AWS account";
  if ((await cli.given()).sandbox) return [];
  return await looked(part, "the platform's account", async () => {
    const aws = await cli.connect.awsSetup();
    const { accountId, principal } = await accountOf(aws, { accountId: undefined, principal: undefined, hints: await credentialHints(cli) });
    const steps = setUpAws(aws, { accountId, principalArn: principal.arn }, undefined);
    return await checkSteps(part, steps, { mend: "chartctl setup aws", interrupt: cli.interrupt });
  });
}

async function host(cli: Cli): Promise<Checked[]> {
  const part = "Host";
  const { apiUrl, region, sandbox } = await cli.given();
  if (sandbox) return [];
  return await looked(part, "Heroku", async () => {
    try {
      const asked = { app: undefined, mayBeNew: false, team: undefined, size: undefined, addons: undefined, chosen: {}, region: undefined, awsRegion: region };
      const hand = await cli.connect.heroku(asked);
      return await checkSteps(part, hand.host.bringUp(), { mend: "chartctl setup heroku", interrupt: cli.interrupt });
    } catch (error) {
      if (!isChartctlError(error) || error.code !== "heroku.no-app") throw error;
      const found = apiUrl
        ? `${apiUrl}, on a host that chartctl doesn't manage: look with chartctl verify`
        : "none: the control API is embedded, on this machine alone";
      return [
        { part, name: "Platform", state: apiUrl ? "ok" : "waits", found, mend: apiUrl ? undefined : "chartctl setup heroku, or chartctl setup container" },
      ];
    }
  });
}

async function tenants(cli: Cli): Promise<Checked[]> {
  const part = "Tenants";
  return await looked(part, "list", async () => {
    const all = await (await cli.connect.api())(endpoints.listTenants, {});
    if (all.length === 0) return [{ part, name: "none yet", state: "waits", mend: "chartctl tenants connect ID" }];
    return all.map(({ id, roleArn }) =>
      roleArn
        ? { part, name: id, state: "ok", found: roleArn }
        : { part, name: id, state: "waits", found: "no role of its own: the platform's, or your own credentials", mend: `chartctl tenants connect ${id}` },
    );
  });
}

/** What can't be looked at is said, and hides nothing else. */
async function looked(part: string, name: string, look: () => Promise<Checked[]>): Promise<Checked[]> {
  try {
    return await look();
  } catch (error) {
    if (!isChartctlError(error) || error.kind === "interrupted") throw error;
    return [{ part, name, state: "unknown", found: messageOf(error), mend: error.hint }];
  }
}
