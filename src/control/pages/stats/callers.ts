/** Whom the rate limits held back. */
import type { Stats } from "../../../contract/stats.ts";
import type { Html } from "../html.ts";
import { empty, section } from "./section.ts";
import { table } from "./table.ts";
import { counted, moment, shortDay } from "./words.ts";

export function callers({ limitedCallers: rows, at }: Stats): Html {
  if (rows.length === 0) return section("callers", "Rate-limited callers", empty("Nobody was held back since yesterday."));
  return section(
    "callers",
    "Rate-limited callers",
    table({
      id: "callers-table",
      caption: `${counted(rows.length, "caller")} since yesterday`,
      rows,
      long: true,
      columns: [
        { title: "Caller", kind: "reason", head: true, cell: ({ caller }) => caller },
        { title: "Day", kind: "number", cell: ({ day }) => shortDay(day) },
        { title: "Refused", kind: "number", cell: ({ refused }) => refused },
        { title: "Last", kind: "number", cell: ({ lastAt }) => moment(lastAt, at) },
      ],
    }),
  );
}
