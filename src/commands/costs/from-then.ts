/** Where a hosted API's books begin later than was asked: the same question from then on, as it is typed. */
import type { Granularity } from "../../core/costs/actual/cost-source.ts";
import { dayOf } from "../../core/costs/actual/period.ts";
import { firstWholeMonth } from "../../core/costs/actual/what-books-have.ts";
import { typedCommand } from "../../core/typed-command.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { Cli } from "../cli.ts";
import type { PeriodFlags } from "./asked.ts";

interface Flags extends PeriodFlags {
  granularity: Granularity;
  by?: string;
  csv?: boolean;
}

/** The error with its hint, when it is about that; any other as it is. */
export async function askedFromThen({ given, clock }: Pick<Cli, "given" | "clock">, words: readonly string[], flags: Flags, error: unknown): Promise<unknown> {
  const first = isChartctlError(error) && error.code === "costs.period" ? error.details?.first : undefined;
  if (!isChartctlError(error) || typeof first !== "string") return error;
  const { origins, tenant, project, user } = await given();
  const named = Object.entries({ "-t": [origins.tenant, tenant], "-p": [origins.project, project], "--user": [origins.user, user] } as const);
  const whole = flags.granularity === "month" ? firstWholeMonth(error) : undefined;
  // A first month that isn't over by then is told by day.
  const byMonth = whole !== undefined && whole <= dayOf(clock.now());
  const from = byMonth ? whole : first;
  const hint = typedCommand(["chartctl", ...named.flatMap(([flag, [origin, value]]) => (origin === "flag" && value ? [flag, value] : [])), ...words], {
    from,
    to: flags.to !== undefined && flags.to >= from ? flags.to : undefined,
    granularity: byMonth ? "month" : undefined,
    by: flags.by,
    csv: flags.csv,
  });
  const { kind, code, message, details } = error;
  return new ChartctlError({ kind, code, message, hint: `ask for a later time: ${hint}`, ...(details ? { details } : {}), cause: error });
}
