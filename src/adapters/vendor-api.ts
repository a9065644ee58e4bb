/** A vendor's API: where it is, and that a token and what is sent with it stay there. */
import { isLoopback } from "../core/loopback.ts";
import { ChartctlError } from "../errors.ts";

/** Its own address, or the one that `variable` names instead; without a slash at the end. Error `api-address.invalid` (usage). */
export function apiAddress(env: NodeJS.ProcessEnv, variable: string, own: string): string {
  const given = env[variable] || own;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const safe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (safe && !url?.username && !url?.password) return given.replace(/\/+$/, "");
  throw new ChartctlError({
    kind: "usage",
    code: "api-address.invalid",
    message: `${variable} names no address that a token may be sent to`,
    hint: `an https URL without a user, or http on this machine; without it: ${own}`,
  });
}

/** No API moves a call elsewhere: whoever does is not it, and would be sent the body with all its secrets. */
export const refuseRedirect = (operation: string, status: number, location: string | null): void => {
  if (status < 300 || status > 399) return;
  const to = location !== null && URL.canParse(location) ? ` to ${new URL(location).origin}` : "";
  throw new ChartctlError({
    kind: "external",
    code: "api-address.moved",
    message: `${operation} was answered with a redirect${to} (${status}), which is not followed: the token is for the API alone`,
    hint: "look at what stands between here and the API: a proxy, or the address that was set",
    details: { status },
  });
};
