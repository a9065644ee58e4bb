/** `chartctl verify`: a running platform, checked from outside. */
import type { Command } from "commander";
import { checkNames, verify } from "../core/verify/checks.ts";
import { ChartctlError } from "../errors.ts";
import { junit } from "../ui/junit.ts";
import { verifiedText } from "../ui/verify.ts";
import type { Cli } from "./cli.ts";

interface Flags {
  origin?: string;
  junit?: string;
  skip?: string[];
}

export function register(command: Command, cli: Cli): void {
  command
    .option("--origin <url>", "the front end's origin: it must be let in by CORS")
    .option("--junit <file>", "also write the results for a CI server")
    .option("--skip <check...>", `leave some out: ${checkNames.join(", ")}`)
    .addHelpText(
      "after",
      `
Nothing is left behind: the booking that is tried must be refused, and passwords
are tried for a user that isn't there (about ten; the address that asks can try
fewer for a quarter of an hour).

Examples:
  $ chartctl verify --api-url https://platform.example.org
  $ chartctl verify --origin https://app.example.org --junit verify.xml`,
    )
    .action(async (flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const { connect, io, clock, processes, version } = cli;
  const { apiUrl } = await cli.given();
  if (!apiUrl) {
    throw new ChartctlError({
      kind: "usage",
      code: "verify.no-api",
      message: "verify looks at a hosted platform, and none is named",
      hint: "name it: chartctl verify --api-url URL; for this machine: chartctl doctor",
    });
  }
  const unknown = flags.skip?.find((name) => !checkNames.includes(name));
  if (unknown !== undefined) {
    throw new ChartctlError({
      kind: "usage",
      code: "check.unknown",
      message: `There is no check ${unknown}`,
      hint: `the checks are: ${checkNames.join(", ")}`,
    });
  }
  if (flags.origin !== undefined && !(URL.canParse(flags.origin) && new URL(flags.origin).origin === flags.origin)) {
    throw new ChartctlError({
      kind: "usage",
      code: "origin.invalid",
      message: `${JSON.stringify(flags.origin)} is no origin`,
      hint: "such as --origin https://app.example.org, without a path",
    });
  }
  const { platform, newId, writeReport } = await connect.verification(apiUrl);
  const report = (cases: Parameters<typeof junit>[1]): void => {
    if (flags.junit !== undefined) writeReport(flags.junit, junit("chartctl verify", cases));
  };
  report([]); // where it can't be written, all answers would be lost
  const title = `Look at ${apiUrl}`;
  io.progress({ type: "part", title, phase: "start" });
  const results = await verify({
    platform,
    call: await connect.api(),
    clock,
    processes,
    origin: flags.origin,
    version,
    newId,
    skip: flags.skip ?? [],
    onCheck: (done, total) => io.progress({ type: "count", done, total, unit: "checks" }),
  });
  io.progress({ type: "part", title, phase: "done" });
  report(
    results.map(({ name, milliseconds, result, found, mend }) => ({
      name,
      milliseconds,
      failure: result === "fail" ? [found, mend].filter(Boolean).join("; ") : undefined,
      skipped: result === "skipped" ? found : undefined,
    })),
  );
  cli.exitCode(results.some(({ result }) => result === "fail") ? 1 : 0);
  io.result("Verification", { url: apiUrl, holds: !results.some(({ result }) => result === "fail"), checks: results }, () =>
    verifiedText(apiUrl, results, io.width),
  );
}
