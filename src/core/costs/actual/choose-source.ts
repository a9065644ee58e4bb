/** Which of the two sources answers: the report where it has every month that is asked for, otherwise Cost Explorer. */
import { isChartctlError } from "../../../errors.ts";
import { billing } from "../billing-names.ts";
import type { CostAmount, CostSource } from "./cost-source.ts";
import { billingMonths } from "./period.ts";

export const sourceNames = ["auto", "ce", "cur"] as const;
export type SourceName = (typeof sourceNames)[number];

/** Nobody looks in vain for a report that isn't connected; one that is named is looked for. */
export function reportAsked(
  { source, table }: { source: SourceName; table: string },
  connected: { table: string } | null,
): { source: SourceName; table: string } {
  if (table !== billing.table) return { source, table };
  return connected ? { source, table: connected.table } : { source: source === "auto" ? "ce" : source, table };
}

export function chosenSource(asked: SourceName, { ce, cur }: Record<"ce" | "cur", CostSource>, say: (message: string) => void): CostSource {
  if (asked === "ce") return ce;
  if (asked === "cur") return cur;
  const said = new Set<string>();
  const note = (message: string): void => {
    if (!said.has(message)) say(message);
    said.add(message);
  };
  return {
    read: async (query, sink) => {
      try {
        const known = new Set<string>();
        const add = (amount: CostAmount): void => {
          known.add(amount.period.slice(0, 7));
          sink.add(amount);
        };
        const answer = await cur.read(query, { add, clear: sink.clear });
        // A report starts with the month that it was made in: for earlier ones it would answer nothing, as if nothing had cost.
        const missing = billingMonths(query).filter((month) => !known.has(month));
        if (missing.length === 0) return answer;
        note(`The Cost and Usage Report has nothing of ${missing.join(", ")} for this; Cost Explorer is asked instead.`);
      } catch (error) {
        if (!isChartctlError(error) || !notForThis.has(error.code)) throw error;
        if (error.code === "cur.unavailable") note(`${error.message}; Cost Explorer is asked instead.`);
      }
      sink.clear();
      return await ce.read(query, sink);
    },
  };
}

/** No report is connected, or it isn't for this question: Cost Explorer may answer. Any other failure is told. */
const notForThis = new Set(["cur.no-table", "cur.no-column", "cur.layout", "cur.no-hours", "cur.unavailable", "aws.access-denied"]);
