/** Whether one more project, or a dearer one, fits its owner's limits. Pure: the caller reads under the account's lock. */
import type { Limits } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { isOver } from "../costs/limits/over-limit.ts";
import { formatCents, formatDollars } from "../money.ts";
import type { Fitting } from "./what-fits.ts";
import { fitText } from "./what-fits.ts";

export interface Demand {
  userId: string;
  limits: Limits;
  /** What the owner's other projects use. */
  others: { projects: number; monthlyCents: number };
  monthlyCents: number;
  /** What this project is booked at already; undefined for a new one. */
  booked?: number | undefined;
  /** The caller's own limit. */
  maxMonthlyCents?: number | undefined;
  /** How large parameters may be for so many cents; asked only when something is refused for its cost. */
  fitting(limitCents: number): Fitting;
  /** What AWS billed this month, where it is more than may be. */
  over?: Overrun | undefined;
}
/** Of the project, or of all of its user's; decimal dollars. */
export interface Overrun {
  of: "project" | "user";
  amount: string;
}

/**
 * Error of kind `refused`, with the numbers and what would fit; undefined when it fits. A project that is booked already
 * may always stay as dear as it is: after a limit was lowered, a run that died must still be able to converge.
 */
export function refusal(demand: Demand): ChartctlError | undefined {
  const { userId, limits, others, monthlyCents, booked, maxMonthlyCents, over } = demand;
  const asked = `${formatCents(monthlyCents)} a month`;
  const left = Math.max(0, limits.userMonthlyCents - others.monthlyCents);
  const details = { limits, used: others, monthlyCents };
  const refuse = (code: string, message: string, hint: string): ChartctlError => new ChartctlError({ kind: "refused", code, message, hint, details });
  /** The least of all limits that it would pass; as dear as it is booked it may stay. */
  const room = Math.min(Math.max(Math.min(limits.projectMonthlyCents, left), booked ?? 0), maxMonthlyCents ?? Number.POSITIVE_INFINITY);
  const tooDear = (code: string, message: string, look: string): ChartctlError => {
    const fitting = demand.fitting(room);
    return new ChartctlError({
      kind: "refused",
      code,
      message,
      hint: `${fitText(fitting, room)}; ${look}`,
      details: { ...details, fits: { monthlyCents: room, parameters: fitting.fits } },
    });
  };

  if (booked === undefined && others.projects + 1 > limits.projectsPerUser) {
    return refuse(
      "quota.projects",
      `User ${userId} has ${others.projects} of ${limits.projectsPerUser} projects`,
      "destroy one that is no longer needed: chartctl projects",
    );
  }
  if (maxMonthlyCents !== undefined && monthlyCents > maxMonthlyCents) {
    return tooDear(
      "cost.over-max",
      `The estimate of ${asked} passes --max-cost ${formatCents(maxMonthlyCents)}`,
      "see where it goes: chartctl costs estimate --assumptions, with the same --set",
    );
  }
  if (booked !== undefined && monthlyCents <= booked) return undefined;
  const limit = over?.of === "project" ? limits.projectMonthlyCents : limits.userMonthlyCents;
  if (over && isOver(over.amount, limit)) {
    const who = over.of === "project" ? "This project" : `User ${userId}`;
    const flag = over.of === "project" ? "--project-cost" : "--user-cost";
    return refuse(
      `quota.${over.of}-actual`,
      `${who} has cost ${formatDollars(over.amount)} this month, as AWS billed it, of ${formatCents(limit)}: nothing new fits until the month turns`,
      `${booked === undefined ? "" : `as dear as it is, ${formatCents(booked)} a month, it may stay; `}see what it is: chartctl costs --by project; an admin may raise the limit: chartctl quota set --user ${userId} ${flag} DOLLARS`,
    );
  }
  if (monthlyCents > limits.projectMonthlyCents) {
    return tooDear(
      "quota.project-cost",
      `The estimate of ${asked} passes the limit of ${formatCents(limits.projectMonthlyCents)} for one project`,
      "see where it goes: chartctl costs estimate --assumptions, with the same --set",
    );
  }
  if (monthlyCents > left) {
    return tooDear(
      "quota.user-cost",
      `The estimate of ${asked} passes what user ${userId} has left: ${formatCents(left)} of ${formatCents(limits.userMonthlyCents)}`,
      "see what is used: chartctl quota",
    );
  }
  return undefined;
}
