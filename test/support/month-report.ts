/** A month of an invented tenant: its bill's lines, its books, and the report of both. */
import Big from "big.js";
import type { CostAmount, KeptAnswer } from "../../src/core/costs/actual/cost-source.ts";
import { periodsOf } from "../../src/core/costs/actual/period.ts";
import { assembleReport } from "../../src/core/costs/report/assemble.ts";
import type { TenantFacts } from "../../src/core/costs/report/facts.ts";
import { monthAsked } from "../../src/core/costs/report/month.ts";
import type { Booking, CostReport } from "../../src/core/costs/report/report.ts";

const now = new Date("2026-11-05T08:30:00Z");
const month = monthAsked("2026-10", now);
const days = periodsOf(month, "day");

interface Line {
  day: string;
  project: string | null;
  user: string | null;
  service: string;
  kind: CostAmount["kind"];
  currency: string;
  amount: string;
}

const services = ["Amazon DynamoDB", "AWS Lambda", "Amazon API Gateway", "Amazon Simple Storage Service", "AmazonCloudWatch"] as const;
const projects: [project: string | null, user: string | null, dollars: number, from: number, until: number][] = [
  ["sales-2026", "ann", 2.1, 0, 31],
  ["quarterly-board", "ann", 1.2, 4, 19],
  ["live-metrics", "bob", 3.4, 0, 31],
  ["churn-study", "carla", 0.9, 11, 31],
  ["onboarding", "bob", 0.4, 20, 27],
  ["geo-heatmap", "dmitri", 1.7, 7, 24],
  ["weekly-digest", "elif", 0.25, 0, 31],
  ["a-b-tests", "carla", 0.6, 15, 31],
  [null, null, 0.55, 0, 31],
];

/** The same lines each time. */
export function monthLines(): Line[] {
  let state = 7;
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const lines = projects.flatMap(([project, user, dollars, from, until]) =>
    days.slice(from, until).flatMap((day, nth) =>
      services.map((service, at): Line => {
        const weekend = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay()) ? 0.55 : 1;
        const peak = project === "live-metrics" && nth === 14 ? 4 : 1;
        const size = (dollars / (at + 2)) * weekend * peak * (0.7 + next() * 0.6);
        return { day, project, user, service, kind: "usage", currency: "USD", amount: new Big(size).round(10).toFixed() };
      }),
    ),
  );
  const last = days.at(-1) as string;
  return [
    ...lines,
    { day: last, project: null, user: null, service: "Tax", kind: "tax", currency: "USD", amount: "21.4800000000" },
    { day: days[2] as string, project: "live-metrics", user: "bob", service: "AWS Lambda", kind: "credit", currency: "USD", amount: "-9.5" },
  ];
}

export function monthBookings(): Booking[] {
  return projects.flatMap(([projectId, userId, dollars, from, until]): Booking[] =>
    projectId === null || userId === null || projectId === "geo-heatmap"
      ? []
      : [
          {
            projectId,
            userId,
            estimates: [{ since: `${days[from]}T09:00:00.000Z`, monthlyCents: Math.round(dollars * 4_300) }],
            endedAt: until === 31 ? null : `${days[until]}T17:00:00.000Z`,
          },
        ],
  );
}

const answer = (lines: Line[], key: (line: Line) => string | null): KeptAnswer => ({
  source: "ce",
  amounts: lines.map((line) => ({ period: line.day, key: key(line), kind: line.kind, currency: line.currency, amount: line.amount })),
  estimatedFrom: null,
  price: { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false },
  askedAt: "2026-11-05T08:29:40.000Z",
});

export const tenantFacts = (tenantId: string, lines: Line[], bookings: Booking[]): TenantFacts => ({
  tenantId,
  tags: {},
  byService: answer(lines, ({ service }) => service),
  byProject: answer(lines, ({ project }) => project),
  byUser: answer(lines, ({ user }) => user),
  books: { bookings, limits: ["ann", "bob", "carla", "elif"].map((userId) => ({ userId, userMonthlyCents: 10_000 })), othersMonthlyCents: 5_000 },
});

export const reportOf = (...facts: TenantFacts[]): CostReport => assembleReport(facts, { month, metric: "unblended" }, now);

/** As a company of some size has it. */
export const longReport = (count: number): CostReport => {
  const lines = monthLines().filter(({ project }) => project !== null);
  const many = Array.from({ length: count }, (_, at) =>
    lines.filter((_line, nth) => nth % 29 === at % 29).map((line) => ({ ...line, project: `project-${at}`, service: "Amazon DynamoDB" })),
  );
  return reportOf(tenantFacts("acme", many.flat(), monthBookings()));
};

export const monthReport = (): CostReport => reportOf(tenantFacts("acme", monthLines(), monthBookings()));
