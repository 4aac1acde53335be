// Markdown as MyST has it: what a directive holds (a note, a card, a grid) is prose, which
// Markdown alone would take for code. Fences and options become blanks, so that every
// character stays where it is.
"use strict";

const { Processor: Markdown } = require.main.require(
  "@textlint/textlint-plugin-markdown",
).default;

const PROSE = new Set([
  "admonition", "caution", "div", "dropdown", "grid", "grid-item", "grid-item-card", "hint",
  "important", "note", "seealso", "tab-item", "tab-set", "tip", "warning",
]);
const OPENING = /^\s*(`{3,}|:{3,})\{([\w-]+)\}/;
const OPTION = /^\s*:[\w-]+:/;

const blank = (line) => " ".repeat(line.length);

function unwrap(text) {
  const open = [];
  let head = false;
  let code = null;
  const lines = text.split("\n").map((line) => {
    const bare = line.trim();
    if (code) {
      if (bare === code) code = null;
      return line;
    }
    const [, fence, name] = line.match(OPENING) ?? [];
    if (PROSE.has(name)) {
      open.push(fence);
      head = true;
      return blank(line);
    }
    if (head && OPTION.test(line)) return blank(line);
    head = false;
    if (open.length && bare === open.at(-1)) {
      open.pop();
      return blank(line);
    }
    code = line.match(/^\s*(`{3,})/)?.[1] ?? null;
    return line;
  });
  return lines.join("\n");
}

class Processor extends Markdown {
  processor(extension) {
    const { preProcess, ...rest } = super.processor(extension);
    return { ...rest, preProcess: (text, path) => preProcess(unwrap(text), path) };
  }
}

module.exports = { Processor };
