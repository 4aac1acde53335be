// Gives each cell the heading of its column, which manual.css shows on narrow screens.
"use strict";

for (const table of document.querySelectorAll("table.docutils")) {
  const heads = [...table.querySelectorAll("thead th")].map((th) => th.textContent.trim());
  table.dataset.columns = heads.length;
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, number) => {
      cell.dataset.heading = heads[number] ?? "";
    });
  }
}
