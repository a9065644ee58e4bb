/** The month that a report is about, in UTC as AWS bills it. */
import { ChartctlError } from "../../../errors.ts";
import type { Period } from "../actual/cost-source.ts";
import { addDays, addMonths, dayOf } from "../actual/period.ts";

export interface ReportMonth extends Period {
  /** `2026-10`. */
  month: string;
  /** It isn't over: there is more to come. */
  running: boolean;
}

/** Without one, the last that is over. Of the running month, what there is until today. Error `report.month` (usage). */
export function monthAsked(text: string | undefined, now: Date): ReportMonth {
  const today = dayOf(now);
  const current = today.slice(0, 7);
  const month = text ?? addDays(`${current}-01`, -1).slice(0, 7);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) throw wrong(`${JSON.stringify(month.slice(0, 40))} is not a month`, "such as: --month 2026-10");
  if (month < firstOfAws) throw wrong(`AWS has no bills of ${month}: its first services are of 2006`, hintOf(today));
  if (month > current) throw wrong(`${month} has not begun yet`, `the newest is the one that runs: --month ${current}`);
  const from = `${month}-01`;
  const next = `${addDays(from, 31).slice(0, 7)}-01`;
  return { month, from, until: month === current ? addDays(today, 1) : next, running: month === current };
}

/** S3 was announced on 14 March 2006. */
const firstOfAws = "2006-03";
/** "Analyzing your costs with Cost Explorer": the current month and the 13 before; with days of them only. */
const hintOf = (today: string): string =>
  `Cost Explorer has this month and the 13 before it, since ${addMonths(`${today.slice(0, 7)}-01`, -13).slice(0, 7)}; a Cost and Usage Report what it has had since it was made: --source cur`;

const wrong = (message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code: "report.month", message, hint });
