/** Which of several hosted platforms a setup command is about: contexts remember it as `heroku/NAME`. */
import type { SettingValues } from "../settings.ts";

export interface SavedContexts {
  current: string | undefined;
  contexts: Record<string, SettingValues>;
}

const nameIn = (host: string, values: SettingValues | undefined): string | undefined =>
  values?.host?.startsWith(`${host}/`) ? values.host.slice(host.length + 1) : undefined;

/** The named or current context's; else one whose setup was begun and never finished. */
export function rememberedName(host: string, asked: string | undefined, { current, contexts }: SavedContexts): string | undefined {
  const here = nameIn(host, contexts[asked ?? current ?? "default"]);
  if (here !== undefined || asked !== undefined) return here;
  return Object.values(contexts)
    .flatMap((values) => (values.apiUrl === undefined ? [nameIn(host, values)] : []))
    .find((name) => name !== undefined);
}

/** The context that remembers it already, or the one that is asked for, or one of its own name. */
const contextOf = (host: string, name: string, asked: string | undefined, { contexts }: SavedContexts): string =>
  asked ?? Object.keys(contexts).find((context) => nameIn(host, contexts[context]) === name) ?? name;

/** `instead`: a name that was remembered in this run, and was taken. */
export function withHost(host: string, name: string, asked: string | undefined, saved: SavedContexts, instead?: string): SavedContexts {
  const kept = Object.entries(saved.contexts).filter(([, values]) => instead === undefined || nameIn(host, values) !== instead || values.apiUrl !== undefined);
  const contexts = Object.fromEntries(kept);
  const context = contextOf(host, name, asked, { ...saved, contexts });
  return { ...saved, contexts: { ...contexts, [context]: { ...contexts[context], host: `${host}/${name}` } } };
}

/** The platform that stands: the next command uses it. */
export function withPlatform(host: string, name: string, url: string, asked: string | undefined, saved: SavedContexts): SavedContexts {
  const context = contextOf(host, name, asked, saved);
  return { current: context, contexts: { ...saved.contexts, [context]: { ...saved.contexts[context], host: `${host}/${name}`, apiUrl: url } } };
}

/** Gone: no context leads there. */
export function withoutHost(host: string, name: string, { current, contexts }: SavedContexts): SavedContexts {
  const kept = Object.fromEntries(Object.entries(contexts).filter(([, values]) => nameIn(host, values) !== name));
  return { current: current !== undefined && (current in kept || !(current in contexts)) ? current : undefined, contexts: kept };
}
