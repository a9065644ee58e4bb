/** What an answer did cost: cents at least, and what is less of them. */
import Big from "big.js";

export const paidText = (dollars: string): string => {
  const decimals = dollars.split(".")[1]?.length ?? 0;
  return `$${new Big(dollars).toFixed(Math.max(2, decimals))}`;
};
