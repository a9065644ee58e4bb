/** A part of a whole in percent. */
import Big from "big.js";

/** Rounded first, and then its sign is chosen: what rounds to nothing has none. `plus`: before what is more than nothing. */
export function percentText(ratio: Big | string, digits: 0 | 1, plus: "" | "+" = ""): string {
  const rounded = new Big(ratio).times(100).round(digits);
  const sign = rounded.lt(0) ? "-" : rounded.gt(0) ? plus : "";
  return `${sign}${rounded.abs().toFixed(digits)}%`;
}
