/** Alerts about costs as a person reads them. */
import chalk from "chalk";
import type { Alert, AlertDelivery, AlertsStanding } from "../contract/alerts.ts";
import { table } from "./table.ts";
import { minuteText } from "./time.ts";
import { wrapped } from "./wrapped.ts";

export function alertsText({ alerts, standing }: { alerts: Alert[]; standing: AlertsStanding }, width: number): string {
  const told =
    alerts.length === 0
      ? "Nothing to tell: no project and no user came near a limit."
      : table(
          alerts,
          [
            { title: "Since", value: ({ createdAt }) => minuteText(createdAt) },
            { title: "About", value: ({ tenantId, projectId, userId }) => (projectId === null ? `${tenantId}, user ${userId}` : `${tenantId}/${projectId}`) },
            { title: "Costs are", value: costsText },
            { title: "Told", value: toldText },
          ],
          width,
        );
  const what = standingText(standing, width);
  return what === undefined ? told : `${told}\n\n${what}`;
}

const costsText = ({ kind, cleanUps }: Alert): string =>
  kind.endsWith(".near_limit") ? "near its limit" : cleanUps === 0 ? "over its limit" : "over its limit, to be cleaned up";

function toldText({ status, endedAt, attempts, nextAt, error }: Alert): string {
  if (status === "delivered") return chalk.green(minuteText(endedAt ?? ""));
  if (status === "given-up") return chalk.red(`given up after ${attempts} tries: ${error}`);
  if (error === null) return "not yet";
  return chalk.yellow(`not yet: ${error}; again ${minuteText(nextAt ?? "")}`);
}

/** Undefined: a receiver is there, and has been told everything that was due. */
export function standingText(standing: AlertsStanding, width: number): string | undefined {
  const untold = [untoldText(standing), cleanUpsText(standing)].filter((one) => one !== undefined).join(". ");
  const color = standing.receiver === "gone" || standing.givenUp > 0 ? chalk.red : chalk.yellow;
  if (untold === "") return undefined;
  return wrapped(untold, width)
    .split("\n")
    .map((line) => color(line))
    .join("\n");
}

function untoldText({ receiver, waiting, failing, givenUp, lastError }: AlertsStanding): string | undefined {
  const untold = counted(waiting + givenUp);
  if (receiver === "none") return waiting + givenUp === 0 ? undefined : `${untold} told to nobody: set ALERT_WEBHOOK_URL (chartctl serve --help says how)`;
  if (receiver === "gone")
    return `The receiver answered 410 Gone and is sent nothing any more; ${untold} untold. Set another ALERT_WEBHOOK_URL, or: chartctl alerts deliver --again`;
  if (givenUp > 0) return `${counted(givenUp)} given up (${lastError}). Mend the receiver, then: chartctl alerts deliver --again`;
  return failing > 0 ? `${counted(failing)} not told yet, and tried again: ${lastError}` : undefined;
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
