// The one script the page asks for. Its parts import each other by their plain names, so each of them runs once, also where
// the files of a page are served under names that hold their checksum.
import "./tabs.js";
import "./grid.js";
import "./arrange.js";
import "./edit.js";
import "./draw.js";
import "./undo.js";
import "./poll.js";
import "./conflict.js";
import "./editor/criterion.js";
import "./impact.js";
import "./testing.js";
import "./findings.js";
import "./comments.js";
