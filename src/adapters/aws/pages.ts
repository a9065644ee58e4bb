/** Lists that AWS gives page by page, read to their end. */
import { translated } from "./errors.ts";

/** `page` is given no token first; the list ends where it returns none. */
export async function allPages<T>(
  doing: string,
  page: (token: string | undefined) => Promise<{ items: T[] | undefined; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await translated(doing, () => page(token));
    all.push(...(items ?? []));
    token = next === "" ? undefined : next; // the tagging API ends with an empty one
  } while (token !== undefined);
  return all;
}
