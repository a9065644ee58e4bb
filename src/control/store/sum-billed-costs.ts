/** The sums of bills that were read before there were any, on SQLite, which adds no exact decimals itself. */

import type Libsql from "libsql";
import { monthSums } from "./billed-sums.ts";

/** In the migration's transaction. */
export function sumBilledCosts(connection: InstanceType<typeof Libsql>): void {
  const days = connection.prepare("select tenant_id, day, whole from billed_days order by tenant_id, day").all() as {
    tenant_id: string;
    day: string;
    whole: number;
  }[];
  const lines = connection.prepare("select dimension, key, currency, amount from billed_costs where tenant_id = ? and day = ?");
  const ofDay = connection.prepare("insert into billed_day_sums (tenant_id, day, currency, amount, whole) values (?, ?, ?, ?, ?)");
  const ofMonth = connection.prepare(
    "insert into billed_month_sums (tenant_id, month, dimension, key, currency, amount, whole_amount) values (?, ?, ?, ?, ?, ?, ?)",
  );
  const months = new Map<string, { tenantId: string; month: string; days: typeof days }>();
  for (const day of days) {
    const month = day.day.slice(0, 7);
    const at = JSON.stringify([day.tenant_id, month]);
    const known = months.get(at) ?? { tenantId: day.tenant_id, month, days: [] };
    known.days.push(day);
    months.set(at, known);
  }
  for (const { tenantId, month, days: own } of months.values()) {
    const sums = monthSums(tenantId, month);
    for (const { day, whole } of own) sums.add(day, whole === 1, lines.all(tenantId, day) as Parameters<typeof sums.add>[2]);
    for (const { tenant_id, day, currency, amount, whole } of sums.days()) ofDay.run(tenant_id, day, currency, amount, whole);
    for (const sum of sums.months()) ofMonth.run(sum.tenant_id, sum.month, sum.dimension, sum.key, sum.currency, sum.amount, sum.whole_amount);
  }
}
