/** `chartctl setup` alone: a guided tour through the parts, which can be left and gone on with. */
import type { Command } from "commander";
import { idSchema } from "../../contract/names.ts";
import { brokerName, roleArn } from "../../core/setup/aws/names.ts";
import type { TourPorts } from "../../core/setup/tour.ts";
import { tour, tourSchema } from "../../core/setup/tour.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import { wrapped } from "../../ui/wrapped.ts";
import type { Cli } from "../cli.ts";
import { connect } from "../tenants/connect.ts";
import { setUp } from "./aws.ts";
import { run as setUpContainer } from "./container.ts";
import { up as setUpHeroku } from "./heroku.ts";

export function register(command: Command, cli: Cli): void {
  command
    .option("--restart", "ask everything again, from the first question on")
    .addHelpText("after", "\nAlone, it is a guided tour: it explains each part, offers it, and can be left at\nany time.")
    .action(async (flags: { restart?: boolean }) => run(cli, flags.restart ?? false));
}

const beside = (text: string, width: number): string => wrapped(text, width - markColumns, " ".repeat(markColumns));

async function run(cli: Cli, restart: boolean): Promise<void> {
  const { io } = cli;
  if (!io.canPrompt) {
    throw new ChartctlError({
      kind: "usage",
      code: "input.missing",
      message: "The guided tour asks questions, and there is no terminal to ask on",
      hint: "what is missing: chartctl setup check; then part by part, with no question: chartctl setup aws, chartctl setup heroku, chartctl tenants connect ID",
    });
  }
  const file = await cli.connect.tourFile();
  if (restart) file.remove();
  const begun = tourSchema.safeParse(file.read());
  try {
    await tour(begun.success ? begun.data : { done: [] }, portsOf(cli, file));
  } catch (error) {
    if (isChartctlError(error)) io.note("\nThe tour goes on here: chartctl setup");
    throw error;
  }
  file.remove();
  io.note("\nThat is all. Look at it whole: chartctl setup check. A first project: chartctl -t TENANT -p NAME provision");
}

/** Before a question stands a mark, before a choice its arrow: two columns each. */
const markColumns = 2;
const asked = { what: "answer", flag: "chartctl setup aws|heroku|container" };

const portsOf = (cli: Cli, file: Awaited<ReturnType<Cli["connect"]["tourFile"]>>): TourPorts => ({
  say: (text) => cli.io.note(text.replaceAll(/^.*$/gm, (line) => wrapped(line, cli.io.width))),
  choose: async ({ message, choices, otherwise }) =>
    await cli.io.choose({
      ...asked,
      message: beside(message, cli.io.width),
      choices: choices.map(({ value, name }) => ({ value, name: beside(name, cli.io.width) })),
      otherwise,
    }),
  ask: async ({ message, ...question }) => await cli.io.ask({ ...asked, ...question, message: beside(message, cli.io.width) }),
  keep: async (now) => file.write(now),
  account: async () => {
    try {
      return (await (await cli.connect.awsSetup()).caller()).accountId;
    } catch (error) {
      if (isChartctlError(error, "auth", "external")) return undefined;
      throw error;
    }
  },
  variables: async () => {
    const { AWS_COST_BUDGET_LIMIT, ALERT_EMAIL } = await cli.connect.awsEnvironment();
    return { ...(AWS_COST_BUDGET_LIMIT ? { AWS_COST_BUDGET_LIMIT } : {}), ...(ALERT_EMAIL ? { ALERT_EMAIL } : {}) };
  },
  setUpAws: async (budget) => await setUp(cli, budget ? { budget: budget.dollars, alertEmail: budget.email } : {}),
  setUpHost: async (place) => await (place === "heroku" ? setUpHeroku(cli, { set: [] }) : setUpContainer(cli, "chartctl-platform", {})),
  connectTenant: async (id, account) => await connect(cli, id, account ? { principal: roleArn(account, brokerName) } : {}),
  wrongTenant: (id) => idSchema.safeParse(id).error?.issues[0]?.message,
});
