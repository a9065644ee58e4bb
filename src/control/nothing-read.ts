/** Of a month that no day's bill was read of there is no report. */
import { ChartctlError } from "../errors.ts";

/** Before it is ordered, a `conflict`: it can be in a while. */
export const nothingRead = (month: string, kind: "conflict" | "failed"): ChartctlError =>
  new ChartctlError({
    kind,
    code: "costs.not-read",
    message: `The platform has read no bill of ${month}`,
    hint: "its worker reads them every BILLING_READ_HOURS, for tenants with a role; what fails, for the platform's owners: chartctl stats",
  });
