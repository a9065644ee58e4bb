/** Fetches the page again every few seconds and takes over its <main>, without getting in the way of whoever reads it. */
import { settle, whereabouts } from "./whereabouts.ts";

const everySeconds = 10;
const patienceSeconds = 8;

export function keepFresh(replaced: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;

  const again = (): void => {
    clearTimeout(timer);
    timer = setTimeout(refresh, everySeconds * 1_000);
  };
  const refresh = async (): Promise<void> => {
    if (document.hidden || asking) return; // asks at once when the tab is looked at again
    if (isSelecting()) {
      tell(`As of ${asOf()}: waits while text is selected.`);
      return again();
    }
    asking = true;
    try {
      const page = await fetchPage();
      // Another version of the server: its page comes with its own style and script.
      if (styleOf(page) !== styleOf(document)) return location.reload();
      if (isSelecting()) return; // begun meanwhile
      takeOver(page);
      replaced();
      tell("");
    } catch (error) {
      const why = error instanceof Refused ? error.message : "the server doesn’t answer";
      tell(`As of ${asOf()}, can’t be refreshed: ${why}. Next try in ${everySeconds} s.`);
    } finally {
      asking = false;
      again();
    }
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void refresh();
  });
  again();
}

/** The server answered, but not with this page. */
class Refused extends Error {}

async function fetchPage(): Promise<Document> {
  const response = await fetch(location.pathname, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(patienceSeconds * 1_000) });
  if (response.type === "opaqueredirect") throw new Refused("your session has ended, reload the page to sign in again");
  if (!response.ok) throw new Refused(`the server answered ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.querySelector("main #as-of")) throw new Refused("something else than the server answered");
  return page;
}

function takeOver(page: Document): void {
  const [old, fresh] = [document.querySelector("main"), page.querySelector("main")];
  if (!old || !fresh) return;
  const before = whereabouts(old);
  old.replaceWith(document.adoptNode(fresh));
  settle(fresh, before);
}

const styleOf = (page: Document): string | null | undefined => page.querySelector("link[rel=stylesheet]")?.getAttribute("href");

const asOf = (): string => document.querySelector("#as-of")?.textContent ?? "";

/** Copying an error would be cut off by new figures. */
function isSelecting(): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && (document.querySelector("main")?.contains(selection.anchorNode) ?? false);
}

/** Only what is new is read out. */
function tell(words: string): void {
  const state = document.querySelector("#freshness");
  if (state && state.textContent !== words) state.textContent = words;
}
