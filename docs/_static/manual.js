// Gives each cell the heading of its column, which manual.css shows on narrow screens, and
// marks the code that fits on one line of a phone: a browser would break it at a hyphen.
"use strict";

for (const table of document.querySelectorAll("table.docutils")) {
  const heads = [...table.querySelectorAll("thead th")].map((th) => th.textContent.trim());
  table.dataset.columns = heads.length;
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, number) => {
      cell.dataset.heading = heads[number] ?? "";
    });
  }
  for (const word of table.querySelectorAll("code .pre")) {
    word.classList.toggle("short", word.textContent.length <= 30);
  }
}

// A heading that is a long name breaks after "_" or ".", not in the middle of a word.
for (const heading of document.querySelectorAll("article :is(h1, h2, h3)")) {
  const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode()); ) {
    const end = text.data.search(/(?<=\w[_.])(?=\w)/);
    if (end > 0) {
      text.splitText(end).before(document.createElement("wbr"));
    }
  }
}
