/** Alerts about costs as a person reads them. */
import chalk from "chalk";
import type { Alert, AlertDelivery, AlertsStanding } from "../contract/alerts.ts";
import { table } from "./table.ts";
import { minuteText } from "./time.ts";
import { wrapped } from "./wrapped.ts";

export function alertsText({ alerts, standing }: { alerts: Alert[]; standing: AlertsStanding }, width: number): string {
  const told =
    alerts.length === 0
      ? standing.untagged.length === 0
        ? "Nothing to tell: no project and no user came near a limit."
        : "Nothing to tell."
      : table(
          alerts,
          [
            { title: "Since (UTC)", value: ({ createdAt }) => minute(createdAt) },
            { title: "About", value: ({ tenantId, projectId, userId }) => (projectId === null ? `${tenantId}, user ${userId}` : `${tenantId}/${projectId}`) },
            { title: "Limit", value: ({ kind }) => (kind.endsWith(".near_limit") ? "near" : "over") },
            { title: "Clean-up at", value: cleanUpText },
            { title: "Told", value: toldText },
          ],
          width,
        );
  const what = standingText(standing, width);
  return what === undefined ? told : `${told}\n\n${what}`;
}

/** Short, for a column that says that it is UTC. */
const minute = (iso: string): string => minuteText(iso).slice(0, 16);

const cleanUpText = ({ cleanUpAt, status }: Alert): string => (cleanUpAt === null ? "" : status === "waiting" ? "once told" : minute(cleanUpAt));

/** Why not, is told once for all of them, below. */
function toldText({ status, endedAt, nextAt, error }: Alert): string {
  if (status === "delivered") return chalk.green(minute(endedAt ?? ""));
  if (status === "given-up") return chalk.red("given up");
  return error === null ? "not yet" : chalk.yellow(`again ${minute(nextAt ?? "").slice(5)}`);
}

/** Undefined: a receiver is there, and has been told everything that was due, and every bill says what limits act on. */
export function standingText(standing: AlertsStanding, width: number): string | undefined {
  const untold = [untoldText(standing), cleanUpsText(standing), untaggedText(standing)].filter((one) => one !== undefined).join(". ");
  const color = standing.receiver === "gone" || standing.givenUp > 0 ? chalk.red : chalk.yellow;
  if (untold === "") return undefined;
  return wrapped(untold, width)
    .split("\n")
    .map((line) => color(line))
    .join("\n");
}

const untaggedText = ({ untagged }: AlertsStanding): string | undefined =>
  untagged.length === 0
    ? undefined
    : `No cost of ${untagged.length > shownTenants ? `${untagged.slice(0, shownTenants).join(", ")} and ${untagged.length - shownTenants} others` : untagged.join(", ")} carries the tag ProjectKey, so limits can't act: chartctl setup aws, in the account that pays`;
const shownTenants = 5;

function untoldText({ receiver, waiting, givenUp, reasons }: AlertsStanding): string | undefined {
  const untold = counted(waiting + givenUp);
  if (receiver === "none") return waiting + givenUp === 0 ? undefined : `${untold} told to nobody: set ALERT_WEBHOOK_URL (chartctl serve --help says how)`;
  if (receiver === "gone")
    return `The receiver answered 410 Gone and is sent nothing any more; ${untold} untold. Set another ALERT_WEBHOOK_URL, or: chartctl alerts deliver --again`;
  if (reasons.length === 0) return undefined;
  const why = reasons.map(
    ({ status, alerts, error }) => `${counted(alerts)} ${status === "given-up" ? "given up" : "not told yet, and tried again"}: ${error}`,
  );
  const what = reasons.some(({ tried }) => tried) ? "Mend the receiver, then" : "Send what was given up";
  return givenUp === 0 ? why.join("; ") : `${why.join("; ")}. ${what}: chartctl alerts deliver --again`;
}

const cleanUpsText = ({ cleanUps }: AlertsStanding): string | undefined =>
  cleanUps === 0
    ? undefined
    : `${cleanUps === 1 ? "1 clean-up waits" : `${cleanUps} clean-ups wait`} for an alert: the grace time begins when that is delivered, or given up after five days`;

const counted = (count: number): string => `${count} ${count === 1 ? "alert" : "alerts"}`;

export function deliveryText({ delivered, failed, givenUp, standing }: AlertDelivery, width: number): string {
  const done = [`${counted(delivered)} delivered`, ...(failed > 0 ? [`${failed} failed`] : []), ...(givenUp > 0 ? [`${givenUp} given up`] : [])].join(", ");
  const what = standingText(standing, width);
  return what === undefined ? `${done}.` : `${done}.\n${what}`;
}
