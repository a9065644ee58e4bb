/**
 * Reads a tenant's bill into the books: claims it, asks by project and by service, from the first day that may still change,
 * and records both or nothing. What fails is recorded, too, with its reason; the books say when it is tried again. Stopped in
 * between, it gives the claim back; killed, the claim ends by itself. Somebody reads on from where the books are. What was used in
 * months that are over is asked for beside it, and keeps no bill from being recorded.
 */
import { isChartctlError, messageOf } from "../../../errors.ts";
import { totalPrice } from "../actual/actual-costs.ts";
import { addedPrices } from "../actual/added-prices.ts";
import type { CostQuery, KeptAnswer, KeptCosts, Period } from "../actual/cost-source.ts";
import type { Bill, UsageAmount } from "./bill.ts";
import type { KnownDays } from "./days-to-read.ts";
import { daysToRead, firstOpenDay } from "./days-to-read.ts";
import { refuseOtherSums } from "./same-sums.ts";
import type { KnownUsage } from "./usage-months.ts";
import { usageToRead } from "./usage-months.ts";

export interface FailedRead {
  error: string;
  /** What to do about it. */
  hint?: string;
}

interface Begun {
  claim: string;
  known: KnownDays | null;
  usage: KnownUsage[];
}

/** The books of one tenant's bill. */
export interface BillingBooks {
  /** Null with `onlyDue`: it isn't due, or somebody else reads it. Error `billing.running` (conflict). */
  begin(onlyDue: boolean): Promise<Begun | null>;
  /** Error `billing.claim-lost` (conflict). */
  record(claim: string, bill: Bill): Promise<void>;
  fail(claim: string, reason: FailedRead): Promise<void>;
  /** It was stopped: anybody may read on. */
  giveBack(claim: string): Promise<void>;
}

interface Ports {
  books: BillingBooks;
  source: KeptCosts;
  stopped: AbortSignal;
  /** Why it isn't known what was used. Undefined: that isn't asked for. */
  usageFailed?: ((error: unknown) => void) | undefined;
}

/** Null: not due. Errors: the source's, `billing.*`. */
export async function readBill(ports: Ports, { tags, onlyDue }: { tags: Record<string, string>; onlyDue: boolean }, now: Date): Promise<Bill | null> {
  const { books, source, stopped } = ports;
  const begun = await books.begin(onlyDue);
  if (!begun) return null;
  try {
    const days = await askBoth(source, daysToRead(begun.known, now), tags, now);
    const bill = ports.usageFailed ? await withUsage(ports, days, begun, tags, now) : days;
    await books.record(begun.claim, bill);
    return bill;
  } catch (error) {
    const lost = isChartctlError(error) && error.code === "billing.claim-lost";
    if (!lost && !stopped.aborted) await books.fail(begun.claim, reasonOf(error));
    if (stopped.aborted) await books.giveBack(begun.claim).catch(() => {}); // then it ends by itself
    throw error;
  }
}

async function withUsage({ source, stopped, usageFailed }: Ports, days: Bill, { known, usage }: Begun, tags: Record<string, string>, now: Date): Promise<Bill> {
  const [booksFrom = days.from] = [days.from, known?.first ?? days.from].sort();
  const months = usageToRead(booksFrom, usage, now);
  if (!months) return days;
  try {
    const asked = await source.costs({ ...months, granularity: "month", metric: "unblended", grouping: { by: "tag-usage", key: "ProjectKey" }, tags });
    const amounts = asked.answer.amounts.flatMap(({ key, used, ...one }): UsageAmount[] =>
      key === null || !used ? [] : [{ ...one, key, kind: "usage", used: { ...used, service: used.service ?? null } }],
    );
    return { ...days, usage: { ...months, source: asked.answer.source, amounts }, price: totalPrice([{ answer: days, kept: false }, asked]) };
  } catch (error) {
    if (stopped.aborted) throw error;
    usageFailed?.(error); // the days are paid for; the next reading of them asks again
    return days;
  }
}

type Asked = Awaited<ReturnType<KeptCosts["costs"]>>;

async function askBoth(source: KeptCosts, spans: Period[], tags: Record<string, string>, now: Date): Promise<Bill> {
  const [span, ...shorter] = spans;
  if (!span) throw new Error("no days to read");
  const query = { ...span, granularity: "day", metric: "unblended", tags } satisfies Partial<CostQuery>;
  let byProject: Asked;
  try {
    byProject = await source.costs({ ...query, grouping: { by: "tag", key: "ProjectKey" } });
  } catch (error) {
    if (!isChartctlError(error) || error.code !== "costs.period" || shorter.length === 0) throw error;
    return await askBoth(source, shorter, tags, now);
  }
  const byService = await source.costs({ ...query, grouping: { by: "service" } });
  const prices = [totalPrice([byProject, byService])];
  // The report couldn't answer the second question any more: what it said to the first isn't held against another source.
  if (byProject.answer.source !== byService.answer.source) {
    byProject = await source.costs({ ...query, grouping: { by: "tag", key: "ProjectKey" } });
    prices.push(totalPrice([byProject]));
  }
  refuseOtherSums(byProject.answer.amounts, byService.answer.amounts);
  return {
    ...span,
    source: byService.answer.source,
    openFrom: firstOpenDay(earlier(byProject.answer, byService.answer), now),
    byProject: byProject.answer.amounts,
    byService: byService.answer.amounts,
    price: addedPrices(prices),
  };
}

const earlier = (one: KeptAnswer, other: KeptAnswer): string | null =>
  [one.estimatedFrom, other.estimatedFrom].filter((day): day is string => day !== null).sort()[0] ?? null;

const longestReason = 1_000;

/** As whoever looks at the books reads it; what isn't ours may hold anything. */
function reasonOf(error: unknown): FailedRead {
  const short = (text: string): string => text.slice(0, longestReason);
  if (!isChartctlError(error)) return { error: short(`Something unexpected happened: ${messageOf(error)}`) };
  return { error: short(error.message), ...(error.hint === undefined ? {} : { hint: short(error.hint) }) };
}
