/** An estimate against a month's bill line by line, wherever the bill was read. */
import Big from "big.js";
import type { Project } from "../../contract/resources.ts";
import type { AnswerPrice, CostAmount } from "../../core/costs/actual/cost-source.ts";
import { addDays, addMonths } from "../../core/costs/actual/period.ts";
import type { Check } from "../../core/costs/check.ts";
import { checkEstimate } from "../../core/costs/check.ts";
import type { PartialEstimate } from "../../core/costs/estimate.ts";
import type { PriceTable } from "../../core/costs/prices/table.ts";
import type { Stood } from "../../core/costs/stood.ts";
import { hoursOf } from "../../core/costs/stood.ts";
import { checkText } from "../../ui/estimate-check.ts";
import { bookedNote, hoursText, reportNote } from "../../ui/stood.ts";
import type { Cli } from "../cli.ts";

export interface Checked {
  month: string;
  project: Project;
  estimate: PartialEstimate;
  prices: PriceTable;
  csv: boolean;
}
interface Billed {
  amounts: CostAmount[];
  source: "ce" | "cur";
  askedAt: string;
  kept: boolean;
  price: AnswerPrice;
}

/** `stood`: up to, not with, `until`, to which the month is billed. */
export async function tellByLine(
  { io }: Pick<Cli, "io">,
  { month, project, estimate, prices, csv }: Checked,
  { amounts, ...billed }: Billed,
  { stood, until, notes }: { stood: Stood; until: string; notes: (check: Check) => { first: string[]; last: string[] } },
): Promise<void> {
  const from = `${month}-01`;
  const next = addMonths(from, 1);
  const monthHours = hoursOf({ from, until: next });
  const result = checkEstimate(estimate, amounts, prices, new Big(stood.hours).div(monthHours));
  const booked = bookedNote(stood, project.monthlyCents) ?? reportNote(stood, project.monthlyCents, result.estimatedDollars);
  const { first, last } = notes(result);
  const all = [
    ...first,
    ...(stood.hours < monthHours
      ? [`Estimated in proportion: project ${project.id} stood for ${hoursText(stood, monthHours)}${until < next ? `, to ${addDays(until, -1)}` : ""}.`]
      : []),
    ...(booked === undefined ? [] : [booked]),
    ...last,
  ];
  const shown = { ...result, project: project.id, month, notes: all };
  if (csv) {
    const { checkCsv } = await import("../../ui/estimate-check-csv.ts");
    for (const note of all) io.note(note);
    return io.line(checkCsv(shown));
  }
  const { region, pricesCheckedAt } = estimate;
  io.result("EstimateCheck", { ...shown, stood, monthHours, region, pricesCheckedAt, ...billed }, () => checkText(shown, io.width));
}
