/** Of when prices are: the one day, or the oldest and the newest; empty where no date is known. */
export function asOf(dates: readonly (string | null)[]): string {
  const known = [...new Set(dates.filter((date) => date !== null && date !== ""))].sort();
  const [oldest, newest] = [known[0], known.at(-1)];
  return oldest === newest ? (oldest ?? "") : `${oldest} to ${newest}`;
}
