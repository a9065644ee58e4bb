/** `chartctl whoami`: who one is to the control API, and by which token. */
import type { Command } from "commander";
import { identityText } from "../ui/account.ts";
import { facts } from "../ui/table.ts";
import { minuteText } from "../ui/time.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const { apiUrl, context } = await cli.given();
    const me = await cli.connect.me();
    const token = apiUrl ? await cli.connect.token(apiUrl) : undefined;
    cli.io.result("Me", { ...me, apiUrl: apiUrl ?? null, context, tokenIn: token?.place ?? null, expiresAt: token?.expiresAt ?? null }, () =>
      facts(
        [
          ["You", identityText(me)],
          ["Control API", apiUrl ?? "embedded: it trusts whoever runs it"],
          ["Context", context],
          ["Token", token && `${me.via}, from ${token.place}`],
          ["Until", token?.expiresAt ? minuteText(token.expiresAt) : undefined],
        ],
        cli.io.width,
      ),
    );
  });
}
