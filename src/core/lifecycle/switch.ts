/** Puts a published version in place of the live one: checked before, switched in one step, checked after, switched back. */
import type { Release } from "../../contract/resources.ts";
import { ChartctlError, messageOf } from "../../errors.ts";
import type { AppAnswer, AppHost, Probe } from "../app-ports.ts";
import type { Books, Clock, Progress } from "../ports.ts";
import type { Held } from "./held.ts";

interface SwitchPorts {
  books: Pick<Books, "renewLease">;
  clock: Clock;
  probe: Probe;
  progress: Progress;
  reach(url: string): string;
}

/** API Gateway and Lambda take a moment until a new alias answers everywhere. */
const answerWithin = 30_000;
const askAgainAfter = 500;

/**
 * Errors: `app.unhealthy` (`failed`) with what answered; the release before it answers then, as it did. A lost lease is
 * noticed before the switch, and a switch by somebody else in between is refused by AWS.
 */
export async function putInPlace(
  ports: SwitchPorts,
  held: Held,
  host: AppHost,
  next: { release: Release; version: string; live: { version: string; revision: string } },
): Promise<void> {
  const { release, version, live } = next;
  await held.step("check", async () => {
    const answer = await host.ask(version, release.health);
    if (!isGood(answer, release)) throw unhealthy(held, release, release.health, answer, unswitched);
    // A health path of its own says nothing of the files: the first page may be missing, but it must not break.
    const page = await host.ask(version, "/");
    if (page.status >= 500) throw unhealthy(held, release, "/", page, unswitched);
  });
  held.interrupt.gentle.throwIfAborted();
  await ports.books.renewLease(held.operation); // still ours, or somebody else's release is live by now
  const { revision } = await held.step("switch", () => host.switchTo(version, live.revision));
  try {
    await held.step("answer", () => answers(ports, held, release));
  } catch (error) {
    await host.switchTo(live.version, revision).then(
      () => ports.progress({ type: "note", level: "warn", message: "Switched back: what answered before answers again." }),
      (failure) => ports.progress({ type: "note", level: "warn", message: `Switching back failed, too: ${messageOf(failure)}` }),
    );
    throw error;
  }
}

/** Asks through the project's URL until this build answers that it works. */
async function answers(ports: SwitchPorts, held: Held, release: Release): Promise<void> {
  const { url } = held.project.outputs;
  if (typeof url !== "string") return; // a blueprint without one
  const asked = ports.reach(url).replace(/\/+$/, "") + release.health;
  const until = ports.clock.now().getTime() + answerWithin;
  let last: AppAnswer | undefined;
  let unreachable: unknown;
  for (;;) {
    held.interrupt.gentle.throwIfAborted();
    try {
      last = await ports.probe(asked, held.interrupt.gentle);
      if (isGood(last, release)) return;
      unreachable = undefined;
    } catch (error) {
      unreachable = error;
    }
    if (ports.clock.now().getTime() >= until) break;
    await ports.clock.sleep(askAgainAfter, held.interrupt.gentle);
  }
  if (unreachable !== undefined || !last) throw unreachable;
  throw unhealthy(held, release, release.health, last, `at ${asked} within ${answerWithin / 1_000} s`);
}

const isGood = ({ status, build }: AppAnswer, release: Release): boolean => status >= 200 && status < 300 && build === release.build;

const unswitched = "before any request reached it; nothing was switched";

const unhealthy = ({ project }: Held, release: Release, path: string, answer: AppAnswer, where: string): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "app.unhealthy",
    message: `Release ${release.number} does not work: ${path} answered ${answer.status}${answer.build !== undefined && answer.build !== release.build ? " by another build" : ""}, ${where}${answer.body ? `. It said: ${oneLine(answer.body)}` : ""}`,
    hint: `read what it logged: chartctl logs -p ${project.id}; mend it, then: chartctl deploy-app -p ${project.id}`,
    details: { release: release.number, status: answer.status, body: answer.body },
  });

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, 300);
