/** `chartctl/app`: the application's table, for handlers in TypeScript. On AWS it is DynamoDB, in a preview it is in memory. */

export interface Item {
  pk: string;
  sk: string;
  [attribute: string]: unknown;
}

export interface Query {
  /** First and last `sk`, both included, in the order of their UTF-8 bytes. */
  from?: string;
  to?: string;
  /** At most so many items (default: 1,000). */
  limit?: number;
  newestFirst?: boolean;
}

export interface Table {
  put(item: Item): Promise<void>;
  /** Undefined when there is none. */
  get(pk: string, sk: string): Promise<Item | undefined>;
  /** Items of one `pk`, ordered by `sk`. */
  query(pk: string, query?: Query): Promise<Item[]>;
  delete(pk: string, sk: string): Promise<void>;
}

export declare const table: Table;
