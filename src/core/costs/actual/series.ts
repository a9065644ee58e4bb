/** Exact sums in eight bytes each: there may be a million of them, and as many amounts to add. */
import Big from "big.js";

/** Cost Explorer and the report give ten digits after the point. */
const decimals = 10;
const plain = /^(-?)(\d{1,8})(?:\.(\d{1,10}))?$/;

/** An amount in units of the last digit, or whole where it has more of them. */
export type Exact = bigint | Big;

export function exact(amount: string): Exact {
  const [, sign = "", whole = "", fraction = ""] = plain.exec(amount) ?? [];
  return whole === "" ? new Big(amount) : BigInt(`${sign}${whole}${fraction.padEnd(decimals, "0")}`);
}

export interface Series {
  add(index: number, amount: Exact): void;
  at(index: number): string;
  /** True: every sum is nothing. */
  empty(): boolean;
}

export function series(length: number): Series {
  const units = new BigInt64Array(length);
  /** What eight bytes don't hold: more digits, or larger sums. */
  const rest = new Map<number, Big>();
  const inDollars = (unit: bigint): Big => new Big(String(unit)).div(10 ** decimals);
  const sum = (index: number): Big => inDollars(units[index] ?? 0n).plus(rest.get(index) ?? 0);
  return {
    add: (index, amount) => {
      const next = typeof amount === "bigint" ? (units[index] ?? 0n) + amount : undefined;
      if (next !== undefined && BigInt.asIntN(64, next) === next) units[index] = next;
      else rest.set(index, (rest.get(index) ?? new Big(0)).plus(typeof amount === "bigint" ? inDollars(amount) : amount));
    },
    at: (index) => (units[index] === 0n && !rest.has(index) ? "0" : sum(index).toFixed()),
    empty: () => units.every((unit, index) => (unit === 0n && !rest.has(index)) || sum(index).eq(0)),
  };
}
