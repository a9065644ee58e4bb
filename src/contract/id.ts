/** Ids as people type them, without the library that the rest of the contract is checked with: commands ask this before all else. */

export const idPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
export const idMaxLength = 24;
export const idRules = {
  length: `is longer than ${idMaxLength} characters`,
  pattern: "must start with a letter and hold only a-z, 0-9 and single hyphens",
};

/** What is wrong with a tenant's, user's or project's id; undefined: nothing. */
export function idFault(id: string): string | undefined {
  if (id.length > idMaxLength) return idRules.length;
  return idPattern.test(id) ? undefined : idRules.pattern;
}
