/** CSV as RFC 4180 has it: quotes, commas and line ends inside of quotes, CRLF or LF, a byte order mark. */

/** Rows of cells. Throws an Error that names the row when a quote never ends: the rest of the file would be one cell. */
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
  if (quoted) throw new Error(`Row ${rows.length + 1} of data.csv opens a quote that never ends.`);
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

/** Years are numbers to a parser and dates to a reader: only a first column of them names the rows. */
const isYears = (cells, at) => at === 0 && cells.every((cell) => /^(1[6-9]|20|21)\d\d$/.test(cell.trim()));

/** As many decimals as the column has, so that its numbers stand below each other; a unit beside a number is kept. */
function textOf(cells) {
  if (cells.some((cell) => /[$€£%e]/i.test(cell))) return (at) => cells[at];
  const decimals = Math.min(
    20,
    cells.reduce((most, cell) => Math.max(most, /\.(\d*)/.exec(cell)?.[1].length ?? 0), 0),
  );
  const format = new Intl.NumberFormat(undefined, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (at) => (cells[at].trim() === "" ? "" : format.format(numberIn(cells[at])));
}

/**
 * Columns with a name, rows of equal length, and which columns hold numbers: those where every cell that isn't empty does.
 * `text(row)` is a cell as people read it; `labels` says that the column names the rows.
 * Throws an Error that a person can act on.
 */
export function tableOf(text) {
  const [names, ...rows] = parseCsv(text);
  if (!names) throw new Error("data.csv is empty: its first line must name the columns.");
  if (rows.length === 0) throw new Error("data.csv has a line of column names, and no rows below it.");
  if (names.length === 1 && /[;\t]/.test(names[0])) throw new Error("data.csv is separated by semicolons or tabs: save it with commas.");
  const uneven = rows.findIndex((row) => row.length > names.length);
  if (uneven >= 0) throw new Error(`Row ${uneven + 2} of data.csv has ${rows[uneven].length} cells; there are ${names.length} columns.`);
  const columns = names.map((name, at) => {
    const cells = rows.map((row) => row[at] ?? "");
    const filled = cells.filter((cell) => cell.trim() !== "");
    const numeric = filled.length > 0 && filled.every((cell) => numberIn(cell) !== undefined);
    const labels = !numeric || isYears(cells, at);
    const text = labels ? (row) => cells[row] : textOf(cells);
    return { name: name.trim() || `Column ${at + 1}`, numeric, labels, cells, text, values: numeric ? cells.map(numberIn) : [] };
  });
  if (!columns.some(({ numeric }) => numeric)) throw new Error("data.csv has no column of numbers: there is nothing to chart.");
  return { columns, length: rows.length };
}
