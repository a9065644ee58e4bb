/** `--account-id`, wherever AWS is changed. */
import { Option } from "commander";
import { accountIdSchema } from "../contract/names.ts";
import { ChartctlError } from "../errors.ts";

export const accountIdOption = (): Option =>
  new Option("--account-id <id>", "refuse when the credentials reach another AWS account").argParser((given: string): string => {
    if (accountIdSchema.safeParse(given).success) return given;
    throw new ChartctlError({
      kind: "usage",
      code: "account-id.invalid",
      message: `The account id ${JSON.stringify(given)} is not allowed`,
      hint: "an AWS account id is 12 digits",
      details: { given },
    });
  });
