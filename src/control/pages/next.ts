/** Where a sign-in goes on to. */

export const home = "/admin/stats";
export const costsPath = "/admin/costs";

const longest = 500;
/** One slash, then no second one and no backslash, which browsers read as one; nothing that they would strip. */
const ownPath = /^\/(?!\/)[!-[\]-~]*$/;

/** A path of this server, or the first page: a link can't send anybody elsewhere after their sign-in. */
export const ownPathOr = (asked: string | undefined, fallback = home): string =>
  asked !== undefined && asked.length <= longest && ownPath.test(asked) ? asked : fallback;
