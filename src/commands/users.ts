/** `chartctl users`: a tenant's users; add, invite, change. */
import type { Command } from "commander";
import { Option } from "commander";
import type { Invited, User } from "../contract/access-endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { Role } from "../contract/roles.ts";
import { ChartctlError } from "../errors.ts";
import { table } from "../ui/table.ts";
import { minuteOr, minuteText } from "../ui/time.ts";
import type { Cli } from "./cli.ts";
import { roleOption } from "./role-option.ts";

interface UpdateFlags {
  role?: Role;
  disable?: boolean;
  enable?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command.action(async () => list(cli));
  command
    .command("list")
    .description("every user of the tenant")
    .action(async () => list(cli));
  command
    .command("add")
    .argument("<id>", "the user's id")
    .description("add a user; shows a one-time link with which they set their password")
    .addOption(roleOption("what they may do").default("member"))
    .action(async (id: string, { role }: { role: Role }) => {
      const invited = await (await cli.connect.api())(endpoints.addUser, { body: { id, role } });
      show(cli, invited, `User ${id} is added to tenant ${invited.user.tenantId} as ${role}.`);
    });
  command
    .command("invite")
    .argument("<id>", "the user's id")
    .description("a new one-time link, such as for a forgotten password; earlier ones end")
    .action(async (id: string) => {
      const invited = await (await cli.connect.api())(endpoints.inviteUser, { params: { userId: id } });
      show(cli, invited, `User ${id} of tenant ${invited.user.tenantId} may set a new password.`);
    });
  command
    .command("update")
    .argument("<id>", "the user's id")
    .description("change a role; disable or enable a user, at once")
    .addOption(roleOption("what they may do from now on"))
    .addOption(new Option("--disable", "they may do nothing any more; their tokens and sessions, too").conflicts(["enable"]))
    .option("--enable", "they may again")
    .action(async (id: string, flags: UpdateFlags) => update(cli, id, flags));
}

async function list({ connect, io }: Cli): Promise<void> {
  const users = await (await connect.api())(endpoints.listUsers, {});
  io.result("UserList", users, () =>
    users.length === 0
      ? "No users yet. Add one: chartctl users add ID --role ROLE"
      : table<User>(
          users,
          [
            { title: "User", value: ({ id }) => id },
            { title: "Role", value: ({ role }) => role },
            { title: "Status", value: ({ status }) => status },
            { title: "Last sign-in", value: ({ lastSignInAt }) => minuteOr(lastSignInAt, "-") },
          ],
          io.width,
        ),
  );
}

const show = ({ io }: Cli, invited: Invited, head: string): void =>
  io.result("Invited", invited, () =>
    [
      head,
      `Link   ${invited.invitation.url}`,
      `Until  ${minuteText(invited.invitation.expiresAt)}; it counts once, and is shown only now.`,
      "They   chartctl login --invitation 'LINK'",
    ].join("\n"),
  );

async function update({ connect, io }: Cli, id: string, { role, disable, enable }: UpdateFlags): Promise<void> {
  if (role === undefined && !disable && !enable)
    throw new ChartctlError({ kind: "usage", code: "user.nothing", message: "No change is named", hint: `such as: chartctl users update ${id} --role admin` });
  const call = await connect.api();
  const { version } = await call(endpoints.getUser, { params: { userId: id } });
  const body = { ...(role === undefined ? {} : { role }), ...(disable || enable ? { disabled: disable === true } : {}) };
  const user = await call(endpoints.updateUser, { params: { userId: id }, body, ifMatch: version });
  io.result("User", user, () => `User ${user.id} of tenant ${user.tenantId} is ${user.status}, as ${user.role}.`);
}
