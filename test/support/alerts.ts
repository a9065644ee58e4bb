/** Alerts of a platform on which all is told. */
import type { AlertsStanding } from "../../src/contract/alerts.ts";

export const allTold: AlertsStanding = {
  receiver: "set",
  waiting: 0,
  failing: 0,
  givenUp: 0,
  oldestAt: null,
  cleanUps: 0,
  lastError: null,
  reasons: [],
  untagged: [],
};
