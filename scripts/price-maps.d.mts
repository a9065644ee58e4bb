export function readMaps(folder: string): {
  offer: string;
  published: string;
  source: string;
  prices: { places: Record<string, Record<string, [string, string][]>>; unclear: { place: string; name: string }[] };
}[];
