/** Bills in the sandbox: there are none, and asking the emulator for them would look as if there were. */
import { typedCommand } from "../../core/typed-command.ts";
import { ChartctlError } from "../../errors.ts";
import type { Cli } from "../cli.ts";

/** Before anything is asked, or started. Error `costs.sandbox` (usage). */
export async function refuseSandbox({ given }: Pick<Cli, "given">): Promise<void> {
  const { sandbox, project, origins } = await given();
  if (!sandbox) return;
  const estimate = typedCommand(["chartctl", ...(origins.project === "flag" && project ? ["-p", project] : []), "costs", "estimate"]);
  throw new ChartctlError({
    kind: "usage",
    code: "costs.sandbox",
    message: "The sandbox has no bills: its emulator charges nothing",
    hint: `what it would cost a month in AWS: ${estimate}`,
  });
}
