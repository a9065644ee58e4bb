/** Which of the two sources answers: the report where it has every month that is asked for, otherwise Cost Explorer. */
import { isChartctlError } from "../../../errors.ts";
import { billing } from "../billing-names.ts";
import { addedPrices } from "./added-prices.ts";
import type { AnswerPrice, CostAmount, CostSource, MonthedSource } from "./cost-source.ts";
import { billingMonths } from "./period.ts";

export const sourceNames = ["auto", "ce", "cur"] as const;
export type SourceName = (typeof sourceNames)[number];

/** Nobody looks in vain for a report that isn't connected; one that is named is looked for. */
export function reportAsked(
  { source, table }: { source: SourceName; table: string },
  connected: { table: string } | null,
): { source: SourceName; table: string; named: boolean } {
  if (table !== billing.table) return { source, table, named: true };
  return { ...(connected ? { source, table: connected.table } : { source: source === "auto" ? "ce" : source, table }), named: false };
}

/**
 * `named`: somebody typed the table's name, and is told why it doesn't answer. Once Cost Explorer was asked, it is for all that
 * follows: the parts of one bill are read from one source.
 */
export function chosenSource(
  { source: asked, named = false }: { source: SourceName; named?: boolean | undefined },
  { ce, cur }: { ce: CostSource; cur: MonthedSource },
  say: (message: string) => void,
): CostSource {
  if (asked === "ce") return ce;
  if (asked === "cur") return cur;
  const said = new Set<string>();
  const note = (message: string): void => {
    if (!said.has(message)) say(message);
    said.add(message);
  };
  let explorerAlone = false;
  return {
    read: async (query, sink) => {
      if (explorerAlone) return await ce.read(query, sink);
      const paid: AnswerPrice[] = [];
      try {
        const silent = new Set(billingMonths(query));
        const add = (amount: CostAmount): void => {
          silent.delete(amount.period.slice(0, 7));
          sink.add(amount);
        };
        const answer = await cur.read(query, { add, clear: sink.clear });
        if (silent.size === 0) return answer;
        paid.push(answer.price);
        // A report starts with the month that it was made in: for earlier ones it would answer nothing, as if nothing had cost.
        const { known, price } = await cur.months([...silent]);
        paid.push(price);
        const missing = [...silent].filter((month) => !known.includes(month));
        if (missing.length === 0) return { ...answer, price: addedPrices(paid) };
        note(`The Cost and Usage Report has nothing of ${missing.join(", ")}; Cost Explorer is asked instead.`);
      } catch (error) {
        if (!isChartctlError(error) || !notForThis.has(error.code) || (named && error.code === "cur.no-table")) throw error;
        if (named || error.code === "cur.unavailable") note(`${error.message}; Cost Explorer is asked instead.`);
        const { price } = (error.details ?? {}) as { price?: AnswerPrice };
        if (price) paid.push(price);
      }
      explorerAlone = true;
      sink.clear();
      const answer = await ce.read(query, sink);
      return { ...answer, price: addedPrices([...paid, answer.price]) };
    },
  };
}

/** No report is connected, or it isn't for this question: Cost Explorer may answer. Any other failure is told. */
const notForThis = new Set(["cur.no-table", "cur.no-column", "cur.layout", "cur.no-hours", "cur.unavailable", "aws.access-denied"]);
