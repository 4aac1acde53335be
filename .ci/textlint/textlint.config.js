// The prose of README.md and of docs/, for "make lint".
"use strict";

const { join } = require("node:path");

module.exports = {
  plugins: { [join(__dirname, "myst.js")]: true },
  rules: {
    // The project's own list: words and turns, each with what to write instead.
    prh: {
      rulePaths: [join(__dirname, "prose.yml")],
      checkLink: true,
      checkBlockQuote: true,
      checkEmphasis: true,
    },
    // In characters: some 25 words.
    "sentence-length": { max: 160 },
    "max-comma": { max: 5 },
    // Not what is right in "a number of seconds", or in "sign in again and go on".
    "stop-words": { exclude: ["a number of", "all of", "go on", "is a number", "new record"] },
    terminology: {
      defaultTerms: true,
      exclude: ["readme(s)?", "regexp?(s)?", "style-?sheet(s)?"],
    },
  },
};
