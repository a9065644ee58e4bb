/** Comma-separated values as they arrive (RFC 4180): a row at a time, never a whole file. */

/** No row of a price list is nearly as long; something else is. */
const longestRow = 1_000_000;

/** Error `RangeError` on a row without end. */
export async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<string[]> {
  let rest = "";
  for await (const part of text) {
    rest += part;
    let from = 0;
    for (let end = rowEnd(rest, from); end >= 0; end = rowEnd(rest, from)) {
      if (end > from) yield fields(rest.slice(from, end).replace(/\r$/, ""));
      from = end + 1;
    }
    rest = rest.slice(from);
    if (rest.length > longestRow) throw new RangeError("a row without end");
  }
  if (rest !== "") yield fields(rest.replace(/\r$/, ""));
}

/** The line break that ends a row: one inside quotes doesn't. */
function rowEnd(text: string, from: number): number {
  let quotes = 0;
  let seen = from;
  for (let end = text.indexOf("\n", from); end >= 0; end = text.indexOf("\n", end + 1)) {
    for (; seen < end; seen++) if (text.charCodeAt(seen) === 34) quotes++;
    if (quotes % 2 === 0) return end;
  }
  return -1;
}

function fields(row: string): string[] {
  const found: string[] = [];
  for (let at = 0; ; at++) {
    let end: number;
    if (row[at] === '"') {
      end = closingQuote(row, at + 1);
      found.push(row.slice(at + 1, end).replaceAll('""', '"'));
      end++;
    } else {
      const comma = row.indexOf(",", at);
      end = comma < 0 ? row.length : comma;
      found.push(row.slice(at, end));
    }
    if (end >= row.length) return found;
    at = end;
  }
}

function closingQuote(row: string, from: number): number {
  for (let at = row.indexOf('"', from); at >= 0; at = row.indexOf('"', at + 2)) if (row[at + 1] !== '"') return at;
  return row.length;
}
