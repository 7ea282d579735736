// The console's one style sheet. Logical properties throughout, so right to left needs no rule of
// its own; every colour pair has a contrast of at least 4.5:1 in both schemes.
#include "entente/api/page.h"

namespace entente::api {

const std::string_view kConsoleStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --sheet: #ffffff; --ink: #1d2430; --soft: #586273; --line: #d9d8d2;
  --accent: #1f4e79; --on-accent: #ffffff; --tint: #eaf0f6;
  --warn: #7a4b00; --warn-tint: #fdf1d8; --bad: #8c1d18; --bad-tint: #fbe9e7;
  --good: #1c5e3a; --good-tint: #e6f3ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181f; --sheet: #1b212b; --ink: #e8eaee; --soft: #a9b2c0; --line: #343d4b;
    --accent: #8fbce6; --on-accent: #10161f; --tint: #22303f;
    --warn: #f2c879; --warn-tint: #3a2d12; --bad: #f5a8a1; --bad-tint: #421f1d;
    --good: #94d6b0; --good-tint: #1a3527;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.6 system-ui, "Noto Sans", "Noto Sans Arabic", sans-serif; }
[lang="ar"] { font-family: "Noto Naskh Arabic", "Noto Sans Arabic", system-ui, sans-serif; }
html[lang="ar"] { font-size: 112.5%; line-height: 1.75; }
body { margin: 0; background: var(--paper); color: var(--ink); }
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.skip { position: absolute; inset-inline-start: -999rem; padding: .5rem 1rem; }
.skip:focus { inset-inline-start: .5rem; inset-block-start: .5rem; background: var(--sheet); }
.exercise {
  margin: 0; padding: .35rem 1.5rem; text-align: center; font-size: .875rem;
  background: var(--warn-tint); color: var(--warn); border-block-end: 1px solid var(--warn);
}
header {
  display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.75rem;
  padding: .75rem 1.5rem; background: var(--sheet); border-block-end: 1px solid var(--line);
}
header ul {
  display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; list-style: none;
}
header a { text-decoration: none; padding-block: .25rem; display: inline-block; }
header a:hover { text-decoration: underline; }
header [aria-current] { color: var(--ink); font-weight: 600; box-shadow: 0 2px 0 var(--accent); }
.brand { margin: 0; display: flex; flex-direction: column; line-height: 1.3; }
.brand a { font-size: 1.25rem; font-weight: 700; letter-spacing: .01em; padding: 0; }
.brand span { font-size: .8125rem; color: var(--soft); }
.tools {
  display: flex; flex-wrap: wrap; align-items: center; gap: 1rem; margin-inline-start: auto;
  font-size: .9375rem;
}
main { max-inline-size: 76rem; margin-inline: auto; padding: 1.5rem; }
h1 { font-size: 1.625rem; line-height: 1.3; margin-block: .25rem .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1875rem; margin-block: 2rem .5rem; }
code { font: .875em/1.5 ui-monospace, "Noto Sans Mono", monospace; overflow-wrap: anywhere; }
time { white-space: nowrap; }
samp { font: inherit; overflow-wrap: anywhere; }
.lead { color: var(--soft); margin-block-start: 0; }
.note {
  padding: .75rem 1rem; background: var(--tint); border-inline-start: 4px solid var(--accent);
  border-radius: 3px;
}
blockquote {
  margin: 1rem 0; padding-inline-start: 1rem; border-inline-start: 4px solid var(--line);
  white-space: pre-line;
}
.scroll {
  overflow-x: auto; margin-block: 1rem; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 6px;
}
table { inline-size: 100%; border-collapse: collapse; }
caption { text-align: start; padding: .75rem 1rem; font-weight: 600; }
th, td {
  text-align: start; vertical-align: top; padding: .6rem 1rem;
  border-block-start: 1px solid var(--line);
}
thead th { font-size: .8125rem; color: var(--soft); white-space: nowrap; }
tbody th { font-weight: 500; }
td ul { margin: 0; padding: 0; list-style: none; }
.texts { table-layout: fixed; border-style: hidden; }
.texts td, .texts th { border: 1px solid var(--line); }
.texts td { hyphens: auto; overflow-wrap: break-word; }
html:not([lang="ar"]) .texts [lang="ar"] { font-size: 1.125em; line-height: 1.75; }
.texts h2 { font-size: 1em; margin-block: 0 .25rem; line-height: 1.4; }
.texts h2 > span { display: block; font-size: .8125em; font-weight: 600; color: var(--soft); }
.texts p { margin: 0; white-space: pre-line; }
.texts .title { font-weight: 700; margin-block-end: .5rem; }
.texts .party { color: var(--soft); }
.cards { margin: 0; padding: 0; list-style: none; display: grid; gap: .5rem; }
.cards li {
  padding: .75rem 1rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px;
}
dl { margin: 1rem 0; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; }
dl > div {
  display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem;
  padding: .5rem 1rem;
}
dl > div + div { border-block-start: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; min-inline-size: 0; overflow-wrap: anywhere; }
dd ul { margin: 0; padding-inline-start: 1.1rem; }
.state {
  display: inline-block; padding: 0 .6rem; border: 1px solid currentColor; border-radius: 1rem;
  font-size: .8125rem; color: var(--soft); white-space: nowrap;
}
.connected, .done, .in-force, .co-signed, .published, .settled {
  color: var(--good); background: var(--good-tint);
}
.disconnected, .offered, .proposed, .pending, .running {
  color: var(--warn); background: var(--warn-tint);
}
.disputed, .failed, .refused, .expired { color: var(--bad); background: var(--bad-tint); }
.progress { display: flex; align-items: center; gap: .75rem; margin-block: .5rem 0; }
progress { inline-size: min(24rem, 60%); block-size: .75rem; accent-color: var(--accent); }
.actions { display: flex; flex-wrap: wrap; align-items: end; gap: 1rem 2rem; margin-block: 1.5rem; }
main form:not(.choice) { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; }
form p { margin: 0; }
.choice { display: flex; flex-wrap: wrap; align-items: end; gap: 1rem; }
fieldset {
  display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; border: 1px solid var(--line);
  border-radius: 6px; padding: .5rem 1rem;
}
legend { font-size: .8125rem; color: var(--soft); }
button, select {
  font: inherit; padding: .4rem 1.1rem; border-radius: 6px; border: 1px solid var(--accent);
  cursor: pointer;
}
.primary { background: var(--accent); color: var(--on-accent); font-weight: 600; }
.quiet, select { background: var(--sheet); color: var(--accent); }
button:hover { filter: brightness(1.08); text-decoration: underline; }
@media screen and (max-width: 40rem) {
  main { padding: 1rem; }
  dl > div { grid-template-columns: 1fr; }
  .tools { margin-inline-start: 0; }
  table { min-inline-size: 44rem; }
  .texts { min-inline-size: 0; }
  .texts, .texts tbody, .texts tr, .texts td { display: block; }
  .texts caption { display: block; }
  .texts thead { display: none; }
  .texts td { border-width: 0 0 1px; }
  .texts tr { border-block-end: 3px double var(--line); }
}
@page { size: A4; margin: 15mm; @bottom-center { content: counter(page) " / " counter(pages); } }
@media print {
  :root {
    color-scheme: light; --paper: #fff; --sheet: #fff; --ink: #000; --soft: #333; --line: #888;
    --accent: #000; --tint: #fff; --warn: #000; --warn-tint: #fff; --bad: #000; --bad-tint: #fff;
    --good: #000; --good-tint: #fff;
  }
  html, html[lang="ar"] { font-size: 10pt; }
  header, .skip, .choice, .actions, .terms { display: none; }
  main { max-inline-size: none; padding: 0; }
  .scroll { overflow: visible; border: 0; }
  th, td, dl > div { padding: .3rem .5rem; }
  a { color: inherit; text-decoration: none; }
  :focus-visible { outline: none; }
  .texts { font-size: .9em; }
  thead th { white-space: normal; }
  tr, h1, h2, caption { break-inside: avoid; }
  h1, h2, caption { break-after: avoid; }
}
)css";

}  // namespace entente::api
