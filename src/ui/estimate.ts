/** An estimate, line by line, with what each line assumes. */
import type { Estimate } from "../core/costs/estimate.ts";
import { formatCents } from "../core/money.ts";

export function estimateText({ lines, monthlyCents, region, pricesCheckedAt }: Estimate): string {
  const rows = lines.map(
    (line) =>
      `  $${Number(line.monthlyDollars).toFixed(4).padStart(9)}  ${line.resource} ${line.item}: ${line.quantity} × $${line.unitDollars} per ${line.unit}\n${" ".repeat(14)}${line.assumption}`,
  );
  return [`Estimate for ${region}, list prices of ${pricesCheckedAt}, no free tier:`, ...rows, `  ${formatCents(monthlyCents)} a month, rounded up`].join("\n");
}
