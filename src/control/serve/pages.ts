/** What the pages ask, answered by the same stores as the API's routes. */
import { bySession } from "../auth/identify.ts";
import type { PagePorts } from "../pages/ports.ts";
import type { ControlApi, Hosted } from "../parts.ts";
import { signInStore } from "../sign-in.ts";
import { costOverview } from "../store/cost-overview.ts";
import { platformDays } from "../store/platform-days.ts";
import { platformStats, shownDays } from "../store/stats.ts";
import { endSessions } from "../store/users.ts";
import { keptFor, keptForEach } from "./kept-for.ts";

/** Every open page asks every ten seconds; one answer serves them all for this long. */
const statsMilliseconds = 3_000;
/** Bills change once a day, and adding up many projects takes a second or more. */
const costsMilliseconds = 60_000;

export function pagePorts(api: ControlApi & { hosted: Hosted }, options: { secure: boolean; version: string; addressOf(request: Request): string }): PagePorts {
  const translated = async <T>(asking: Promise<T>): Promise<T> => {
    try {
      return await asking;
    } catch (error) {
      throw api.translate(error);
    }
  };
  const days = keptFor(costsMilliseconds, () => platformDays(api.db, ...shownDays(api.now())));
  return {
    ...options,
    stats: keptFor(statsMilliseconds, () => translated(platformStats(api.db, api, api.now(), days))),
    costs: keptForEach(costsMilliseconds, (days: number) => translated(costOverview(api.db, api.now(), days))),
    signIn: (asked, request) => translated(signInStore(api, request).login(asked)),
    acceptInvitation: (asked, request) => translated(signInStore(api, request).accept(asked)),
    whoIs: (token) => translated(bySession({ db: api.db, sessions: api.hosted.sessions, now: api.now }, token)),
    endSessions: async ({ tenantId, userId, role }) => {
      const actor = { tenantId, userId, role, actor: userId, manages: false, now: api.now(), requestId: "page:sign-out" };
      await translated(endSessions(api.db, actor));
    },
  };
}
