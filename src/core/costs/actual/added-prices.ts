/** What several questions cost together. */
import Big from "big.js";
import type { AnswerPrice } from "./cost-source.ts";

export const addedPrices = (paid: readonly AnswerPrice[]): AnswerPrice => ({
  requests: paid.reduce((sum, { requests }) => sum + requests, 0),
  dollars: paid.reduce((sum, { dollars }) => sum.plus(dollars), new Big(0)).toFixed(),
  bytesScanned: paid.reduce((sum, { bytesScanned }) => sum + bytesScanned, 0),
  reused: paid.length > 0 && paid.every(({ reused }) => reused),
});
