/** The session in a cookie: no script reads it, no other site's request carries it, and it ends when the session does. */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Session } from "../../contract/access-endpoints.ts";
import { isChartctlError } from "../../errors.ts";
import type { PagePorts, Who } from "./ports.ts";

/** `__Host-` makes browsers refuse one that a neighbouring subdomain or plain HTTP tries to set. */
const nameOf = (secure: boolean): string => (secure ? "__Host-chartctl" : "chartctl");

const attributes = (secure: boolean) => ({ path: "/", httpOnly: true, sameSite: "Strict", secure }) as const;

export function keepSession(context: Context, { secure }: PagePorts, { token, expiresAt }: Session): void {
  setCookie(context, nameOf(secure), token, { ...attributes(secure), expires: new Date(expiresAt) });
}

export function forgetSession(context: Context, { secure }: PagePorts): void {
  setCookie(context, nameOf(secure), "", { ...attributes(secure), maxAge: 0 });
}

/** Nobody, when there is no session that counts. */
export async function whoAsks(context: Context, ports: PagePorts): Promise<Who | undefined> {
  const token = getCookie(context, nameOf(ports.secure));
  if (!token) return undefined;
  try {
    return await ports.whoIs(token);
  } catch (error) {
    if (isChartctlError(error, "auth")) return undefined;
    throw error;
  }
}
