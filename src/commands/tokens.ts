/** `chartctl tokens`: API tokens for pipelines and machines, and pipelines that need none. */
import type { Command } from "commander";
import type { ApiToken, WorkloadTrust } from "../contract/access-endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { Role } from "../contract/roles.ts";
import { ChartctlError } from "../errors.ts";
import { table } from "../ui/table.ts";
import { minuteOr, minuteText } from "../ui/time.ts";
import type { Cli } from "./cli.ts";
import { roleOption } from "./role-option.ts";

interface TrustFlags {
  subject: string;
  issuer?: string;
  role?: Role;
}

export function register(command: Command, cli: Cli): void {
  command.action(async () => list(cli));
  command
    .command("list")
    .description("API tokens: your own; an admin sees the tenant's")
    .action(async () => list(cli));
  command
    .command("create")
    .description("make an API token; stdout has it, once")
    .requiredOption("--name <name>", "what it is for")
    .addOption(roleOption("at most this, and at most what its user may do").default("member"))
    .option("--days <days>", "until it ends, up to 365", wholeDays, 90)
    .action(async (flags: { name: string; role: Role; days: number }) => create(cli, flags));
  command
    .command("revoke")
    .argument("<id>", "the token's id")
    .description("end an API token, at once")
    .action(async (id: string) => {
      const token = await (await cli.connect.api())(endpoints.revokeToken, { params: { tokenId: id } });
      cli.io.result("Token", token, () => `Token ${token.id} (${token.name}) of ${token.userId} is revoked.`);
    });
  command
    .command("workloads")
    .description("pipelines that may sign in without a secret")
    .action(async () => workloads(cli));
  command
    .command("trust")
    .description("let a pipeline sign in as the user --user, by its own platform's token")
    .requiredOption("--subject <subject>", "the token's sub, whole: repo:acme/shop:ref:refs/heads/main")
    .option("--issuer <url>", "whose token it is (default: GitHub Actions)")
    .addOption(roleOption("at most this, and at most what the user may do (default: member)"))
    .action(async (flags: TrustFlags) => trust(cli, flags));
  command
    .command("untrust")
    .argument("<id>", "the trust's id")
    .description("stop trusting a pipeline")
    .action(async (id: string) => {
      const gone = await (await cli.connect.api())(endpoints.removeTrust, { params: { trustId: id } });
      cli.io.result("WorkloadTrust", gone, () => `${gone.subject} may not sign in as ${gone.userId} any more.`);
    });
}

async function list({ connect, io, clock }: Cli): Promise<void> {
  const tokens = await (await connect.api())(endpoints.listTokens, {});
  const now = clock.now().toISOString();
  io.result("TokenList", tokens, () =>
    tokens.length === 0
      ? "No tokens yet. Make one: chartctl tokens create --name NAME"
      : table<ApiToken>(
          tokens,
          [
            { title: "Token", value: ({ id }) => id },
            { title: "Name", value: ({ name }) => name },
            { title: "User", value: ({ userId }) => userId },
            { title: "Role", value: ({ role }) => role },
            { title: "Until", value: (token) => endText(token, now) },
            { title: "Last used", value: ({ lastUsedAt }) => minuteOr(lastUsedAt, "never") },
          ],
          io.width,
        ),
  );
}

function endText({ revokedAt, expiresAt }: ApiToken, now: string): string {
  if (revokedAt !== null) return "revoked";
  return expiresAt <= now ? "expired" : minuteText(expiresAt);
}

/** On stdout the token alone, so that a script can keep it. */
async function create({ connect, io }: Cli, { name, role, days }: { name: string; role: Role; days: number }): Promise<void> {
  const made = await (await connect.api())(endpoints.createToken, { body: { name, role, expiresInDays: days } });
  io.note(`Token ${made.id} for ${made.userId} of tenant ${made.tenantId}, as ${made.role}, until ${minuteText(made.expiresAt)}. It is shown only now:`);
  io.result("CreatedToken", made, () => made.token);
}

async function workloads({ connect, io }: Cli): Promise<void> {
  const trusts = await (await connect.api())(endpoints.listTrusts, {});
  io.result("WorkloadTrustList", trusts, () =>
    trusts.length === 0
      ? "No pipeline is trusted. Trust one: chartctl tokens trust --subject SUBJECT --user ID"
      : table<WorkloadTrust>(
          trusts,
          [
            { title: "Trust", value: ({ id }) => id },
            { title: "Subject", value: ({ subject }) => subject },
            { title: "Issuer", value: ({ issuer }) => issuer.replace("https://", "") },
            { title: "As", value: ({ userId, role }) => `${userId} (${role})` },
            { title: "Last used", value: ({ lastUsedAt }) => minuteOr(lastUsedAt, "never") },
          ],
          io.width,
        ),
  );
}

async function trust({ connect, given, io }: Cli, { subject, issuer, role }: TrustFlags): Promise<void> {
  const { user: userId, origins } = await given();
  if (origins.user !== "flag")
    throw new ChartctlError({ kind: "usage", code: "user.missing", message: "It isn't said as which user the pipeline signs in", hint: "name one: --user ID" });
  const body = { userId, subject, ...(issuer === undefined ? {} : { issuer }), ...(role === undefined ? {} : { role }) };
  const made = await (await connect.api())(endpoints.addTrust, { body });
  io.result(
    "WorkloadTrust",
    made,
    () => `${made.subject} may sign in to tenant ${made.tenantId} as ${made.userId} (${made.role}): chartctl login --workload -t ${made.tenantId}`,
  );
}

function wholeDays(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 365) return Number(text);
  throw new ChartctlError({ kind: "usage", code: "days.invalid", message: `${JSON.stringify(text)} is no number of days`, hint: "from 1 to 365" });
}
