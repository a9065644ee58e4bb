/** The table of all rows, sorted by a click on a column's name. */

const words = new Intl.Collator(undefined, { numeric: true });

/** Empty cells stay at the end, whichever way it is sorted. */
export function sortedRows(column, ascending, length) {
  const key = (row) => (column.numeric ? column.values[row] : column.cells[row]);
  const empty = (row) => key(row) === undefined || key(row) === "";
  const compare = (a, b) => (column.numeric ? key(a) - key(b) : words.compare(key(a), key(b)));
  return Array.from({ length }, (_, row) => row).sort((a, b) => {
    if (empty(a) || empty(b)) return Number(empty(a)) - Number(empty(b)) || a - b;
    return (ascending ? compare(a, b) : compare(b, a)) || a - b;
  });
}

export function showTable(table, { columns, length }) {
  const head = document.createElement("thead");
  const body = document.createElement("tbody");
  let by = { at: -1, ascending: true };

  const heads = columns.map((column, at) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    const button = document.createElement("button");
    button.type = "button";
    const arrow = document.createElement("span");
    arrow.className = "arrow";
    arrow.setAttribute("aria-hidden", "true");
    button.append(column.name, arrow);
    if (column.numeric) cell.className = "number";
    button.addEventListener("click", () => {
      by = { at, ascending: by.at === at ? !by.ascending : true };
      show();
    });
    cell.append(button);
    return { cell, arrow };
  });
  const row = document.createElement("tr");
  row.append(...heads.map(({ cell }) => cell));
  head.append(row);

  function show() {
    const order = by.at < 0 ? Array.from({ length }, (_, at) => at) : sortedRows(columns[by.at], by.ascending, length);
    for (const [at, { cell, arrow }] of heads.entries()) {
      const sorted = at === by.at;
      cell.setAttribute("aria-sort", sorted ? (by.ascending ? "ascending" : "descending") : "none");
      arrow.textContent = sorted ? (by.ascending ? " ▲" : " ▼") : " ↕"; // says that a click sorts
    }
    body.replaceChildren(
      ...order.map((index) => {
        const line = document.createElement("tr");
        line.append(
          ...columns.map((column) => {
            const cell = document.createElement("td");
            cell.textContent = column.text(index);
            if (column.numeric) cell.className = "number";
            return cell;
          }),
        );
        return line;
      }),
    );
  }
  show();
  table.replaceChildren(head, body);
}
