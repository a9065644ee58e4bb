/**
 * `chartctl costs estimate --check` against a hosted control API: line by line, of a month that its workers have read by usage type.
 * Of another one, the sums are compared, and it is said when the lines will be there.
 */
import type { BilledUsageView } from "../../contract/cost-endpoints.ts";
import { endpoints } from "../../contract/endpoints.ts";
import type { Project } from "../../contract/resources.ts";
import { addMonths, dayOf } from "../../core/costs/actual/period.ts";
import { firstWholeMonth } from "../../core/costs/actual/what-books-have.ts";
import { restTitle } from "../../core/costs/check.ts";
import { checkSum } from "../../core/costs/check-sum.ts";
import type { Booked, Stood } from "../../core/costs/stood.ts";
import { stoodIn } from "../../core/costs/stood.ts";
import { ChartctlError } from "../../errors.ts";
import { sumCheckText } from "../../ui/estimate-sum-check.ts";
import { bookedNote } from "../../ui/stood.ts";
import { minuteText } from "../../ui/time.ts";
import type { Cli } from "../cli.ts";
import type { Checked } from "./check-by-line.ts";
import { tellByLine } from "./check-by-line.ts";
import { notThere } from "./not-there.ts";

type Parts = Pick<Cli, "io" | "clock"> & { connect: Pick<Cli["connect"], "me" | "api"> };

/** `costs`: the books. Errors: `costs.period` (usage), `costs.admins` (refused), `costs.not-read` (external), the API's. */
export async function hostedCheck(
  { io, clock, connect }: Parts,
  costs: Awaited<ReturnType<Cli["connect"]["costs"]>>,
  asked: Checked,
  bookings: Booked[],
): Promise<void> {
  const { month, project, estimate, csv } = asked;
  const { tenantId, id, userId, createdAt } = project;
  const from = `${month}-01`;
  const until = addMonths(from, 1);
  const grouping = { by: "tag", key: "ProjectId" } as const;
  const { answer } = await costs.costs({ from, until, granularity: "day", grouping, metric: "unblended", tags: { ProjectId: id } }).catch((error: unknown) => {
    const first = firstWholeMonth(error);
    throw first === undefined ? error : notInBooks(project, month, first);
  });
  if (answer.books?.own && (await connect.me()).userId !== userId) throw notYours(project);
  // Of the day on which it was read, a bill has little.
  const [end = until] = [until, answer.askedAt.slice(0, 10)].sort();
  const today = dayOf(clock.now());
  const stood = stoodIn(bookings, { from, until: end });
  if (stood.hours === 0) throw notThere(project, month, today);
  const usage = await (await connect.api())(endpoints.billedUsage, { query: { project: id, month } });
  if (usage.readAt !== null) return await byLine({ io }, asked, { ...usage, readAt: usage.readAt }, { stood, until: end });
  const result = checkSum(
    estimate,
    answer.amounts.filter(({ period }) => period < end),
    stood.hours,
  );
  const open = answer.estimatedFrom !== null || until > today;
  const booked = bookedNote(stood, project.monthlyCents);
  const notes = [
    ...(estimate.missing.length === 0 ? [] : [`No price in ${estimate.region} for ${estimate.missing.join(", ")}: chartctl costs prices update`]),
    `Estimated: for the time in this month that the project (of ${minuteText(createdAt)}) stood and was billed; 730 hours are a month.`,
    ...(booked === undefined ? [] : [booked]),
    ...(open ? [`${month} is open: AWS may still change these figures.`] : []),
    `The platform's books have no usage types of ${month}: which assumption was off, they can't tell${whenText(usage.dueAt, clock.now())}.`,
    `What is assumed: chartctl -t ${tenantId} -p ${id} costs estimate --assumptions`,
    `Read by the platform on ${minuteText(answer.askedAt)}.`,
  ];
  const shown = { ...result, project: id, month, notes };
  if (csv) {
    const { sumCheckCsv } = await import("../../ui/estimate-check-csv.ts");
    for (const note of notes) io.note(note);
    return io.line(sumCheckCsv(shown));
  }
  const { region, pricesCheckedAt, dollars } = estimate;
  io.result(
    "EstimateSumCheck",
    { ...shown, stood, monthlyDollars: dollars.expected, region, pricesCheckedAt, source: answer.source, askedAt: answer.askedAt },
    () => sumCheckText(shown, io.width),
  );
}

/** Both readings of a month are of days that are over: what it stood is known whole. */
async function byLine(
  parts: Pick<Cli, "io">,
  asked: Checked,
  { amounts, source, readAt, open }: BilledUsageView & { readAt: string },
  time: { stood: Stood; until: string },
): Promise<void> {
  const { month } = asked;
  const bill = { amounts, source: source ?? "ce", askedAt: readAt, kept: true, price: { requests: 0, dollars: "0", bytesScanned: 0, reused: false } };
  await tellByLine(parts, asked, bill, {
    ...time,
    notes: ({ lines }) => ({
      first: open ? [`${month} was open when it was read: AWS may have changed these figures since.`] : [],
      last: [
        ...(lines.some(({ title, off }) => title === restTitle && off !== null)
          ? [`${restTitle}: fees, discounts, and what AWS has changed in the bill's days since the lines were read.`]
          : []),
        `Read by the platform on ${minuteText(readAt)}.`,
      ],
    }),
  });
}

function whenText(dueAt: string | null, now: Date): string {
  if (dueAt === null) return "";
  return dueAt <= now.toISOString() ? "; its workers read them with the next bill" : `; its workers read them from ${minuteText(dueAt)} on`;
}

const notYours = ({ id, userId }: Project): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "costs.admins",
    message: `Project ${id} is ${userId}'s: what it cost is told to them, and to their tenant's admins`,
    hint: "your own projects: chartctl costs --by project",
  });

const notInBooks = ({ tenantId, id }: Project, month: string, first: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "costs.period",
    message: `The platform's books don't have ${month} as a whole`,
    hint: `the first month that they have: chartctl -t ${tenantId} -p ${id} costs estimate --check --month ${first.slice(0, 7)}`,
  });
