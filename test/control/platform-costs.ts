/** A platform's costs with everything in them, for their page: credits, an ended project, a removed tenant, another currency, a bill that can't be read. */
import type { CostOverview } from "../../src/contract/cost-overview.ts";
import { costOverviewSchema } from "../../src/contract/cost-overview.ts";
import { richStats } from "./platform-stats.ts";

const at = "2026-03-14T12:03:20.000Z";
const usd = (cents: number) => ({ currency: "USD", amount: (cents / 100).toFixed(10) });
const dayOf = (back: number): string => new Date(Date.parse(at) - back * 86_400_000).toISOString().slice(0, 10);

/** `count` days for the chart; why one bill can't be read. */
export function richCosts(count: number, reason = "Cost Explorer is not enabled in this AWS account"): CostOverview {
  const { projects: stand, tenants } = richStats();
  const ofRemoved = { estimatedCents: 940, billedCents: 1_250 };
  // Of the last tenant no bill was read.
  const standing = stand
    .filter(({ tenantId }) => tenantId !== tenants[5]?.tenantId)
    .map(({ tenantId, projectId, userId, monthlyCents }, number) => {
      const estimatedCents = Math.round((monthlyCents * 12) / 31);
      const billedCents = Math.round(estimatedCents * (0.62 + ((number * 37) % 90) / 100));
      return { tenantId, projectId, userId, ended: number % 13 === 7, billed: [usd(billedCents)], compared: { estimatedCents, billedCents } };
    });
  const projects = [...standing, { tenantId: "initech", projectId: "wiki", userId: "eve", ended: true, billed: [usd(1_250)], compared: ofRemoved }];
  const rest = tenants.slice(0, 5).map(({ tenantId }, number) => ({ tenantId, cents: number === 3 ? 0 : 310 + number * 170 }));
  const sum = (some: typeof projects, of: "estimatedCents" | "billedCents"): number => some.reduce((so, { compared }) => so + compared[of], 0);
  const restCents = rest.reduce((so, { cents }) => so + cents, 0);
  const all = { estimatedCents: sum(projects, "estimatedCents"), billedCents: sum(projects, "billedCents") + restCents };
  const dearest = <T extends { billed: { amount: string }[] }>(rows: T[]): T[] =>
    rows.toSorted((a, b) => Number(b.billed[0]?.amount) - Number(a.billed[0]?.amount));
  const owners = [...new Set(projects.map(({ tenantId, userId }) => JSON.stringify([tenantId, userId])))];
  const services: [string | null, number][] = [
    ["AWS Lambda", 0.44],
    ["Amazon DynamoDB", 0.27],
    ["Amazon Simple Storage Service", 0.16],
    ["Amazon API Gateway", 0.09],
    ["Tax", 0.06],
    [null, -0.02],
  ];
  const listed = {
    projects: dearest([
      ...projects,
      ...rest.map(({ tenantId, cents }) => ({
        tenantId,
        projectId: null,
        userId: null,
        ended: false,
        billed: [usd(cents)],
        compared: { estimatedCents: 0, billedCents: cents },
      })),
      { tenantId: "easel", projectId: "refunded", userId: "ann", ended: true, billed: [usd(-1_240)], compared: { estimatedCents: 0, billedCents: -1_240 } },
    ]),
    users: dearest([
      ...owners.map((owner) => {
        const [tenantId, userId] = JSON.parse(owner) as [string, string];
        const own = projects.filter((project) => project.tenantId === tenantId && project.userId === userId);
        const compared = { estimatedCents: sum(own, "estimatedCents"), billedCents: sum(own, "billedCents") };
        return { tenantId, userId, billed: [usd(compared.billedCents)], compared };
      }),
      ...rest.map(({ tenantId, cents }) => ({ tenantId, userId: null, billed: [usd(cents)], compared: { estimatedCents: 0, billedCents: cents } })),
    ]),
    services: services.map(([service, part]) => ({ service, billed: [usd(Math.round(all.billedCents * part))] })),
  };
  return costOverviewSchema.parse({
    at,
    month: "2026-03",
    billed: [usd(all.billedCents), { currency: "CNY", amount: "18.4" }],
    unallocated: [usd(restCents)],
    monthlyCents: stand.reduce((so, { monthlyCents }) => so + monthlyCents, 0),
    compared: all,
    tenants: [...tenants, { tenantId: "initech", monthlyCents: 0 }].map(({ tenantId, monthlyCents }, number) => {
      const own = projects.filter((project) => project.tenantId === tenantId);
      const unread = number === 5;
      const compared = { estimatedCents: sum(own, "estimatedCents"), billedCents: sum(own, "billedCents") + (rest[number]?.cents ?? 0) };
      return {
        tenantId,
        removed: tenantId === "initech",
        billed: unread ? [usd(0)] : [usd(compared.billedCents), ...(number === 1 ? [{ currency: "CNY", amount: "18.4" }] : [])],
        unallocated: [usd(unread ? 0 : (rest[number]?.cents ?? 0))],
        monthlyCents,
        compared: unread ? { estimatedCents: 0, billedCents: 0 } : compared,
        wholeDays: unread ? 0 : 12,
        source: unread ? null : number === 1 ? "cur" : "ce",
        openFrom: unread ? null : "2026-03-01",
        readAt: unread || tenantId === "initech" ? null : "2026-03-14T04:10:00.000Z",
        nextAt: number === 2 ? "2026-03-14T13:40:00.000Z" : unread || tenantId === "initech" ? null : "2026-03-15T04:10:00.000Z",
        attempts: number === 2 ? 3 : 0,
        error: number === 2 ? reason : null,
        hint: number === 2 ? "an administrator of the account opens Cost Explorer once" : null,
      };
    }),
    ...listed,
    counts: { projects: listed.projects.length, users: listed.users.length, services: listed.services.length },
    days: Array.from({ length: count }, (_, index) => {
      const back = count - 1 - index;
      const estimatedCents = 2_900 + Math.round(Math.sin(index / 9) * 240) + index * 11;
      const billed = back < 2 ? "none" : back === 2 ? "some" : "all";
      const wave = Math.round(estimatedCents * (0.84 + ((index * 29) % 34) / 100));
      return { day: dayOf(back), cents: billed === "none" ? estimatedCents : index === count - 12 ? -900 : wave, estimatedCents, billed };
    }),
  });
}

export const emptyCosts: CostOverview = costOverviewSchema.parse({
  at,
  month: "2026-03",
  billed: [usd(0)],
  unallocated: [usd(0)],
  monthlyCents: 0,
  compared: { estimatedCents: 0, billedCents: 0 },
  tenants: [],
  projects: [],
  users: [],
  services: [],
  counts: { projects: 0, users: 0, services: 0 },
  days: Array.from({ length: 30 }, (_, index) => ({ day: dayOf(29 - index), cents: 0, estimatedCents: 0, billed: "none" })),
});
