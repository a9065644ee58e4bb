/** A tenant's role as it was found, and what is left for a person to do. */
import chalk from "chalk";
import type { Verification } from "../contract/platform-endpoints.ts";
import type { StackInstructions } from "../core/tenants/instructions.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

type Check = Verification["checks"][number];

const marks: Record<Check["result"], () => string> = { ok: () => chalk.green("✔"), warn: () => chalk.yellow("!"), fail: () => chalk.red("✖") };

export function verificationText({ checks, roleArn, ok, trustPolicy }: Verification, width: number): string {
  const drawn = table<Check>(
    checks,
    [
      { title: "Check", value: ({ name, result }) => `${marks[result]()} ${name}` },
      { title: "Found", value: ({ found }) => found },
    ],
    width,
  );
  const mends = checks.flatMap(({ name, result, mend }) => (result === "ok" || !mend ? [] : [wrapped(`${marks[result]()} ${name}: ${mend}`, width, "  ")]));
  return [
    drawn,
    ...(mends.length > 0 ? ["", ...mends] : []),
    ...(trustPolicy ? ["", "The trust policy that the role needs:", JSON.stringify(trustPolicy, undefined, 2)] : []),
    "",
    wrapped(verdict(checks, roleArn, ok), width),
  ].join("\n");
}

/** A report that doesn't arrive makes no role unsafe. */
function verdict(checks: Check[], roleArn: string, ok: boolean): string {
  if (ok) return `The role ${roleArn} is safe to work with.`;
  const refused = checks.some(({ name, result }) => result === "fail" && !name.startsWith("billing "));
  if (refused) return `The role ${roleArn} is refused: mend what is marked ✖.`;
  return `The role ${roleArn} is safe to work with; its billing data can't be used: mend what is marked ✖.`;
}

/** `then`: the command that goes on. Links and commands stay whole. */
export function stackText({ quickCreateUrl, command, console: steps }: StackInstructions, then: string, width: number): string {
  return [
    ...(quickCreateUrl
      ? [wrapped("Signed in to the tenant's AWS account, open this link, and create the stack:", width), `  ${quickCreateUrl}`, "or type:"]
      : [wrapped("With credentials of the tenant's AWS account, type:", width)]),
    command.replaceAll(/^/gm, "  "),
    "or, by hand:",
    ...steps.map((step, at) => wrapped(`  ${at + 1}. ${step}`, width, "     ")),
    "",
    `Then  ${then}`,
  ].join("\n");
}
