/** Nothing is made in an account that the person or the tenant didn't mean. */
import { ChartctlError } from "../../errors.ts";

export function refuseForeignAccount(reached: string, meant: string | null | undefined): void {
  if (!meant || meant === reached) return;
  throw new ChartctlError({
    kind: "refused",
    code: "account.mismatch",
    message: `The credentials reach AWS account ${reached}, not ${meant}`,
    hint: "choose the right profile or role: chartctl doctor",
    details: { reached, meant },
  });
}
