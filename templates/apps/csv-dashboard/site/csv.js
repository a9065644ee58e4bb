/** CSV as RFC 4180 has it: quotes, commas and line ends inside of quotes, CRLF or LF, a byte order mark. */

/** Rows of cells. A quote that never ends takes the rest of the file, as spreadsheets do. */
export function parseCsv(text) {
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    row.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  const source = text.replace(/^\uFEFF/, "");
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (quoted) {
      if (character !== '"') cell += character;
      else if (source[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === ",") endCell();
    else if (character === "\n") endRow();
    else if (character !== "\r" || source[at + 1] !== "\n") cell += character;
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}

/** "1,234.5", "12 %" and "$3" are numbers, too; anything else is undefined. */
export function numberIn(cell) {
  const plain = cell
    .trim()
    .replace(/^[$€£]\s?/, "")
    .replace(/\s?%$/, "");
  if (!/^[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(e[-+]?\d+)?$/i.test(plain) || !/\d/.test(plain)) return undefined;
  return Number(plain.replaceAll(",", ""));
}

/**
 * Columns with a name, rows of equal length, and which columns hold numbers: those where every cell that isn't empty does.
 * Throws an Error that a person can act on.
 */
export function tableOf(text) {
  const [names, ...rows] = parseCsv(text);
  if (!names) throw new Error("data.csv is empty: its first line must name the columns.");
  if (rows.length === 0) throw new Error("data.csv has a line of column names, and no rows below it.");
  const uneven = rows.findIndex((row) => row.length > names.length);
  if (uneven >= 0) throw new Error(`Row ${uneven + 2} of data.csv has ${rows[uneven].length} cells; there are ${names.length} columns.`);
  const columns = names.map((name, at) => {
    const cells = rows.map((row) => row[at] ?? "");
    const filled = cells.filter((cell) => cell.trim() !== "");
    const numeric = filled.length > 0 && filled.every((cell) => numberIn(cell) !== undefined);
    return { name: name.trim() || `Column ${at + 1}`, numeric, cells, values: numeric ? cells.map(numberIn) : [] };
  });
  if (!columns.some(({ numeric }) => numeric)) throw new Error("data.csv has no column of numbers: there is nothing to chart.");
  return { columns, length: rows.length };
}
