/** One exact sum a period, in eight bytes each: there may be a million of them. */
import Big from "big.js";

/** Cost Explorer and the report give ten digits after the point. */
const decimals = 10;
const plain = /^(-?)(\d{1,8})(?:\.(\d{1,10}))?$/;

export interface Series {
  add(index: number, amount: string): void;
  at(index: number): string;
  /** True: every sum is nothing. */
  empty(): boolean;
}

export function series(length: number): Series {
  const units = new BigInt64Array(length);
  /** What eight bytes don't hold: more digits, or larger sums. */
  const rest = new Map<number, Big>();
  const inUnits = (index: number): Big => new Big(String(units[index] ?? 0)).div(10 ** decimals);
  const sum = (index: number): Big => inUnits(index).plus(rest.get(index) ?? 0);
  return {
    add: (index, amount) => {
      const [, sign = "", whole = "", fraction = ""] = plain.exec(amount) ?? [];
      if (whole !== "") {
        const next = (units[index] ?? 0n) + BigInt(`${sign}${whole}${fraction.padEnd(decimals, "0")}`);
        if (BigInt.asIntN(64, next) === next) {
          units[index] = next;
          return;
        }
      }
      rest.set(index, (rest.get(index) ?? new Big(0)).plus(amount));
    },
    at: (index) => (units[index] === 0n && !rest.has(index) ? "0" : sum(index).toFixed()),
    empty: () => units.every((unit, index) => (unit === 0n && !rest.has(index)) || sum(index).eq(0)),
  };
}
