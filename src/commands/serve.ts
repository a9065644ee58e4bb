/** `chartctl serve`: the control API, hosted. */
import type { Command } from "commander";
import { Option } from "commander";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";

interface Flags {
  host?: string;
  port?: number;
  rotateKeys?: boolean;
  endSessions?: boolean;
  setOwner?: boolean;
  ifUnused?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command
    .option("--host <address>", "where to listen (HOST; default: 127.0.0.1, this machine alone)")
    .addOption(new Option("--port <number>", "0 takes any that is free (PORT; default: 5001)").argParser(portNumber))
    .option("--rotate-keys", "seal everything under the newest key, sign sessions with a new one, and end")
    .option("--end-sessions", "with --rotate-keys: everybody signs in again, such as after a key became known")
    .option("--set-owner", "give the owner the password of CHARTCTL_OWNER_PASSWORD, whatever it was, and end")
    .option("--if-unused", "with --set-owner: not once somebody has signed in as the owner")
    .addHelpText("after", environmentHelp)
    .action(async (flags: Flags) => {
      const host = await cli.connect.host(flags);
      if (flags.rotateKeys) {
        const endSessions = flags.endSessions ?? false;
        const { resealed, signingKey } = await host.rotateKeys({ endSessions });
        cli.io.result("KeysRotated", { resealed, signingKey }, () => {
          const counts = Object.entries(resealed).map(([what, count]) => `${count} ${what}`);
          const ended = endSessions ? " All others end within a minute; API tokens go on." : "";
          return `Sealed again under the newest key: ${counts.join(", ")}. Sessions are signed with key ${signingKey} from now on.${ended}\nOlder keys can be taken out of CHARTCTL_MASTER_KEY when every process has been started anew.`;
        });
        return;
      }
      if (flags.setOwner) {
        const { id } = await host.setOwner({ ifUnused: flags.ifUnused ?? false });
        cli.io.result("OwnerSet", { id }, () => `${id} has a new password; every earlier session has ended.`);
        return;
      }
      await host.serve();
    });
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new ChartctlError({ kind: "usage", code: "port.invalid", message: `${JSON.stringify(text)} is no port`, hint: "such as: --port 5001" });
}

const environmentHelp = `
Environment:
  DATABASE_URL              PostgreSQL; without it SQLite in the data folder (one process)
  DATABASE_POOL_SIZE        connections of this process (10)
  DATABASE_CA               the server's certificate authority, PEM: verifies it
  CHARTCTL_MASTER_KEY       seals secrets: 32 bytes in base64; k2:NEW k1:OLD to rotate
  PUBLIC_URL                as users reach it; the issuer of its tokens
  CHARTCTL_OWNER            the first owner's id (owner)
  CHARTCTL_OWNER_PASSWORD   their password; without it a one-time link is printed
  CORS_ORIGIN               origins of front ends, separated by spaces
  TRUSTED_PROXIES           proxies whose X-Forwarded-For counts (0; Heroku: 1)
  METRICS_TOKEN             bearer token for /metrics; without it they are off.
                            Worth waking for: chartctl_jobs, chartctl_bills_failing,
                            chartctl_alerts_undelivered, chartctl_cleanups_held,
                            chartctl_alerts_oldest_undelivered_seconds and
                            chartctl_over_cost
  MAX_RESOURCES_PER_USER, MAX_COST_PER_PROJECT, MAX_TOTAL_COST_PER_USER
                            limits: projects (10), dollars a month (50, 100)
  RESOURCE_TIMEOUT_MINUTES  idle time until clean-up (60)
  RATE_LIMIT_PER_ADDRESS, RATE_LIMIT_PER_CALLER, RATE_LIMIT_SIGN_INS
                            requests a minute (1200, 600), tries in 15 minutes (10)
  ALERT_WEBHOOK_URL         https: told of costs over a limit (chartctl alerts)
  ALERT_WEBHOOK_SECRET      signs that: whsec_ and 24 to 64 bytes in base64; NEW OLD
                            to rotate
  BILLING_READ_HOURS        how often each tenant's bill is read (24; 0: never):
                            mostly 2 requests of $0.01 to Cost Explorer, and
                            twice a month 4 for what was used in the last, or
                            queries of the tenant's Cost and Usage Report
  CHARTCTL_BROKER_ROLE_ARN  the role that tenants' roles trust (setup aws makes it)
  AWS_ROLE_ARN, AWS_EXTERNAL_ID
                            the platform's role, for tenants without their own
`;
