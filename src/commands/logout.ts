/** `chartctl logout`: revokes the token of this machine, and forgets it. */
import type { Command } from "commander";
import type { SignedOut } from "../core/sign-in.ts";
import { signOut } from "../core/sign-in.ts";
import { minuteOr } from "../ui/time.ts";
import type { Cli } from "./cli.ts";
import { hostedUrl } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const url = hostedUrl(await cli.given());
    const done = await signOut(await cli.connect.signIn(), url);
    if (done.outcome === "unproven") cli.io.warn(`The token of ${url} is not revoked: ${done.why}`);
    if ((await cli.connect.token(url))?.place === "CHARTCTL_TOKEN") cli.io.warn("CHARTCTL_TOKEN is set, and goes on signing you in");
    cli.io.result("Logout", { apiUrl: url, outcome: done.outcome }, () => textOf(done, url));
  });
}

function textOf({ outcome, expiresAt }: SignedOut, url: string): string {
  const texts: Record<SignedOut["outcome"], string> = {
    revoked: `You are signed out of ${url}: its token is revoked and forgotten.`,
    unproven: `The token of ${url} is forgotten here; at the API it counts until ${minuteOr(expiresAt, "it ends")}. Revoke it there: chartctl tokens revoke ID`,
    ends: `The token of ${url} is forgotten; it ends by itself, at ${minuteOr(expiresAt, "its time")}.`,
    none: `No token of ${url} was kept.`,
  };
  return texts[outcome];
}
